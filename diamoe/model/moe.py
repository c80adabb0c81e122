"""A mixture of experts over text, gated by the dialect (DiaMoE-TTS, arXiv 2509.22727)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class MoEConfig:
    """Settings of `DialectMoE`."""

    experts: int = 9
    """Routed experts; 0 leaves the mixture out."""
    top_k: int = 2
    """Experts that each utterance uses."""
    expansion: int = 2
    """Hidden width of an expert, as a multiple of its input."""
    shared: bool = True
    """An expert that every utterance uses beside the routed ones."""
    dialect_dropout: float = 0.2
    """Share of training utterances whose dialect is hidden, so that it can also be inferred."""


@dataclass(frozen=True)
class Routing:
    """What the gate decided: `logits`, `weights` (batch, experts), `dialect_logits`
    (batch, dialects) of the classification head, and the balance loss (scalar)."""

    logits: Tensor
    weights: Tensor
    dialect_logits: Tensor
    balance: Tensor


class DialectMoE(nn.Module):
    """Experts chosen per utterance from its phones and, where given, its dialect.

    The gate pools over real tokens only, so neither padding nor batch mates matter, and its
    softmax comes before the choice of the top k, so that the gate receives gradient even with
    k = 1. The classification head is separate from the gate: experts need not equal dialects.
    """

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
        self.shared = (
            nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Linear(hidden, dim))
            if config.shared
            else None
        )

    def forward(
        self, x: Tensor, mask: Tensor, dialect: Tensor | None = None
    ) -> tuple[Tensor, Routing]:
        """`x` (batch, tokens, dim), `mask` (batch, tokens), `dialect` (batch,) ids or None;
        an id of -1 means that this utterance's dialect is not given."""
        keep = mask.unsqueeze(-1).to(x.dtype)
        pooled = (self.norm(x) * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1)
        unknown = self.dialect.num_embeddings - 1
        if dialect is None:
            dialect = torch.full((len(x),), unknown, device=x.device)
        dialect = torch.where(dialect < 0, unknown, dialect)
        hint = self.dialect(dialect)
        logits = self.gate(pooled + hint).float()
        weights = logits.softmax(dim=-1)
        top, chosen = weights.topk(self.config.top_k, dim=-1)
        hidden = self.norm(x) + hint.unsqueeze(1)
        mixed = self._experts(hidden, top, chosen)
        if self.shared is not None:
            mixed = mixed + self.shared(hidden)
        routing = Routing(
            logits, weights, self.classifier(pooled).float(), balance_loss(weights, chosen)
        )
        return (x + mixed) * keep, routing

    def _experts(self, x: Tensor, weights: Tensor, chosen: Tensor) -> Tensor:
        up, down = self.up[chosen], self.down[chosen]  # (batch, top_k, dim, hidden) and back
        h = F.gelu(torch.einsum("btd,bkdh->bkth", x, up.to(x.dtype)))
        out = torch.einsum("bkth,bkhd->bktd", h, down.to(x.dtype))
        return (out * weights[:, :, None, None].to(out.dtype)).sum(dim=1)


def balance_loss(weights: Tensor, chosen: Tensor) -> Tensor:
    """Experts x sum over experts of (share of choices) x (mean weight); 1 when all are used alike
    (Fedus et al. 2021, arXiv 2101.03961, eq. 4)."""
    experts = weights.shape[-1]
    share = F.one_hot(chosen, experts).float().mean(dim=(0, 1))
    return experts * (share * weights.mean(dim=0)).sum()
