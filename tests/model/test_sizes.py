"""The sizes that come with the package: each builds, trains a step and samples."""

import pytest
import torch

from diamoe.flow.matching import FlowMatcher
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.inspect.flops import make_model, random_batch
from diamoe.model.dit import Conditioning
from tests.factory import VOCABULARY, make_batch, tiny_model


@pytest.mark.parametrize(
    ("name", "millions"), [("seed", 345.6), ("small", 112.2), ("tiny", 10.8), ("test", 0.4)]
)
def test_parameters_and_shapes(name, millions):
    """On the meta device: the count, the velocity's shape, and a gradient's way through."""
    model = make_model(name, "meta")
    found = sum(p.numel() for p in model.parameters()) / 1e6
    assert found == pytest.approx(millions, abs=0.06)
    batch = random_batch(2, 40, model.config.model, VOCABULARY, "meta")
    mask = batch.frame_mask
    hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    text = model.dit.frame_text(hidden, batch.durations, mask)
    conditioning = Conditioning(text, batch.mel, torch.zeros_like(mask), mask)
    velocity = model.dit(batch.mel, batch.mel.new_zeros(2), conditioning)
    assert velocity.shape == batch.mel.shape
    velocity.sum().backward()
    assert model.dit.moe.gate.weight.grad is not None


@pytest.mark.parametrize("name", ["small", "tiny", "test"])
def test_a_step_and_a_sample(name):
    torch.manual_seed(0)
    model, batch = make_model(name, "cpu"), make_batch([0])
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(2):
        loss = FlowMatcher(model).loss(batch, torch.Generator().manual_seed(0)).total
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[1] < losses[0]
    del optimiser
    mask = batch.frame_mask
    with torch.inference_mode():
        hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        text = model.dit.frame_text(hidden, batch.durations, mask)
        conditioning = Conditioning(text, batch.mel * 0, ~mask, mask)
        mel = sample(guided(model.dit, conditioning, 1.0), batch.mel * 0 + 1, sway_times(2))
    assert mel.shape == batch.mel.shape and mel.isfinite().all()


@pytest.mark.parametrize("modulation", ["shared", "block"])
def test_checkpointing_and_full_conditioning_change_nothing(modulation):
    model, batch = tiny_model(modulation=modulation).train(), make_batch([0])
    losses, gradients = [], []
    for checkpointed in (False, True):
        model.dit.activation_checkpointing = checkpointed
        model.zero_grad()
        loss = FlowMatcher(model).loss(batch, torch.Generator().manual_seed(0)).total
        loss.backward()
        losses.append(loss.item())
        gradients.append(model.dit.modulation.weight.grad.clone())
    assert losses[0] == losses[1]
    torch.testing.assert_close(*gradients)
    mask = batch.frame_mask
    text = torch.randn(1, mask.shape[1], 16)
    masked = Conditioning(text, batch.mel, ~mask, mask)
    with torch.inference_mode():
        outs = [model.dit(batch.mel, torch.full((1,), 0.3), c) for c in (masked, masked.checked())]
    assert masked.checked().full
    torch.testing.assert_close(*outs, rtol=1e-4, atol=1e-5)
