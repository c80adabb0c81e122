"""A student learns its teacher's way, and its bundle says how it is sampled."""

from dataclasses import replace

import pytest
import torch

from diamoe.errors import BundleError, ConfigError
from diamoe.flow.distillation import jump_loss, teacher_path
from diamoe.flow.sampling import PRUNED, Sampling, sample
from diamoe.synthesis.making import Maker, Order, stacked
from diamoe.synthesis.options import SynthesisOptions, bundle_sampling
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.text.phones import PhoneSeq
from tests.factory import PHRASES, tiny_bundle, tiny_model

TEACHER = Sampling(steps=8, guidance=1.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Conditioning and noise of three phrases."""
    synthesizer = Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("b") / "tiny"))
    maker = Maker(synthesizer.bundle)
    voice = synthesizer.voice("anna", "putonghua")
    orders = [
        Order(PhoneSeq.parse(text, dialect), voice, TEACHER, seed=i)
        for i, (dialect, text) in enumerate(PHRASES[:3])
    ]
    with torch.no_grad():
        return synthesizer, *stacked([maker.plan(order) for order in orders])


def test_the_path_is_the_guided_teachers(made):
    synthesizer, conditioning, noise = made
    dit = synthesizer.bundle.model.dit
    with torch.no_grad():
        path = teacher_path(dit, conditioning, noise, TEACHER, 4, 2)
        whole = TEACHER.solve(dit, conditioning, noise)
    assert path.points.shape[0] == 5 and torch.equal(path.points[0], noise)
    assert torch.allclose(path.points[-1], whole, atol=1e-4)


def test_a_student_that_jumps_rightly_has_no_loss_and_learning_lowers_it(made):
    synthesizer, conditioning, noise = made
    with torch.no_grad():
        path = teacher_path(synthesizer.bundle.model.dit, conditioning, noise, TEACHER, 4, 2)
    jump = 3
    span = path.times[jump + 1] - path.times[jump]
    right = (path.points[jump + 1] - path.points[jump]) / span
    assert jump_loss(lambda *_: right, path, jump) < 1e-8
    padded = right + 9.0 * ~conditioning.mask.unsqueeze(-1)  # padding does not count
    assert jump_loss(lambda *_: padded, path, jump) < 1e-8
    known = right + 9.0 * conditioning.known.unsqueeze(-1)  # what is known does
    assert jump_loss(lambda *_: known, path, jump) > 1

    student = tiny_model().dit
    optimiser = torch.optim.Adam(student.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        loss = jump_loss(student, path, jump)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.9 * losses[0]


def test_a_student_is_told_the_prompt_when_its_teacher_is(made):
    """Of a voice that joins in late the first stretch knows nothing."""
    synthesizer, conditioning, noise = made
    dit, late = synthesizer.bundle.model.dit, replace(TEACHER, prompt_from=0.07, smoothing=3)
    with torch.no_grad():
        path = teacher_path(dit, conditioning, noise, late, 4, 2)
    assert path.sampling == replace(late, steps=4, guidance=0.0)
    seen = []

    def student(x, time, told):
        seen.append(bool(told.known.any()))
        return torch.zeros_like(x)

    for jump in range(4):
        jump_loss(student, path, jump)
    assert seen == [False, True, True, True]


@pytest.mark.parametrize("solver", ["midpoint", "heun"])
def test_second_order_solvers_are_nearer_with_the_same_steps(solver):
    """dx/dt = x from 1: e at 1."""
    times = torch.linspace(0, 1, 5)
    one = torch.ones(1, 1, 1)
    missed = {
        s: abs(float(sample(lambda x, t: x, one, times, s)) - 2.718282) for s in ("euler", solver)
    }
    assert missed[solver] < 0.2 * missed["euler"]


def test_guidance_interval_and_schedules(made):
    synthesizer, conditioning, noise = made
    dit = synthesizer.bundle.model.dit
    with torch.no_grad():
        never = Sampling(2, 3.0, guide_from=1.0).solve(dit, conditioning, noise)
        off = Sampling(2, 0.0).solve(dit, conditioning, noise)
        on = Sampling(2, 3.0).solve(dit, conditioning, noise)
    assert torch.equal(never, off) and not torch.allclose(on, off, atol=1e-3)
    for steps in PRUNED:
        times = Sampling(steps, schedule="pruned").times()
        assert len(times) == steps + 1 and (times.diff() > 0).all() and times[-1] == 1


@pytest.mark.parametrize(
    "wrong",
    [{"steps": 0}, {"solver": "rk4"}, {"steps": 3, "schedule": "pruned"}, {"guidance": -1.0}],
)
def test_impossible_sampling_is_refused(wrong):
    with pytest.raises(ConfigError, match="must"):
        Sampling(**wrong)


def test_a_bundle_says_how_it_is_sampled(tmp_path):
    folder = tiny_bundle(tmp_path / "tiny")
    assert bundle_sampling(folder) == Sampling()
    (folder / "sampling.json").write_text('{"steps": 4, "guidance": 0.0}')
    sampling = Synthesizer.from_bundle(folder).sampling
    assert (sampling.steps, sampling.guidance) == (4, 0.0)
    assert SynthesisOptions(steps=9).sampling(sampling).steps == 9
    assert SynthesisOptions().sampling(sampling) == sampling
    (folder / "sampling.json").write_text('{"stepps": 4}')
    with pytest.raises(BundleError, match="stepps"):
        Synthesizer.from_bundle(folder)
