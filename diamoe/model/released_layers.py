"""Layers of released F5-TTS and DiaMoE-TTS networks that differ from ours."""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.model.layers import ConvNeXtBlock, attend, rotate

LAST_POSITION = 4095
"""Text positions are counted up to here (44 s) and stay here afterwards."""

ExpertKind = Literal["mlp", "transformer"]


class ReleasedAttention(nn.Module):
    """Self-attention whose heads may be wider than the model and in which only the first
    `rotary_heads` know positions."""

    def __init__(self, dim: int, heads: int, head_dim: int, rotary_heads: int, qk_norm: bool):
        super().__init__()
        self.heads, self.head_dim, self.rotary_heads = heads, head_dim, rotary_heads
        self.query_key_value = nn.Linear(dim, 3 * heads * head_dim)
        self.out = nn.Linear(heads * head_dim, dim)
        self.query_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()
        self.key_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor | None, rotary: tuple[Tensor, Tensor]) -> Tensor:
        """`x` (batch, length, dim), `mask` (batch, length); padding comes out as zero."""
        batch, length, _ = x.shape
        qkv = self.query_key_value(x).view(batch, length, 3, self.heads, self.head_dim)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        query = self._turned(self.query_norm(query), rotary)
        key = self._turned(self.key_norm(key), rotary)
        attended = attend(query, key, value, mask).transpose(1, 2).reshape(batch, length, -1)
        out = self.out(attended)
        return out if mask is None else out * mask.unsqueeze(-1).to(out.dtype)

    def _turned(self, x: Tensor, rotary: tuple[Tensor, Tensor]) -> Tensor:
        first, rest = x[:, : self.rotary_heads], x[:, self.rotary_heads :]
        return torch.cat((rotate(first, rotary), rest), dim=1)


class AdaptedConvolution(nn.Conv1d):
    """A depthwise convolution beside a small adapter with squeeze and excitation, whose outputs
    are added: (batch, dim, length) -> the same shape."""

    def __init__(self, dim: int, kernel: int, local: int, width: int, squeeze: int):
        super().__init__(dim, dim, kernel, padding=kernel // 2, groups=dim)
        self.local = nn.Conv1d(dim, dim, local, padding=local // 2, groups=dim, bias=False)
        self.narrow = nn.Conv1d(dim, width, 1, bias=False)
        self.widen = nn.Conv1d(width, dim, 1, bias=False)
        self.squeeze = nn.Conv1d(dim, squeeze, 1)
        self.excite = nn.Conv1d(squeeze, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        local = self.local(x)
        gate = self.excite(F.relu(self.squeeze(local.mean(dim=-1, keepdim=True)))).sigmoid()
        return super().forward(x) + self.widen(F.gelu(self.narrow(local))) * gate


class ReleasedTextEncoder(nn.Module):
    """Token ids, laid one to a frame and followed by filler, -> (batch, frames, dim).

    Id -1 is padding. `mask_padding` keeps filler at zero between the blocks, as F5-TTS v1 does;
    without it the blocks also run over the filler.
    """

    def __init__(
        self, tokens: int, dim: int, depth: int, kernel: int, expansion: int, mask_padding: bool
    ):
        super().__init__()
        self.mask_padding = mask_padding
        self.embedding = nn.Embedding(tokens + 1, dim)  # row 0: filler
        self.blocks = nn.ModuleList(ConvNeXtBlock(dim, kernel, expansion) for _ in range(depth))

    def forward(self, ids: Tensor, frames: int, hidden: bool = False) -> Tensor:
        """`ids` (batch, tokens) -> (batch, frames, dim); `hidden` shows filler in their place."""
        real = on_frames(ids, frames) >= 0
        shifted = on_frames(ids, frames) + 1
        x = self.embedding(torch.zeros_like(shifted) if hidden else shifted)
        if not self.blocks:
            return x
        x = x + text_positions(frames, x.shape[-1], x.device).to(x.dtype)
        keep = real.unsqueeze(-1).to(x.dtype) if self.mask_padding else torch.ones_like(x[..., :1])
        everywhere = torch.ones_like(real)
        x = x * keep
        for block in self.blocks:
            x = block(x, everywhere) * keep
        return x


def on_frames(ids: Tensor, frames: int) -> Tensor:
    """Ids (batch, tokens) cut or filled with -1 to (batch, frames)."""
    ids = ids[:, :frames]
    return F.pad(ids, (0, frames - ids.shape[1]), value=-1)


def text_positions(frames: int, dim: int, device: torch.device) -> Tensor:
    """Cosines, then sines, of every position: (frames, dim)."""
    rates = 10_000.0 ** -(torch.arange(0, dim, 2, device=device).float() / dim)
    positions = torch.arange(frames, device=device).clamp(max=LAST_POSITION).float()
    angles = torch.outer(positions, rates)
    return torch.cat((angles.cos(), angles.sin()), dim=-1)


class MLPExperts(nn.Module):
    """Experts of two linear layers, all in one tensor a layer."""

    def __init__(self, experts: int, dim: int, hidden: int):
        super().__init__()
        self.up = nn.Parameter(torch.zeros(experts, dim, hidden))
        self.up_bias = nn.Parameter(torch.zeros(experts, hidden))
        self.down = nn.Parameter(torch.zeros(experts, hidden, dim))
        self.down_bias = nn.Parameter(torch.zeros(experts, dim))

    def forward(self, x: Tensor, weights: Tensor, chosen: Tensor) -> Tensor:
        """`x` (batch, frames, dim), `weights`, `chosen` (batch, top_k) -> like `x`."""
        up = torch.einsum("btd,bkdh->bkth", x, self.up[chosen])
        h = F.gelu(up + self.up_bias[chosen].unsqueeze(2))
        down = torch.einsum("bkth,bkhd->bktd", h, self.down[chosen])
        down = down + self.down_bias[chosen].unsqueeze(2)
        return (down * weights[:, :, None, None]).sum(dim=1)


class TransformerExperts(nn.ModuleList):
    """Experts of post-norm transformer layers with sinusoidal positions."""

    def __init__(self, experts: int, dim: int, hidden: int, layers: int, heads: int):
        super().__init__(_expert(dim, hidden, layers, heads) for _ in range(experts))

    def forward(self, x: Tensor, weights: Tensor, chosen: Tensor) -> Tensor:
        """`x` (batch, frames, dim), `weights`, `chosen` (batch, top_k) -> like `x`."""
        placed = x + interleaved_positions(x.shape[1], x.shape[2], x.device).to(x.dtype)
        out = torch.zeros_like(x)
        for number, expert in enumerate(self):
            share = (weights * (chosen == number)).sum(dim=1)  # (batch,)
            rows = share.nonzero().squeeze(1)
            if len(rows):
                out = out.index_add(0, rows, share[rows, None, None] * expert(placed[rows]))
        return out


def _expert(dim: int, hidden: int, layers: int, heads: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        dim, heads, hidden, dropout=0.0, activation="gelu", batch_first=True
    )
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


def interleaved_positions(frames: int, dim: int, device: torch.device) -> Tensor:
    """Sines at even and cosines at odd places: (frames, dim) (Vaswani et al. 2017)."""
    rates = 10_000.0 ** -(torch.arange(0, dim, 2, device=device).float() / dim)
    angles = torch.outer(torch.arange(frames, device=device).float(), rates)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)[:, :dim]
