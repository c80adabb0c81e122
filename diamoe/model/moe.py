"""A mixture of experts over text, gated by the dialect (DiaMoE-TTS, arXiv 2509.22727)."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.errors import ConfigError
from diamoe.model.layers import Rotary, attend, rotate
from diamoe.model.mix import embed_dialects

ExpertKind = Literal["mlp", "transformer"]
"""What an expert is: two layers, or attention over the utterance and then two layers."""
Gating = Literal["utterance", "token"]
"""Who chooses experts: the utterance as a whole (the paper), or every token for itself."""
Balancing = Literal["loss", "bias"]
"""What keeps experts in use: a loss (Fedus et al. 2021), or a bias that only the choice sees and
that follows the load without gradient (Wang et al. 2024, arXiv 2408.15664)."""


SPREAD = 2.0
"""Weight of even use in `routing_loss`."""


@dataclass(frozen=True)
class MoEConfig:
    """Settings of `DialectMoE`."""

    experts: int = 9
    """Routed experts; 0 leaves the mixture out."""
    top_k: int = 2
    """Experts that each utterance, or token, uses."""
    expansion: int = 2
    """Hidden width of an expert, as a multiple of its input."""
    shared: bool = True
    """An expert that every utterance uses beside the routed ones."""
    dialect_dropout: float = 0.2
    """Share of training utterances whose dialect is hidden, so that it can also be inferred."""
    kind: str = "mlp"
    """mlp or transformer, see `ExpertKind`."""
    heads: int = 4
    """Attention heads of a transformer expert."""
    gating: str = "utterance"
    """utterance or token, see `Gating`."""
    balancing: str = "loss"
    """loss or bias, see `Balancing`."""
    bias_rate: float = 0.001
    """Step of the balancing bias, each training step."""

    def __post_init__(self) -> None:
        for name, allowed in (
            ("kind", ("mlp", "transformer")),
            ("gating", ("utterance", "token")),
            ("balancing", ("loss", "bias")),
        ):
            if getattr(self, name) not in allowed:
                raise ConfigError(
                    f"moe.{name}: {getattr(self, name)!r}; allowed: {', '.join(allowed)}"
                )
        if self.experts and not 1 <= self.top_k <= self.experts:
            raise ConfigError(f"top_k {self.top_k} must be 1 to {self.experts} (experts)")


@dataclass(frozen=True)
class Routing:
    """What the gate decided: `logits`, `weights` (batch, experts), means over tokens where each
    chose for itself; `dialect_logits` (batch, dialects) of the classification head; and the
    balance loss (scalar; zero where a bias keeps the balance)."""

    logits: Tensor
    weights: Tensor
    dialect_logits: Tensor
    balance: Tensor


class ExpertAttention(nn.Module):
    """The attention of transformer experts: (batch, n, tokens, dim), `n` experts -> the same."""

    def __init__(self, experts: int, dim: int, heads: int):
        super().__init__()
        if dim % heads or (dim // heads) % 2:
            raise ConfigError(f"moe.heads: {dim} must split into {heads} heads of even width")
        self.heads = heads
        self.rotary = Rotary(dim // heads)
        self.query_key_value = nn.Parameter(torch.randn(experts, dim, 3 * dim) * dim**-0.5)
        self.out = nn.Parameter(torch.randn(experts, dim, dim) * 0.1 * dim**-0.5)

    def forward(self, x: Tensor, mask: Tensor, chosen: Tensor | None) -> Tensor:
        """`mask` (batch, tokens); `chosen` (batch, n), or None for every expert in order."""
        batch, n, tokens, dim = x.shape
        qkv = _apply(x, self.query_key_value, chosen)
        qkv = qkv.reshape(batch * n, tokens, 3, self.heads, dim // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        rotary = self.rotary(tokens)
        # a row of padding alone attends to itself, lest its softmax be of nothing
        allowed = mask | ~mask.any(dim=1, keepdim=True)
        allowed = allowed.unsqueeze(1).expand(-1, n, -1).reshape(batch * n, tokens)
        h = attend(rotate(query, rotary), rotate(key, rotary), value, allowed)
        h = h.transpose(1, 2).reshape(batch, n, tokens, dim)
        return x + _apply(h, self.out, chosen)


class DialectMoE(nn.Module):
    """Experts chosen per utterance, or per token, from the phones and, where given, the dialect.

    The gate of an utterance pools over real tokens only, so neither padding nor batch mates
    matter, and its softmax comes before the choice of the top k, so that the gate receives
    gradient even with k = 1. The classification head is separate from the gate: experts need not
    equal dialects.

    Dispatch: with gating by utterance each row gathers its k experts' weights; with gating by
    token every expert computes every token, of which the weights keep k. Text is short against
    mel frames, and this way nothing is sorted, dropped or waited for.
    """

    bias: Tensor

    def __init__(self, dim: int, dialects: int, config: MoEConfig):
        super().__init__()
        self.config = config
        hidden = dim * config.expansion
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.dialect = nn.Embedding(dialects + 1, dim)  # the last row: dialect not given
        self.gate = nn.Linear(dim, config.experts)
        self.classifier = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dialects))
        self.up = nn.Parameter(torch.randn(config.experts, dim, hidden) * dim**-0.5)
        self.down = nn.Parameter(torch.randn(config.experts, hidden, dim) * 0.1 * hidden**-0.5)
        transformer = config.kind == "transformer"
        self.attention = ExpertAttention(config.experts, dim, config.heads) if transformer else None
        self.shared = (
            nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))
            if config.shared
            else None
        )
        self.register_buffer(
            "bias", torch.zeros(config.experts), persistent=config.balancing == "bias"
        )

    def hint(self, dialect: Tensor | None, batch: int) -> Tensor:
        """What the mixture hears of the dialect, (batch, dim).

        `dialect` is (batch,) ids, -1 where it is not given, (batch, dialects) weights of a mix,
        or None where it is given for none.
        """
        unknown = self.dialect.num_embeddings - 1
        if dialect is None:
            dialect = torch.full((batch,), unknown, device=self.dialect.weight.device)
        if not dialect.is_floating_point():
            dialect = torch.where(dialect < 0, unknown, dialect)
        return embed_dialects(self.dialect, dialect)

    def forward(
        self, x: Tensor, mask: Tensor, dialect: Tensor | None = None
    ) -> tuple[Tensor, Routing]:
        """`x` (batch, tokens, dim), `mask` (batch, tokens), `dialect` as `hint` takes it."""
        keep = mask.unsqueeze(-1).to(x.dtype)
        count = keep.sum(dim=1).clamp(min=1)
        pooled = (self.norm(x) * keep).sum(dim=1) / count
        hint = self.hint(dialect, len(x))
        hidden = self.norm(x) + hint.unsqueeze(1)
        by_token = self.config.gating == "token"
        logits = self.gate(hidden if by_token else (pooled + hint).unsqueeze(1)).float()
        weights = logits.softmax(dim=-1)  # (batch, tokens or 1, experts)
        chosen = self._choose(weights)
        mixed = self._experts(hidden, mask, weights, chosen)
        if self.shared is not None:
            mixed = mixed + self.shared(hidden)
        deciding = keep if by_token else torch.ones_like(keep[:, :1])
        routing = Routing(
            _mean(logits, deciding),
            _mean(weights, deciding),
            self.classifier(pooled).float(),
            self._balance(weights, chosen, deciding),
        )
        return (x + mixed) * keep, routing

    def _choose(self, weights: Tensor) -> Tensor:
        """Indices of the experts used, (batch, tokens or 1, top_k)."""
        biased = weights + self.bias if self.config.balancing == "bias" else weights
        return biased.topk(self.config.top_k, dim=-1).indices

    def _experts(self, x: Tensor, mask: Tensor, weights: Tensor, chosen: Tensor) -> Tensor:
        share: Tensor
        experts: Tensor | None
        if self.config.gating == "token":
            kept = torch.zeros_like(weights).scatter(-1, chosen, 1.0)
            share, experts = (weights * kept).transpose(1, 2).unsqueeze(-1), None
        else:
            experts = chosen[:, 0]
            share = weights[:, 0].gather(1, experts)[:, :, None, None]
        h = x.unsqueeze(1).expand(-1, share.shape[1], -1, -1)
        if self.attention is not None:
            h = self.attention(h, mask, experts)
        out = _apply(F.gelu(_apply(h, self.up, experts)), self.down, experts)
        if self.attention is not None:
            out = out + h - x.unsqueeze(1)
        return (out * share.to(out.dtype)).sum(dim=1)

    def _balance(self, weights: Tensor, chosen: Tensor, deciding: Tensor) -> Tensor:
        """The balance loss, or a step of the bias and zero."""
        if self.config.balancing == "loss":
            return balance_loss(weights, chosen, deciding)
        load = expert_load(chosen, self.config.experts, deciding)
        if self.training:
            with torch.no_grad():
                self.bias.add_(torch.sign(load.mean() - load), alpha=self.config.bias_rate)
        return weights.new_zeros(())


def _apply(x: Tensor, weight: Tensor, chosen: Tensor | None) -> Tensor:
    """Every expert's own matrix: (batch, n, tokens, dim) -> (batch, n, tokens, out).

    `weight` (experts, dim, out); `chosen` (batch, n) of them, None for all in order.
    """
    weight = weight.to(x.dtype)
    if chosen is None:
        return torch.einsum("bntd,ndh->bnth", x, weight)
    return torch.einsum("bntd,bndh->bnth", x, weight[chosen])


def _mean(x: Tensor, keep: Tensor) -> Tensor:
    """Mean over real tokens, (batch, tokens, n) and (batch, tokens, 1) -> (batch, n)."""
    return (x * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1)


def expert_load(chosen: Tensor, experts: int, deciding: Tensor | None = None) -> Tensor:
    """Share of the choices that each expert has, (experts,); of `balance_loss`'s arguments."""
    used = F.one_hot(chosen, experts).float().mean(dim=-2)
    return (used if deciding is None else _mean(used, deciding)).mean(dim=0)


