"""The plain implementation computes what ours does."""

import torch

from diamoe.flow.matching import FlowMatcher
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.inspect.plain import PlainDiT, plain_sample
from diamoe.model.dit import Conditioning
from diamoe.model.moe import MoEConfig
from tests.factory import make_batch, tiny_model


def test_the_same_loss_gradients_and_samples():
    model = tiny_model(moe=MoEConfig(experts=4, top_k=2), patch=1, modulation="block")
    batch, fast, plain = make_batch([0, 1, 2]), model.dit, PlainDiT(model.dit)
    losses, gradients = [], []
    for dit in (fast, plain):
        model.dit = dit
        model.zero_grad()
        loss = FlowMatcher(model).loss(batch, torch.Generator().manual_seed(0)).total
        loss.backward()
        losses.append(loss.detach())
        gradients.append(fast.blocks[0].attention.query_key_value.weight.grad.clone())
    torch.testing.assert_close(*losses)
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-6)
    mask, noise, times = batch.frame_mask, torch.randn_like(batch.mel), sway_times(3)
    with torch.inference_mode():
        hidden, _ = fast.encode_text(batch.ids, batch.token_mask, batch.dialect)
        text = fast.frame_text(hidden, batch.durations, mask)
        nothing = Conditioning(text, batch.mel * 0, mask & False, mask)
        ours = sample(guided(fast, nothing, 2.0), noise, times)
        theirs = plain_sample(plain, batch, noise, times, 2.0)
    keep = mask.unsqueeze(-1)
    torch.testing.assert_close(ours * keep, theirs * keep, rtol=1e-3, atol=1e-3)
