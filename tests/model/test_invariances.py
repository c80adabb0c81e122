"""What must not change an utterance's text, routing and velocity."""

import pytest
import torch

from diamoe.model.dit import Conditioning
from diamoe.model.moe import MoEConfig
from tests.factory import make_batch, tiny_model

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def run(model, batch, time=0.3):
    """Gate logits, framed text and velocity of a batch."""
    with torch.inference_mode():
        hidden, routing = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        durations = model.token_frames(batch.ids, batch.token_mask, batch.frames, batch.durations)
        text = model.dit.frame_text(hidden, durations, batch.frame_mask)
        known = torch.zeros_like(batch.frame_mask)
        known[:, :6] = True
        prompt = batch.mel * known.unsqueeze(-1)
        conditioning = Conditioning(text, prompt, known, batch.frame_mask)
        times = torch.full((len(batch.mel),), time)
        velocity = model.dit(batch.mel, times, conditioning)
    return routing, text, velocity


@pytest.mark.parametrize("layout", ["filler", "even", "duration"])
def test_padding_and_batch_mates_change_nothing(layout):
    model = tiny_model(layout=layout)
    alone, mates, padded = make_batch([1]), make_batch([1, 0, 2, 3]), make_batch([1], extra=7)
    length = int(alone.frames[0])
    routing, text, velocity = run(model, alone)
    for other in (mates, padded):
        routing_b, text_b, velocity_b = run(model, other)
        torch.testing.assert_close(routing.logits[0], routing_b.logits[0], **CLOSE)
        torch.testing.assert_close(text[0], text_b[0, :length], **CLOSE)
        torch.testing.assert_close(velocity[0], velocity_b[0, :length], **CLOSE)


def test_an_odd_number_of_frames_is_kept():
    model = tiny_model()
    batch = make_batch([0])
    odd = batch.mel[:, :-1]
    known = torch.zeros(1, odd.shape[1], dtype=torch.bool)
    text = torch.zeros(1, odd.shape[1], 16)
    conditioning = Conditioning(text, odd * 0, known, ~known)
    assert model.dit(odd, torch.zeros(1), conditioning).shape == odd.shape


def test_routing_does_not_follow_utterance_length():
    """The gate sees phones, not frames: the same phones at half the pace route alike."""
    model = tiny_model()
    slow, fast = make_batch([2], frames_per_token=8), make_batch([2], frames_per_token=2)
    torch.testing.assert_close(run(model, slow)[0].weights, run(model, fast)[0].weights)


@pytest.mark.parametrize("top_k", [1, 2])
def test_the_gate_receives_gradient(top_k):
    model = tiny_model(moe=MoEConfig(experts=3, top_k=top_k))
    batch = make_batch([0, 1, 2])
    hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    hidden.square().sum().backward()
    assert model.dit.moe.gate.weight.grad.abs().sum() > 0


def test_experts_are_dispatched_as_one_by_one():
    """The batched experts equal a plain loop over utterances and chosen experts."""
    model = tiny_model(moe=MoEConfig(experts=4, top_k=2, shared=False))
    moe = model.dit.moe
    x, mask = torch.randn(3, 5, 16), torch.ones(3, 5, dtype=torch.bool)
    dialect = torch.tensor([0, 3, -1])
    out, routing = moe(x, mask, dialect)
    hint = moe.dialect(torch.tensor([0, 3, moe.dialect.num_embeddings - 1]))
    for row in range(3):
        hidden = moe.norm(x[row]) + hint[row]
        expected = x[row].clone()
        weights, chosen = routing.weights[row].topk(2)
        for weight, e in zip(weights, chosen, strict=True):
            h = torch.nn.functional.gelu(hidden @ moe.up[e])
            expected = expected + weight * (h @ moe.down[e])
        torch.testing.assert_close(out[row], expected, **CLOSE)


def test_a_model_without_experts_works():
    model = tiny_model(moe=MoEConfig(experts=0))
    routing, _, velocity = run(model, make_batch([0, 1]))
    assert routing is None and velocity.isfinite().all()


def test_bfloat16_attention_equals_the_fused_one():
    from diamoe.model.layers import attend

    query, key, value = (torch.randn(2, 2, 9, 8) for _ in range(3))
    mask = torch.tensor([[True] * 9, [True] * 6 + [False] * 3])
    exact = attend(query, key, value, mask)
    rough = attend(query.bfloat16(), key.bfloat16(), value.bfloat16(), mask)
    torch.testing.assert_close(exact, rough.float(), rtol=0.05, atol=0.05)
