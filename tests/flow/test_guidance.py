"""Guidance of the frames to be made alone."""

from dataclasses import replace

import pytest
import torch

from diamoe.errors import ConfigError
from diamoe.flow.sampling import BUCKET, Sampling, guided, guided_alone, made_frames, sample
from diamoe.model.dit import Conditioning
from tests.factory import tiny_model


def conditioning(heads: list[int], lengths: list[int], size: int) -> Conditioning:
    """Random text and prompts of `heads` frames in rows of `lengths`, padded to `size`."""
    generator = torch.Generator().manual_seed(0)
    frames = torch.arange(size)
    known = frames < torch.tensor(heads)[:, None]
    mask = frames < torch.tensor(lengths)[:, None]
    text = torch.randn(len(heads), size, 16, generator=generator) * mask.unsqueeze(-1)
    prompt = torch.randn(len(heads), size, 100, generator=generator) * known.unsqueeze(-1)
    return Conditioning(text, prompt, known, mask)


@pytest.fixture(scope="module")
def dit():
    return tiny_model().dit


@torch.no_grad()
def test_without_a_prompt_it_is_plain_guidance(dit):
    told = conditioning([0], [BUCKET], BUCKET)
    x, time = torch.randn(1, BUCKET, 100), torch.tensor(0.3)
    made, whole = (make(dit, told, 2.0)(x, time) for make in (guided_alone, guided))
    torch.testing.assert_close(made, whole, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_the_prompt_follows_the_conditional_side_and_the_rest_is_bent(dit):
    told = conditioning([20], [60], 64)
    x, time = torch.randn(1, 64, 100), torch.tensor(0.3)
    bent, plain = (guided_alone(dit, told, scale)(x, time) for scale in (2.0, 0.0))
    assert torch.equal(bent[:, :20], plain[:, :20])
    assert (bent - plain)[:, 20:60].abs().min(dim=2).values.max() > 1e-4
    outside = guided_alone(dit, told, 2.0, (0.5, 1.0))(x, time)
    assert torch.equal(outside, plain)


@torch.no_grad()
def test_the_prompt_has_its_share_of_the_guidance(dit):
    told = conditioning([20, 30], [60, 64], 64)
    x, time = torch.randn(2, 64, 100), torch.tensor(0.3)
    none, half, plain = (Sampling(prompt_share=s).field(dit, told)(x, time) for s in (0, 0.5, 1))
    assert (none - plain)[:, 30:60].abs().max() > 1e-3
    torch.testing.assert_close(half, (none + plain) / 2, atol=1e-4, rtol=1e-4)
    assert torch.equal(none[0, :20], plain[0, :20])
    late, told_late = (Sampling(prompt_share=s, prompt_from=0.5).field(dit, told) for s in (0, 1))
    assert torch.equal(late(x, time), told_late(x, time))
    with pytest.raises(ConfigError, match="prompt_share must lie between 0 and 1, found 2"):
        Sampling(prompt_share=2)
    with pytest.raises(ConfigError, match="prompt_share must be 1 where guide is 'all'"):
        Sampling(prompt_share=0.5, guide="all")

    class Whole(Conditioning):
        separable = False

    whole = Whole(told.text, told.prompt, told.known, told.mask)
    with pytest.raises(ConfigError, match="prompt_share must be 1 for an imported network"):
        Sampling(prompt_share=0.5).field(dit, whole)


@torch.no_grad()
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("prompt_from", "share"), [(0.0, 1.0), (0.1, 1.0), (0.0, 0.5)])
def test_a_row_is_the_same_whatever_stands_beside_it(dit, precision, prompt_from, share):
    size = 128
    several = conditioning([20, 40, 0], [100, 128, 90], size)
    noise = torch.randn(3, size, 100, generator=torch.Generator().manual_seed(1))
    sampling = Sampling(steps=2, prompt_from=prompt_from, prompt_share=share)
    with torch.autocast("cpu", precision, enabled=precision != torch.float32):
        together = sampling.solve(dit, several, noise)
        for i in (0, 1):  # as wide as in the batch without their prompts, too
            rows = {
                name: getattr(several, name)[i : i + 1]
                for name in ("text", "prompt", "known", "mask")
            }
            alone = sampling.solve(dit, replace(several, **rows), noise[i : i + 1])
            length = int(several.mask[i].sum())
            torch.testing.assert_close(
                alone[0, :length], together[i, :length], atol=1e-5, rtol=1e-5
            )


