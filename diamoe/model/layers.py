"""Layers that the text encoder and the transformer share; every one leaves padding at zero."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PLAIN_LENGTH = 512
"""Positions from which fused attention is the faster one in bfloat16 on a CPU."""


def sinusoidal(positions: Tensor, dim: int, scale: float = 1.0) -> Tensor:
    """Sines and cosines of `positions`, (...,) -> (..., dim); wavelengths 2 pi to 2e4 pi."""
    half = dim // 2
    rates = torch.exp(
        torch.arange(half, device=positions.device, dtype=torch.float32)
        * (-math.log(10_000.0) / (half - 1))
    )
    angles = scale * positions.float().unsqueeze(-1) * rates
    return torch.cat((angles.sin(), angles.cos()), dim=-1)


class TimeEmbedding(nn.Module):
    """Flow time in [0, 1] -> a vector, (batch,) -> (batch, dim)."""

    features = 256

    def __init__(self, dim: int):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(self.features, dim), nn.SiLU(), nn.Linear(dim, dim))

    def forward(self, time: Tensor) -> Tensor:
        return self.mlp(sinusoidal(time, self.features, scale=1000.0))


class ConvNeXtBlock(nn.Module):
    """ConvNeXt V2: depthwise convolution, norm, pointwise MLP with global response normalisation.

    (batch, length, dim) with mask (batch, length) -> the same shape. Response normalisation sums
    over real positions only, so padding changes nothing (Woo et al. 2023, arXiv 2301.00808).
    """

    def __init__(self, dim: int, kernel: int = 7, expansion: int = 2):
        super().__init__()
        self.depthwise = nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.up = nn.Linear(dim, dim * expansion)
        self.gamma = nn.Parameter(torch.zeros(1, 1, dim * expansion))
        self.beta = nn.Parameter(torch.zeros(1, 1, dim * expansion))
        self.down = nn.Linear(dim * expansion, dim)
        self.adapter: nn.Module | None = None
        """(h (batch, length, dim), mask) -> h: where adapters change what the convolution gave."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        keep = mask.unsqueeze(-1).to(x.dtype)
        h = self.depthwise((x * keep).transpose(1, 2)).transpose(1, 2)
        if self.adapter is not None:
            h = self.adapter(h, mask)
        h = F.gelu(self.up(self.norm(h))) * keep
        response = h.float().norm(p=2, dim=1, keepdim=True)
        response = response / (response.mean(dim=-1, keepdim=True) + 1e-6)
        h = self.gamma * (h * response.to(h.dtype)) + self.beta + h
        return (x + self.down(h)) * keep


class Rotary(nn.Module):
    """Rotary position embedding, in the interleaved-pair form (Su et al. 2021)."""

    rates: Tensor

    def __init__(self, head_dim: int):
        super().__init__()
        rates = 1.0 / (10_000.0 ** (torch.arange(0, head_dim, 2).float() / head_dim))
        self.register_buffer("rates", rates, persistent=False)

    def forward(self, length: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines, each (length, head_dim)."""
        angles = torch.outer(torch.arange(length, device=self.rates.device).float(), self.rates)
        angles = angles.repeat_interleave(2, dim=-1)
        return angles.cos(), angles.sin()


def rotate(x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
    """Apply rotary angles to (batch, heads, length, head_dim)."""
    cos, sin = (r.to(x.dtype) for r in rotary)
    pairs = torch.stack((-x[..., 1::2], x[..., 0::2]), dim=-1).flatten(-2)
    return x * cos + pairs * sin


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Scaled dot-product attention, (batch, heads, length, head_dim); `mask` (batch, length).

    In bfloat16 on a CPU, up to `PLAIN_LENGTH` positions, two matrix products with the scores in
    bfloat16 take a third to two thirds of the time of torch's fused attention (16 heads of 64,
    forward and backward); longer ones and other devices use the fused one.
    """
    allowed = None if mask is None else mask[:, None, None, :]
    short = query.shape[-2] <= PLAIN_LENGTH
    if query.dtype != torch.bfloat16 or query.device.type != "cpu" or not short:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
    scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
    if allowed is not None:
        scores = scores.masked_fill(~allowed, float("-inf"))
    return scores.softmax(dim=-1) @ value


class Attention(nn.Module):
    """Multi-head self-attention with rotary positions; padding is never attended to."""

    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x: Tensor, mask: Tensor | None, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """`x` (batch, length, dim), `mask` (batch, length) or None when nothing is padding."""
        batch, length, dim = x.shape
        qkv = self.query_key_value(x).view(batch, length, 3, self.heads, dim // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        attended = attend(rotate(query, rotary), rotate(key, rotary), value, mask)
        return self.out(attended.transpose(1, 2).reshape(batch, length, dim))


class FeedForward(nn.Sequential):
    """Linear, GELU, linear: (..., dim) -> (..., dim)."""

    def __init__(self, dim: int, expansion: int):
        super().__init__(
            nn.Linear(dim, dim * expansion),
            nn.GELU(approximate="tanh"),
            nn.Linear(dim * expansion, dim),
        )


class TransformerBlock(nn.Module):
    """Attention and feed-forward, each shifted, scaled and gated by the flow time (DiT, adaLN)."""

    def __init__(self, dim: int, attention: nn.Module, expansion: int):
        super().__init__()
        self.norm = nn.LayerNorm(dim, elementwise_affine=False, eps=1e-6)
        self.attention = attention
        self.feed_forward = FeedForward(dim, expansion)

    def forward(
        self,
        x: Tensor,
        modulation: Tensor,
        mask: Tensor | None,
        rotary: tuple[Tensor, Tensor],
    ) -> Tensor:
        """`x` (batch, length, dim), `modulation` (batch, 1, 6 dim)."""
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation.chunk(6, dim=-1)
        h = self.norm(x) * (1 + scale_a) + shift_a
        x = x + gate_a * self.attention(h, mask, rotary)
        h = self.norm(x) * (1 + scale_f) + shift_f
        return x + gate_f * self.feed_forward(h)
