"""The network of released F5-TTS and DiaMoE-TTS checkpoints, as `tts import` brings them in.

It shares flow time, ConvNeXt blocks, rotary positions and the transformer's frame with our own
network; what the checkpoints were trained with and we would not do again is a named setting of
`Compatibility`.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.errors import ConfigError
from diamoe.model.dit import Conditioning
from diamoe.model.layers import Rotary, TimeEmbedding, TransformerBlock
from diamoe.model.released_layers import (
    AdaptedConvolution,
    ExpertKind,
    MLPExperts,
    ReleasedAttention,
    ReleasedTextEncoder,
    TransformerExperts,
    on_frames,
)


@dataclass(frozen=True)
class Compatibility:
    """Faults of the original that imported weights were trained with; no new model has them."""

    route_over_filler: bool = True
    """The gate pools over filler frames too, so routing follows the length of the utterance."""
    softmax_over_chosen: bool = True
    """The gate's softmax comes after the choice of experts: with one expert its weight is 1."""
    space_between_tokens: bool = True
    """The id of the space stands between any two tokens."""


@dataclass(frozen=True)
class ReleasedExpertsConfig:
    """The mixture of experts over text."""

    count: int = 0
    """Experts; 0 for F5-TTS itself."""
    kind: ExpertKind = "mlp"
    """What an expert is."""
    hidden: int = 1024
    """Hidden width of an expert."""
    layers: int = 1
    """Layers of a transformer expert."""
    heads: int = 8
    """Attention heads of a transformer expert."""
    top_k: int = 1
    """Experts that an utterance uses."""


@dataclass(frozen=True)
class ReleasedAdapterConfig:
    """The convolution adapters of a "PEFT" file; its low-rank parts are merged at import."""

    width: int = 0
    """Bottleneck; 0 where there is no adapter."""
    squeeze: int = 0
    """Bottleneck of squeeze and excitation."""
    kernel: int = 3
    """Depthwise kernel."""


@dataclass(frozen=True)
class ReleasedConfig:
    """Architecture of a released network; the defaults are F5-TTS Base."""

    tokens: int = 2545
    """Entries of its vocabulary."""
    dim: int = 1024
    """Width of the transformer."""
    depth: int = 22
    """Transformer blocks."""
    heads: int = 16
    """Attention heads."""
    head_dim: int = 64
    """Width of a head."""
    rotary_heads: int = 1
    """Heads that know positions, from the first on."""
    expansion: int = 2
    """Feed-forward width, as a multiple of `dim`."""
    qk_norm: bool = False
    """Queries and keys are normalised."""
    long_skip: bool = False
    """The transformer's input is joined to its output."""
    n_mels: int = 100
    """Mel bands."""
    text_dim: int = 512
    """Width of the text encoder."""
    text_depth: int = 4
    """ConvNeXt blocks over text."""
    text_kernel: int = 7
    """Their depthwise kernel."""
    text_expansion: int = 2
    """Their hidden width, as a multiple of `text_dim`."""
    mask_padding: bool = False
    """Filler stays at zero in the text encoder (F5-TTS v1)."""
    position_kernel: int = 31
    """Kernel of the convolutions over frames that give positions."""
    position_groups: int = 16
    """Their groups."""
    experts: ReleasedExpertsConfig = field(default_factory=ReleasedExpertsConfig)
    """The mixture of experts over text."""
    adapter: ReleasedAdapterConfig = field(default_factory=ReleasedAdapterConfig)
    """Adapters in the text encoder."""
    compatibility: Compatibility = field(default_factory=Compatibility)
    """Faults that are kept."""

    def __post_init__(self) -> None:
        count, experts = self.experts.count, self.experts
        if not 0 <= self.rotary_heads <= self.heads:
            raise ConfigError(f"pe_attn_head {self.rotary_heads} must be 0 to {self.heads} (heads)")
        if count and not 1 <= experts.top_k <= count:
            raise ConfigError(f"top_k {experts.top_k} must be 1 to {count} (experts)")
        if count and experts.kind == "transformer" and self.text_dim % experts.heads:
            raise ConfigError(
                f"text_dim {self.text_dim} does not split into {experts.heads} heads of an expert"
            )


@dataclass(frozen=True)
class ReleasedConditioning(Conditioning):
    """Conditioning whose unconditional side is the encoded filler, not zero:
    `null_text` (batch, frames, text_dim)."""

    separable: ClassVar[bool] = False  # text lies over frames by its place in the whole
    null_text: Tensor

    def null(self) -> Conditioning:
        nothing = super().null()
        return Conditioning(self.null_text, nothing.prompt, nothing.known, self.mask)


class ReleasedMoE(nn.Module):
    """Experts chosen once per utterance from its pooled text; their output is added to it."""

    def __init__(self, config: ReleasedConfig):
        super().__init__()
        experts, dim = config.experts, config.text_dim
        self.config, self.compatibility = experts, config.compatibility
        self.gate = nn.Linear(dim, experts.count)
        self.experts: nn.Module = (
            MLPExperts(experts.count, dim, experts.hidden)
            if experts.kind == "mlp"
            else TransformerExperts(
                experts.count, dim, experts.hidden, experts.layers, experts.heads
            )
        )

    def gate_logits(self, text: Tensor, real: Tensor) -> Tensor:
        """`text` (batch, frames, dim), `real` (batch, frames) not filler -> (batch, experts)."""
        if self.compatibility.route_over_filler:
            return self.gate(text.mean(dim=1))
        keep = real.unsqueeze(-1).to(text.dtype)
        return self.gate((text * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1))

    def forward(self, text: Tensor, logits: Tensor) -> Tensor:
        """`text` (batch, frames, dim) through the experts that `logits` (batch, experts) choose."""
        if self.compatibility.softmax_over_chosen:
            top, chosen = logits.topk(self.config.top_k, dim=-1)
            weights = top.float().softmax(dim=-1)
        else:
            weights, chosen = logits.float().softmax(dim=-1).topk(self.config.top_k, dim=-1)
        return text + self.experts(text, weights.to(text.dtype), chosen)


