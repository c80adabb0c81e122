"""The velocity field: a diffusion transformer over mel frames (Peebles & Xie 2022; F5-TTS)."""

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from diamoe.errors import ConfigError
from diamoe.model.layers import (
    Attention,
    ConvNeXtBlock,
    Rotary,
    TimeEmbedding,
    TransformerBlock,
)
from diamoe.model.moe import DialectMoE, MoEConfig, Routing
from diamoe.model.text_encoder import FrameLayout, Layout, TextEncoder
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.vocabulary import PhoneVocabulary

Prediction = Literal["mel", "velocity"]
"""`velocity` must carry all of the noise through the network; `mel` predicts the clean mel and
computes the velocity from it, which suits a network that is narrow against its patches (Li & He
2025, arXiv 2511.13720)."""

NEAREST = 0.1
"""Smallest 1 - t that a mel prediction is divided by."""


@dataclass(frozen=True)
class DiTConfig:
    """Architecture of the acoustic model."""

    dim: int = 320
    """Width of the transformer."""
    depth: int = 8
    """Transformer blocks."""
    heads: int = 5
    """Attention heads."""
    expansion: int = 2
    """Feed-forward width, as a multiple of `dim`."""
    text_dim: int = 192
    """Width of phones and of the text encoder."""
    text_depth: int = 4
    """ConvNeXt blocks over phones."""
    frame_depth: int = 1
    """ConvNeXt blocks over the framed phones."""
    patch: int = 2
    """Mel frames that one transformer position holds."""
    n_mels: int = 100
    """Mel bands."""
    dialects: int = len(DIALECT_CODES)
    """Dialect ids."""
    prediction: Prediction = "mel"
    """What the last layer gives; the model returns a velocity either way."""
    layout: Layout = "duration"
    """How phones are laid over frames."""
    modulation: str = "shared"
    """Where shift, scale and gate come from: `shared` is one projection of the flow time for all
    blocks and an offset for each; `block` is a projection for each, as in F5-TTS."""
    moe: MoEConfig = field(default_factory=MoEConfig)
    """The mixture of experts over phones."""

    def __post_init__(self) -> None:
        if self.dim % self.heads or (self.dim // self.heads) % 2:
            raise ConfigError(f"dim {self.dim} must split into {self.heads} heads of even width")
        if self.modulation not in ("shared", "block"):
            raise ConfigError(f"modulation: {self.modulation!r}; allowed: shared, block")


@dataclass(frozen=True)
class Conditioning:
    """What the velocity field is told, one row per frame; computed once per utterance.

    `text` (batch, frames, text_dim), `prompt` (batch, frames, n_mels) known mel, zero where it is
    to be made, `known` (batch, frames) bool, `mask` (batch, frames) bool, False for padding.
    `full` says that there is no padding, so that attention needs no mask.
    """

    text: Tensor
    prompt: Tensor
    known: Tensor
    mask: Tensor
    full: bool = field(default=False, kw_only=True)
    separable: ClassVar[bool] = True
    """Whether frames mean the same where the prompt's frames before them are left out."""

    def null(self) -> "Conditioning":
        """Neither text nor prompt: the unconditional side of guidance."""
        return Conditioning(
            torch.zeros_like(self.text),
            torch.zeros_like(self.prompt),
            torch.zeros_like(self.known),
            self.mask,
            full=self.full,
        )

    def pack(self, other: "Conditioning") -> "Conditioning":
        """Both, one batch after the other, so that guidance is a single call of the model."""
        return Conditioning(
            torch.cat((self.text, other.text)),
            torch.cat((self.prompt, other.prompt)),
            torch.cat((self.known, other.known)),
            torch.cat((self.mask, other.mask)),
            full=self.full and other.full,
        )

    def drop(self, text: Tensor, prompt: Tensor) -> "Conditioning":
        """Keep text and prompt only where the (batch,) masks are True (condition dropout)."""
        return replace(
            self,
            text=self.text * text[:, None, None].to(self.text.dtype),
            prompt=self.prompt * prompt[:, None, None].to(self.prompt.dtype),
            known=self.known & prompt[:, None],
        )

    def frames(self, window: slice) -> "Conditioning":
        """Some of its frames."""
        rows: dict[str, Any] = {
            name: value[:, window]
            for name, value in vars(self).items()
            if isinstance(value, Tensor)
        }
        return replace(self, **rows)

    def checked(self) -> "Conditioning":
        """The same, with `full` read off the mask: waits for the device, so once a sample."""
        return replace(self, full=bool(self.mask.all()))


class VoiceEncoder(nn.Module):
    """Mean and spread of the known mel frames -> (batch, dim); zero where there is no prompt."""

    def __init__(self, n_mels: int, dim: int):
        super().__init__()
        self.frame = nn.Sequential(nn.Linear(n_mels, 256), nn.GELU())
        self.out = nn.Sequential(nn.Linear(512, dim), nn.SiLU(), nn.Linear(dim, dim))

    def forward(self, prompt: Tensor, known: Tensor) -> Tensor:
        keep = known.unsqueeze(-1).to(prompt.dtype)
        count = keep.sum(dim=1).clamp(min=1)
        h = self.frame(prompt) * keep
        mean = h.sum(dim=1) / count
        spread = (((h - mean.unsqueeze(1)) * keep).square().sum(dim=1) / count + 1e-6).sqrt()
        voice: Tensor = self.out(torch.cat((mean, spread), dim=-1))
        return voice * known.any(dim=1, keepdim=True)


class DiT(nn.Module):
    """Text encoder, dialect experts and velocity field of one model.

    Attributes:
        activation_checkpointing: recompute each block in the backward pass instead of keeping what
            it computed: about a third more work, far less memory.
    """

    activation_checkpointing = False

    def __init__(self, config: DiTConfig, vocabulary: PhoneVocabulary):
        super().__init__()
        self.config = config
        dim, text_dim, patch = config.dim, config.text_dim, config.patch
        self.text_encoder = TextEncoder(vocabulary, text_dim, config.text_depth)
        self.moe = DialectMoE(text_dim, config.dialects, config.moe) if config.moe.experts else None
        self.frame_layout = FrameLayout(text_dim)
        self.frame_blocks = nn.ModuleList(
            ConvNeXtBlock(text_dim) for _ in range(config.frame_depth)
        )
        self.time = TimeEmbedding(dim)
        self.voice = VoiceEncoder(config.n_mels, dim)
        # per frame: noisy mel, known mel, whether it is known, text
        self.project_in = nn.Linear(patch * (2 * config.n_mels + 1 + text_dim), dim)
        self.rotary = Rotary(dim // config.heads)
        # the offsets are the biases of projections that each block has for itself
        shared = config.modulation == "shared"
        width = 6 * dim * (1 if shared else config.depth)
        self.modulation = nn.Linear(dim, width, bias=shared)
        self.modulation_offsets = nn.Parameter(torch.zeros(config.depth, 6 * dim))
        self.blocks = nn.ModuleList(
            TransformerBlock(dim, Attention(dim, config.heads), config.expansion)
            for _ in range(config.depth)
        )
        self.norm_out = nn.LayerNorm(dim, elementwise_affine=False, eps=1e-6)
        self.modulation_out = nn.Linear(dim, 2 * dim)
        self.project_out = nn.Linear(dim, patch * config.n_mels)
        self._initialise()

    def _initialise(self) -> None:
        """Embeddings normal 0.02; time modulation small and its gates open at 1 / sqrt(depth)
        (a zero gate wastes a tenth of a short training); output projection zero."""
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.normal_(self.modulation.weight, std=0.002)
        if self.modulation.bias is not None:
            nn.init.zeros_(self.modulation.bias)
        dim = self.config.dim
        with torch.no_grad():
            gates = self.modulation_offsets.view(self.config.depth, 6, dim)
            gates[:, 2] = gates[:, 5] = self.config.depth**-0.5
        nn.init.zeros_(self.modulation_out.weight)
        nn.init.zeros_(self.modulation_out.bias)
        nn.init.zeros_(self.project_out.weight)
        nn.init.zeros_(self.project_out.bias)

    def encode_text(
        self, ids: Tensor, token_mask: Tensor, dialect: Tensor | None
    ) -> tuple[Tensor, Routing | None]:
        """Phones (batch, tokens) -> hidden (batch, tokens, text_dim) and the gate's decision.

        `dialect`: (batch,) ids with -1 for one to be inferred, (batch, dialects) weights of a mix
        (`mix_weights`), or None to infer them all.
        """
        hidden = self.text_encoder(ids, token_mask)
        if self.moe is None:
            return hidden, None
        routed: tuple[Tensor, Routing] = self.moe(hidden, token_mask, dialect)
        return routed

    def frame_text(self, hidden: Tensor, durations: Tensor, mask: Tensor) -> Tensor:
        """Hidden phones (batch, tokens, text_dim) over frames: (batch, frames, text_dim)."""
        x: Tensor = self.frame_layout(hidden, durations, mask.shape[1])
        for block in self.frame_blocks:
            x = block(x, mask)
        return x

    def forward(self, x: Tensor, time: Tensor, conditioning: Conditioning) -> Tensor:
        """Velocity at `x` (batch, frames, n_mels) and `time` (batch,): (batch, frames, n_mels)."""
        batch, frames, n_mels = x.shape
        patch = self.config.patch
        known = conditioning.known
        inputs = torch.cat(
            (x, conditioning.prompt, known.unsqueeze(-1).to(x.dtype), conditioning.text), dim=-1
        )
        inputs = inputs * conditioning.mask.unsqueeze(-1).to(x.dtype)
        mask = conditioning.mask
        odd = -frames % patch
        if odd:
            inputs, mask = F.pad(inputs, (0, 0, 0, odd)), F.pad(mask, (0, odd))
        h = self.project_in(inputs.reshape(batch, (frames + odd) // patch, -1))
        mask = mask.view(batch, -1, patch).any(dim=-1)
        time_vector = self.time(time) + self.voice(conditioning.prompt, known)
        h = self._blocks(h, time_vector, None if conditioning.full else mask)
        shift, scale = self.modulation_out(F.silu(time_vector)).unsqueeze(1).chunk(2, dim=-1)
        out: Tensor = self.project_out(self.norm_out(h) * (1 + scale) + shift)
        out = out.reshape(batch, frames + odd, n_mels)[:, :frames]
        if self.config.prediction == "velocity":
            return out
        return (out - x) / (1 - time).clamp(min=NEAREST)[:, None, None]

    def _blocks(self, h: Tensor, time_vector: Tensor, mask: Tensor | None) -> Tensor:
        """All blocks: (batch, positions, dim), `mask` (batch, positions) or None for no padding."""
        modulation = self.modulation(F.silu(time_vector)).view(h.shape[0], -1, 6 * self.config.dim)
        modulation = modulation + self.modulation_offsets
        rotary = self.rotary(h.shape[1])
        for number, block in enumerate(self.blocks):
            arguments = (h, modulation[:, number : number + 1], mask, rotary)
            if self.activation_checkpointing and torch.is_grad_enabled():
                h = checkpoint(block, *arguments, use_reentrant=False)
            else:
                h = block(*arguments)
        return h
