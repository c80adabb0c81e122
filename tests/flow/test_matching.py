"""The objective: what it asks for, and that a model can learn it."""

import pytest
import torch

from diamoe.errors import BundleError
from diamoe.flow.matching import FlowMatcher, infill_mask
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.model.dit import Conditioning
from diamoe.text.vocabulary import PhoneVocabulary
from tests.factory import VOCABULARY, make_batch, tiny_model


def test_the_same_generator_gives_the_same_loss():
    model, batch = tiny_model(), make_batch([0, 1])
    losses = [
        FlowMatcher(model).loss(batch, torch.Generator().manual_seed(seed)).total.item()
        for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]


def test_infill_hides_at_least_the_smallest_share():
    frames = torch.tensor([40, 11, 3])
    for seed in range(20):
        mask = infill_mask(frames, 44, 0.6, torch.Generator().manual_seed(seed))
        hidden = mask.sum(dim=1)
        assert (hidden >= (0.6 * frames).ceil() - 1).all() and (hidden <= frames).all()
        assert not mask[1, 11:].any()


def test_every_parameter_receives_gradient():
    """Nothing in the model is dead: each parameter is reached from the total loss."""
    model, batch = tiny_model(), make_batch([0, 1, 2, 3])
    for seed in range(4):
        FlowMatcher(model).loss(batch, torch.Generator().manual_seed(seed)).total.backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None]
    assert silent in ([], ["dit.frame_layout.filler"])


@pytest.mark.parametrize("layout", ["even", "duration"])
def test_overfits_four_utterances(layout):
    model, batch = tiny_model(layout=layout).train(), make_batch([0, 1, 2, 3])
    matcher = FlowMatcher(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for step in range(200):
        loss = matcher.loss(batch, torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
        losses.append(loss.flow.item())
    assert sum(losses[-20:]) < 0.5 * sum(losses[:20])


def test_guidance_is_one_call_and_zero_guidance_is_the_plain_field():
    model, batch = tiny_model(), make_batch([0])
    mask = batch.frame_mask
    text = torch.randn(1, mask.shape[1], 16)
    conditioning = Conditioning(text, batch.mel * 0, mask & False, mask)
    x, time = torch.randn_like(batch.mel), torch.tensor(0.4)
    with torch.inference_mode():
        plain = model.dit(x, time.expand(1), conditioning)
        null = model.dit(x, time.expand(1), conditioning.null())
        torch.testing.assert_close(guided(model.dit, conditioning, 0.0)(x, time), plain)
        strong = guided(model.dit, conditioning, 2.0)(x, time)
    torch.testing.assert_close(strong, plain + 2 * (plain - null), rtol=1e-3, atol=1e-4)


def test_the_solver_follows_a_known_field():
    """dx/dt = x from 1 over [0, 1] reaches e as steps grow."""
    end = sample(lambda x, t: x, torch.ones(1, 1, 1), torch.linspace(0, 1, 2001))
    assert abs(end.item() - 2.71828) < 1e-2
    times = sway_times(16)
    assert times[0] == 0 and torch.isclose(times[-1], torch.tensor(1.0))
    assert (times.diff() > 0).all()


def test_a_model_grows_with_its_vocabulary():
    model = tiny_model()
    new = PhoneVocabulary((*VOCABULARY.tokens, "ʘ", "ˈʘᴴᴸ"))
    grown = model.grown(VOCABULARY, new)
    ids = torch.arange(len(VOCABULARY)).unsqueeze(0)
    assert torch.equal(model.dit.text_encoder.embedding(ids), grown.dit.text_encoder.embedding(ids))
    assert torch.isfinite(grown.duration.embedding(torch.tensor([[len(new) - 1]]))).all()
    with pytest.raises(BundleError, match="not the first"):
        model.grown(VOCABULARY, PhoneVocabulary(VOCABULARY.tokens[5:]))