class ReleasedDiT(nn.Module):
    """Text encoder, experts and velocity field of a released checkpoint."""

    def __init__(self, config: ReleasedConfig):
        super().__init__()
        self.config = c = config
        self.text = ReleasedTextEncoder(
            c.tokens, c.text_dim, c.text_depth, c.text_kernel, c.text_expansion, c.mask_padding
        )
        adapter = c.adapter
        for block in self.text.blocks if adapter.width else ():
            block.depthwise = AdaptedConvolution(
                c.text_dim, c.text_kernel, adapter.kernel, adapter.width, adapter.squeeze
            )
        self.moe = ReleasedMoE(c) if c.experts.count else None
        self.time = TimeEmbedding(c.dim)
        self.project_in = nn.Linear(2 * c.n_mels + c.text_dim, c.dim)
        self.position = nn.Sequential(*self._convolution(), *self._convolution())
        self.rotary = Rotary(c.head_dim)
        self.modulations = nn.ModuleList(nn.Linear(c.dim, 6 * c.dim) for _ in range(c.depth))
        self.blocks = nn.ModuleList(self._block() for _ in range(c.depth))
        self.long_skip = nn.Linear(2 * c.dim, c.dim, bias=False) if c.long_skip else None
        self.norm_out = nn.LayerNorm(c.dim, elementwise_affine=False, eps=1e-6)
        self.modulation_out = nn.Linear(c.dim, 2 * c.dim)
        self.project_out = nn.Linear(c.dim, c.n_mels)

    def _convolution(self) -> tuple[nn.Module, nn.Module]:
        dim, kernel = self.config.dim, self.config.position_kernel
        groups = self.config.position_groups
        return nn.Conv1d(dim, dim, kernel, padding=kernel // 2, groups=groups), nn.Mish()

    def _block(self) -> TransformerBlock:
        c = self.config
        attention = ReleasedAttention(c.dim, c.heads, c.head_dim, c.rotary_heads, c.qk_norm)
        return TransformerBlock(c.dim, attention, c.expansion)

    def gate_logits(self, ids: Tensor, frames: int, gate_from: int = 0) -> Tensor:
        """What the gate says of an utterance, (batch, experts).

        Args:
            ids: (batch, tokens), -1 for padding.
            frames: length of the utterance, prompt included.
            gate_from: the first ids, which the gate is not to see (the prompt's).

        Raises:
            ConfigError: the network has no experts.
        """
        if self.moe is None:
            raise ConfigError("this network has no experts, so it has no gate")
        seen = ids[:, gate_from:]
        return self.moe.gate_logits(self.text(seen, frames), on_frames(seen, frames) >= 0)

    def encode_text(self, ids: Tensor, frames: int, gate_from: int = 0) -> Tensor:
        """Text over frames, through the experts where there are any: (batch, frames, text_dim).

        Arguments as in `gate_logits`.
        """
        text = self.text(ids, frames)
        if self.moe is None:
            return text
        return self.moe(text, self.gate_logits(ids, frames, gate_from))

    def condition(
        self,
        ids: Tensor,
        prompt: Tensor,
        frames: int,
        mask: Tensor | None = None,
        gate_from: int = 0,
    ) -> ReleasedConditioning:
        """Everything that the velocity field is told, computed once per utterance.

        Args:
            ids: (batch, tokens), -1 for padding.
            prompt: (batch, known frames, n_mels) log-mel; the rest is to be made.
            frames: length of the utterance, prompt included.
            mask: (batch, frames) bool, False for padding; None where there is none.
            gate_from: see `gate_logits`.
        """
        known = torch.arange(frames, device=ids.device).expand(len(ids), -1) < prompt.shape[1]
        return ReleasedConditioning(
            text=self.encode_text(ids, frames, gate_from),
            prompt=F.pad(prompt, (0, 0, 0, frames - prompt.shape[1])),
            known=known,
            mask=torch.ones_like(known) if mask is None else mask,
            null_text=self.text(ids, frames, hidden=True),
        )

    def forward(self, x: Tensor, time: Tensor, conditioning: Conditioning) -> Tensor:
        """Velocity at `x` (batch, frames, n_mels) and `time` (batch,): (batch, frames, n_mels)."""
        h = self.project_in(torch.cat((x, conditioning.prompt, conditioning.text), dim=-1))
        h = start = h + self.position(h.transpose(1, 2)).transpose(1, 2)
        time_vector = F.silu(self.time(time))
        rotary = self.rotary(h.shape[1])
        for block, modulation in zip(self.blocks, self.modulations, strict=True):
            h = block(h, modulation(time_vector).unsqueeze(1), conditioning.mask, rotary)
        if self.long_skip is not None:
            h = self.long_skip(torch.cat((h, start), dim=-1))
        scale, shift = self.modulation_out(time_vector).unsqueeze(1).chunk(2, dim=-1)
        return self.project_out(self.norm_out(h) * (1 + scale) + shift)
