"""Conditional flow matching with infilling: what the acoustic model is trained for."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.errors import BundleError
from diamoe.flow.duration import DurationConfig, DurationPredictor
from diamoe.model.adapters import ConditioningAdapters
from diamoe.model.dit import Conditioning, DiT, DiTConfig
from diamoe.model.layers import ConvNeXtBlock
from diamoe.model.moe import Routing, routing_loss
from diamoe.model.text_encoder import lay_out
from diamoe.text.phones import SYLLABLE, parse_phone
from diamoe.text.vocabulary import PhoneVocabulary


@dataclass(frozen=True)
class FlowConfig:
    """Settings of the training objective."""

    drop_prompt: float = 0.3
    """Share of utterances trained without prompt."""
    drop_both: float = 0.15
    """Share of utterances trained with neither text nor prompt, for guidance."""
    min_infill: float = 0.6
    """Smallest share of an utterance's frames that is hidden and learned."""
    time_mean: float = -0.5
    """Mean of logit(t) over training; below 0 looks more often at noisy mels."""
    time_std: float = 1.0
    """Standard deviation of logit(t) (Esser et al. 2024, arXiv 2403.03206, sec. 3.1)."""
    dialect_weight: float = 0.1
    """Weight of the dialect classification loss."""
    balance_weight: float = 0.02
    """Weight of the experts' balance loss."""
    routing_weight: float = 0.0
    """Weight of the loss that asks the gate to tell dialects apart (`routing_loss`)."""
    duration_weight: float = 0.1
    """Weight of the duration loss."""


@dataclass(frozen=True)
class MelScale:
    """Mean and standard deviation of log-mel values; the flow works on the normalised mel."""

    mean: float = -4.0
    std: float = 2.5

    def normalise(self, mel: Tensor) -> Tensor:
        return (mel - self.mean) / self.std

    def restore(self, mel: Tensor) -> Tensor:
        return mel * self.std + self.mean


@dataclass(frozen=True)
class Batch:
    """Utterances of one training step, padded.

    `mel` (batch, frames, n_mels) log-mel, `frames` (batch,), `ids` (batch, tokens), `tokens`
    (batch,), `durations` (batch, tokens) frames of every token, `dialect` (batch,).
    """

    mel: Tensor
    frames: Tensor
    ids: Tensor
    tokens: Tensor
    durations: Tensor
    dialect: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return Batch(**{name: tensor.to(device) for name, tensor in vars(self).items()})

    @property
    def frame_mask(self) -> Tensor:
        """(batch, frames) True on real frames."""
        return length_mask(self.frames, self.mel.shape[1])

    @property
    def token_mask(self) -> Tensor:
        """(batch, tokens) True on real tokens."""
        return length_mask(self.tokens, self.ids.shape[1])


def length_mask(lengths: Tensor, size: int) -> Tensor:
    """(batch,) lengths -> (batch, size) bool."""
    return torch.arange(size, device=lengths.device) < lengths.unsqueeze(1)


@dataclass(frozen=True)
class FlowLoss:
    """Scalars; `total` is the weighted sum that is minimised."""

    flow: Tensor
    duration: Tensor
    dialect: Tensor
    balance: Tensor
    routing: Tensor
    total: Tensor


@dataclass(frozen=True)
class AcousticConfig:
    """Everything that decides the shape and the training of an `AcousticModel`."""

    model: DiTConfig = field(default_factory=DiTConfig)
    duration: DurationConfig = field(default_factory=DurationConfig)
    flow: FlowConfig = field(default_factory=FlowConfig)
    scale: MelScale = field(default_factory=MelScale)
    conditioning: list[int] = field(default_factory=list)
    """Bottlenecks of the conditioning adapters that were merged into the model."""


class AcousticModel(nn.Module):
    """The velocity field and the duration predictor: what a bundle holds."""

    silent: Tensor
    pausing: Tensor

    def __init__(self, config: AcousticConfig, vocabulary: PhoneVocabulary):
        super().__init__()
        self.config = config
        self.dit = DiT(config.model, vocabulary)
        self.duration = DurationPredictor(config.duration, vocabulary)
        for block in [m for m in self.modules() if isinstance(m, ConvNeXtBlock)]:
            if config.conditioning:
                dim = block.depthwise.in_channels
                block.adapter = ConditioningAdapters.merged(dim, config.conditioning)
        silent = torch.tensor([t == SYLLABLE for t in vocabulary.tokens])
        pausing = torch.tensor([parse_phone(t).is_pause for t in vocabulary.tokens])
        self.register_buffer("silent", silent, persistent=False)
        self.register_buffer("pausing", pausing, persistent=False)

    def grown(self, old: PhoneVocabulary, new: PhoneVocabulary) -> "AcousticModel":
        """This model for a vocabulary that has more phones at its end; they are yet to be learned.

        Raises:
            BundleError: the new vocabulary does not begin with the old one.
        """
        if new == old:
            return self
        if new.tokens[: len(old)] != old.tokens:
            raise BundleError(
                f"the model's {len(old)} phones are not the first of the {len(new)} phones here"
            )
        model = AcousticModel(self.config, new)
        state = model.state_dict()
        for name, learned in self.state_dict().items():
            state[name][: len(learned)] = learned
        model.load_state_dict(state)
        return model

    def sounding(self, ids: Tensor, token_mask: Tensor) -> Tensor:
        """(batch, tokens) True for tokens that may take time: all but `|` and padding."""
        return token_mask & ~self.silent[ids]

    def infer_dialect(self, ids: Tensor, token_mask: Tensor) -> Tensor:
        """Which dialect phones sound like, by the classification head: probabilities (batch,
        dialects), which can stand wherever a dialect or a mix is asked for.

        Raises:
            BundleError: the model has no experts, and so no classification head.
        """
        _, routing = self.dit.encode_text(ids, token_mask, None)
        if routing is None:
            raise BundleError("a model without experts cannot tell dialects; name the dialect")
        return routing.dialect_logits.softmax(dim=-1)

    def token_frames(
        self, ids: Tensor, token_mask: Tensor, frames: Tensor, durations: Tensor | None
    ) -> Tensor:
        """Frames of every token under the model's layout, (batch, tokens)."""
        sounding = self.sounding(ids, token_mask)
        return lay_out(self.config.model.layout, sounding, frames, durations)