def balance_loss(weights: Tensor, chosen: Tensor, deciding: Tensor | None = None) -> Tensor:
    """Experts x sum over experts of (share of choices) x (mean weight); 1 when all are used alike
    (Fedus et al. 2021, arXiv 2101.03961, eq. 4).

    Args:
        weights: (batch, experts), or (batch, tokens, experts) with `deciding`.
        chosen: (batch, top_k), or (batch, tokens, top_k), indices of experts.
        deciding: (batch, tokens, 1), 1 for tokens that count and 0 for padding.
    """
    mean = (weights if deciding is None else _mean(weights, deciding)).mean(dim=0)
    load = expert_load(chosen, weights.shape[-1], deciding)
    return weights.shape[-1] * (load * mean).sum()


def routing_loss(weights: Tensor, dialect: Tensor, dialects: int) -> Tensor:
    """Asks the gate to tell dialects: that each has its expert, and that experts are used alike.

    The mutual information I(expert; dialect) = H(expert) - H(expert | dialect) of a batch, each of
    its dialects counted alike, as a loss in nats, 0 at best: log(experts) - H(expert) +
    H(expert | dialect). An utterance's own indecision is charged beside that of its dialect, and
    the use of experts counts `SPREAD` times, since an expert that no dialect chooses is no longer
    reached by the gradient.

    Args:
        weights: (batch, experts) gate probabilities.
        dialect: (batch,) true ids.
        dialects: how many ids there are.
    """
    member = F.one_hot(dialect, dialects).to(weights.dtype)
    share = member / member.sum(dim=0).clamp(min=1)  # an utterance's share in its dialect
    present = member.amax(dim=0)
    prior = present / present.sum()
    by_dialect = share.T @ weights
    within = 0.5 * prior @ (_entropy(by_dialect) + share.T @ _entropy(weights))
    return SPREAD * (math.log(weights.shape[-1]) - _entropy(prior @ by_dialect)) + within


def _entropy(p: Tensor) -> Tensor:
    return -(p * p.clamp(min=1e-9).log()).sum(dim=-1)
