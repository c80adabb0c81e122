"""The mixture in all its forms."""

import itertools
import math

import pytest
import torch

from diamoe.errors import ConfigError
from diamoe.model.mix import mix_weights
from diamoe.model.moe import DialectMoE, MoEConfig, routing_loss
from tests.factory import make_batch, tiny_model

FORMS = list(itertools.product(("mlp", "transformer"), ("utterance", "token")))
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def mixture(**settings) -> DialectMoE:
    torch.manual_seed(0)
    return DialectMoE(16, 19, MoEConfig(**{"experts": 4, "top_k": 2} | settings))


def inputs(rows: int = 3, tokens: int = 6):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(rows, tokens, 16, generator=generator)
    mask = torch.ones(rows, tokens, dtype=torch.bool)
    return x, mask, torch.tensor([0, 5, -1])[:rows]


@pytest.mark.parametrize(("kind", "gating"), FORMS)
def test_padding_and_batch_mates_change_nothing(kind, gating):
    moe = mixture(kind=kind, gating=gating)
    x, mask, dialect = inputs()
    mask[1, 4:] = False
    x = x * mask.unsqueeze(-1)
    both, routing = moe(x, mask, dialect)
    alone, routing_alone = moe(x[1:2, :4], mask[1:2, :4], dialect[1:2])
    torch.testing.assert_close(both[1, :4], alone[0], **CLOSE)
    torch.testing.assert_close(routing.weights[1], routing_alone.weights[0], **CLOSE)
    assert (both[1, 4:] == 0).all()


@pytest.mark.parametrize(("kind", "gating"), FORMS)
def test_the_gate_receives_gradient_and_every_expert_can(kind, gating):
    moe = mixture(kind=kind, gating=gating, top_k=1)
    x, mask, dialect = inputs()
    out, _ = moe(x, mask, dialect)
    out.square().sum().backward()
    assert moe.gate.weight.grad.abs().sum() > 0
    assert moe.up.grad.abs().sum() > 0
    if kind == "transformer":
        assert moe.attention.query_key_value.grad.abs().sum() > 0


@pytest.mark.parametrize(("kind", "gating"), FORMS)
@pytest.mark.parametrize("balancing", ["loss", "bias"])
def test_compiles_into_one_graph(kind, gating, balancing):
    """No break in the graph: no loop over samples, nothing that asks the device for a number."""
    moe = mixture(kind=kind, gating=gating, balancing=balancing)
    arguments = inputs()
    torch._dynamo.reset()
    compiled = torch.compile(moe, fullgraph=True, backend="eager")
    moe.eval()
    torch.testing.assert_close(compiled(*arguments)[0], moe(*arguments)[0], **CLOSE)


def test_tokens_choose_for_themselves():
    """By token, the mixture is a plain loop over tokens and their experts."""
    moe = mixture(gating="token", shared=False)
    x, mask, dialect = inputs()
    out, _ = moe(x, mask, dialect)
    hint = moe.hint(dialect, 3)
    for row, token in itertools.product(range(3), range(6)):
        hidden = moe.norm(x[row, token]) + hint[row]
        weights = moe.gate(hidden).softmax(-1)
        expected = x[row, token].clone()
        for weight, e in zip(*weights.topk(2), strict=True):
            expected += weight * (torch.nn.functional.gelu(hidden @ moe.up[e]) @ moe.down[e])
        torch.testing.assert_close(out[row, token], expected, **CLOSE)


def test_the_bias_brings_an_idle_expert_back():
    """Only the choice sees it, it follows the load without gradient, and it is saved."""
    moe = mixture(balancing="bias", bias_rate=0.05, top_k=1)
    with torch.no_grad():
        moe.gate.weight.zero_()
        moe.gate.bias.copy_(torch.tensor([0.5, 0.3, 0.0, 0.0]))
    x, mask, dialect = inputs()
    moe.train()
    used = set()
    for _ in range(40):
        biased = moe.gate.bias.softmax(0) + moe.bias
        used.add(int(biased.argmax()))
        _, routing = moe(x, mask, dialect)
    assert used == {0, 1, 2, 3} and routing.balance == 0
    torch.testing.assert_close(routing.weights[0], moe.gate.bias.softmax(0), **CLOSE)
    assert "bias" in moe.state_dict() and "bias" not in mixture().state_dict()
    before = moe.bias.clone()
    moe.eval()(x, mask, dialect)
    assert torch.equal(before, moe.bias)


def test_a_mix_of_one_dialect_is_that_dialect_and_a_mix_lies_between():
    model, batch = tiny_model(), make_batch([1])

    def hear(dialect):
        hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, dialect)
        pace = torch.tensor([2.0])
        return hidden, model.duration(batch.ids, batch.token_mask, dialect, pace)

    given, pure = hear(batch.dialect), hear(mix_weights({"chengdu": 1.0}))
    mixed = hear(mix_weights({"chengdu": 0.5, "putonghua": 0.5}))
    for a, b, c in zip(given, pure, mixed, strict=True):
        torch.testing.assert_close(a, b, **CLOSE)
        assert not torch.allclose(a, c, **CLOSE)


def test_an_inferred_dialect_stands_where_one_is_given():
    model, batch = tiny_model(), make_batch([0, 1, 2])
    guess = model.infer_dialect(batch.ids, batch.token_mask)
    assert guess.shape == (3, model.config.model.dialects)
    torch.testing.assert_close(guess.sum(dim=1), torch.ones(3))
    model.dit.encode_text(batch.ids, batch.token_mask, guess)
    assert (
        model.duration(batch.ids, batch.token_mask, guess, torch.full((3,), 2.0)).isfinite().all()
    )


def test_routing_loss_is_least_when_experts_tell_dialects():
    dialect = torch.tensor([0, 0, 3, 3, 7, 7])
    told = torch.eye(3)[torch.tensor([0, 0, 1, 1, 2, 2])]
    one = torch.eye(3)[torch.zeros(6, dtype=torch.long)]
    undecided = torch.full((6, 3), 1 / 3)
    crossed = torch.eye(3)[torch.tensor([0, 1, 1, 2, 2, 0])]
    best, *worse = (float(routing_loss(w, dialect, 19)) for w in (told, one, undecided, crossed))
    assert math.isclose(best, 0.0, abs_tol=1e-5) and min(worse) > 0.3


@pytest.mark.parametrize(
    "wrong", [{"kind": "cnn"}, {"gating": "frame"}, {"balancing": "none"}, {"top_k": 5}]
)
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        MoEConfig(**{"experts": 4} | wrong)