class FlowMatcher:
    """Optimal-transport flow matching (Lipman et al. 2022; Voicebox): with x0 noise and x1 mel,
    x_t = (1 - t) x0 + t x1 and the field learns x1 - x0 on the frames that are to be made."""

    def __init__(self, model: AcousticModel):
        self.model = model
        self.config = model.config.flow

    def loss(self, batch: Batch, generator: torch.Generator) -> FlowLoss:
        """One loss for one batch; all randomness comes from `generator`."""
        model, flow = self.model, self.config
        mask, token_mask = batch.frame_mask, batch.token_mask
        x1 = model.config.scale.normalise(batch.mel) * mask.unsqueeze(-1)
        hidden, routing = model.dit.encode_text(
            batch.ids, token_mask, self._maybe_hide(batch.dialect, generator)
        )
        durations = model.token_frames(batch.ids, token_mask, batch.frames, batch.durations)
        text = model.dit.frame_text(hidden, durations, mask)
        infill = infill_mask(batch.frames, mask.shape[1], flow.min_infill, generator)
        known = mask & ~infill
        conditioning = Conditioning(text, x1 * known.unsqueeze(-1), known, mask)
        keep_both = self._draw(len(x1), generator) >= flow.drop_both
        keep_prompt = keep_both & (self._draw(len(x1), generator) >= flow.drop_prompt)
        conditioning = conditioning.drop(text=keep_both, prompt=keep_prompt)
        x0 = torch.randn(x1.shape, generator=generator, device=x1.device)
        normal = torch.randn(len(x1), generator=generator, device=x1.device)
        time = torch.sigmoid(flow.time_mean + flow.time_std * normal)
        xt = torch.lerp(x0, x1, time[:, None, None])
        velocity = model.dit(xt, time, conditioning).float()
        error = (velocity - (x1 - x0)).square().mean(dim=-1)
        flow_loss = (error * infill).sum() / infill.sum().clamp(min=1)
        return self._total(batch, flow_loss, routing)

    def _total(self, batch: Batch, flow_loss: Tensor, routing: Routing | None) -> FlowLoss:
        model, flow = self.model, self.config
        pauses = model.pausing[batch.ids]
        sounding = model.sounding(batch.ids, batch.token_mask)
        duration = model.duration.loss(
            batch.ids, batch.token_mask, sounding, batch.dialect, batch.durations, pauses
        )
        dialect = balance = told = flow_loss.new_zeros(())
        if routing is not None:
            dialect = F.cross_entropy(routing.dialect_logits, batch.dialect)
            balance = routing.balance
            dialects = model.config.model.dialects
            told = routing_loss(routing.weights, batch.dialect, dialects)
        total = (
            flow_loss
            + flow.duration_weight * duration
            + flow.dialect_weight * dialect
            + flow.balance_weight * balance
            + flow.routing_weight * told
        )
        return FlowLoss(flow_loss, duration, dialect, balance, told, total)

    @staticmethod
    def _draw(batch: int, generator: torch.Generator) -> Tensor:
        return torch.rand(batch, generator=generator, device=generator.device)

    def _maybe_hide(self, dialect: Tensor, generator: torch.Generator) -> Tensor:
        hide = self._draw(len(dialect), generator) < self.model.config.model.moe.dialect_dropout
        return torch.where(hide, -1, dialect)


def infill_mask(frames: Tensor, size: int, smallest: float, generator: torch.Generator) -> Tensor:
    """A random span per utterance that is hidden: `smallest` to all of its frames, (batch, size).

    The span's place is uniform, so what stays known is a prompt before, after, or both.
    """
    share = torch.rand(len(frames), generator=generator, device=frames.device)
    length = ((smallest + (1 - smallest) * share) * frames).ceil().long()
    start = torch.rand(len(frames), generator=generator, device=frames.device)
    start = (start * (frames - length + 1)).long()
    grid = torch.arange(size, device=frames.device)
    return (grid >= start.unsqueeze(1)) & (grid < (start + length).unsqueeze(1))