@torch.no_grad()
def test_a_late_prompt_is_told_from_its_time_on_and_not_before(dit):
    told = conditioning([20], [60], 64)
    other = replace(told, prompt=told.prompt.flip(1).roll(20, 1))
    field, heard_other = (Sampling(prompt_from=0.2).field(dit, c) for c in (told, other))
    x = torch.randn(1, 64, 100)
    early, late = torch.tensor(0.1), torch.tensor(0.2)
    made = slice(20, 60)
    assert not torch.equal(told.prompt, other.prompt)
    assert torch.equal(field(x, early)[:, made], heard_other(x, early)[:, made])
    assert not torch.equal(field(x, late)[:, made], heard_other(x, late)[:, made])
    assert torch.equal(field(x, late), Sampling().field(dit, told)(x, late))
    alone = replace(told.frames(slice(20, None)), known=torch.zeros(1, 44, dtype=torch.bool))
    plain = Sampling().field(dit, alone)(x[:, 20:], early)
    torch.testing.assert_close(field(x, early)[:, made], plain[:, :40], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_the_prompt_is_where_it_belongs_when_it_is_told(dit):
    """On the straight line from noise to what it is."""
    told = conditioning([20], [64], 64)
    noise, join = torch.randn(1, 64, 100), torch.tensor([0.0, 0.1, 0.3])
    x = sample(Sampling(prompt_from=0.3).field(dit, told), noise, join)
    torch.testing.assert_close(x[:, :20], 0.7 * noise[:, :20] + 0.3 * told.prompt[:, :20])


@torch.no_grad()
def test_without_a_voice_there_is_nothing_to_be_told_late(dit):
    told = conditioning([0], [BUCKET], BUCKET)
    x, time = torch.randn(1, BUCKET, 100), torch.tensor(0.1)
    late, plain = (Sampling(prompt_from=p).field(dit, told)(x, time) for p in (0.3, 0.0))
    assert torch.equal(late, plain)


def test_frames_to_be_made_come_after_each_prompt():
    index, real = made_frames(conditioning([20, 40], [100, 90], 128))
    assert index.shape == real.shape == (2, 96)
    assert real.sum(1).tolist() == [80, 50]
    assert index[0, 0] == 20 and index[1, 49] == 89 and index.max() == 127


@torch.no_grad()
def test_smoothing_averages_frames_and_leaves_out_padding(dit):
    made = conditioning([20], [60], 64)
    x0 = torch.randn(made.prompt.shape, generator=torch.Generator().manual_seed(0))
    plain = Sampling(steps=2).solve(dit, made, x0)
    smooth = Sampling(steps=2, smoothing=3).solve(dit, made, x0)
    inside = (plain[0, :58] + 2 * plain[0, 1:59] + plain[0, 2:60]) / 4
    torch.testing.assert_close(smooth[0, 1:59], inside)
    torch.testing.assert_close(smooth[0, 59], (2 * plain[0, 59] + plain[0, 58]) / 3)
    with pytest.raises(ConfigError, match="smoothing must be odd, found 4"):
        Sampling(smoothing=4)


@torch.no_grad()
def test_contrast_deepens_what_departs_from_the_bands_around(dit):
    made = conditioning([20], [60], 64)
    x0 = torch.randn(made.prompt.shape, generator=torch.Generator().manual_seed(0))
    plain = Sampling(steps=2).solve(dit, made, x0)
    deeper = Sampling(steps=2, contrast=0.5).solve(dit, made, x0)
    around = plain[0, :, 13:28].mean(dim=1)
    torch.testing.assert_close(deeper[0, :, 20], plain[0, :, 20] + (plain[0, :, 20] - around) / 2)
    with pytest.raises(ConfigError, match="contrast must lie between 0 and 1, found -1"):
        Sampling(contrast=-1)
