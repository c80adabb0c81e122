"""A released model: its network, and the durations that it never had."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from diamoe.flow.duration import DurationConfig, DurationPredictor
from diamoe.flow.matching import MelScale
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.model.released import ReleasedConfig, ReleasedDiT
from diamoe.text.phones import SYLLABLE
from diamoe.text.vocabulary import PhoneVocabulary


@dataclass(frozen=True)
class ReleasedModelConfig:
    """Everything that decides the shape of a `ReleasedModel`."""

    network: ReleasedConfig = field(default_factory=ReleasedConfig)
    """The imported network."""
    duration: DurationConfig = field(default_factory=DurationConfig)
    """Our duration predictor, which says how long an utterance is to be."""
    scale: MelScale = field(default_factory=lambda: MelScale(0.0, 1.0))
    """Released networks work on the log-mel as it is."""


class ReleasedModel(nn.Module):
    """What a bundle of a released checkpoint holds.

    The original guesses an utterance's length from byte counts; here our duration predictor, at
    the pace of the voice, gives it. Ids are the released vocabulary's, durations are of our own
    `phones`.
    """

    def __init__(self, config: ReleasedModelConfig, phones: PhoneVocabulary):
        super().__init__()
        self.config, self.phones = config, phones
        self.dit = ReleasedDiT(config.network)
        self.duration = DurationPredictor(config.duration, phones)

    def sounding(self, ids: Tensor, token_mask: Tensor) -> Tensor:
        """(batch, tokens) True for ids of `phones` that may take time: all but `|` and padding."""
        return token_mask & (ids != self.phones.id(SYLLABLE))

    @torch.inference_mode()
    def text_embedding(self, ids: Tensor, frames: int) -> Tensor:
        """Text over frames before the experts: ids (batch, tokens), -1 for padding ->
        (batch, frames, text_dim)."""
        return self.dit.text(ids, frames)

    @torch.inference_mode()
    def gate_logits(self, ids: Tensor, frames: int, gate_from: int = 0) -> Tensor:
        """What the gate says, (batch, experts); see `ReleasedDiT.gate_logits`."""
        return self.dit.gate_logits(ids, frames, gate_from)

    @torch.inference_mode()
    def velocity(
        self,
        x: Tensor,
        prompt: Tensor,
        ids: Tensor,
        time: Tensor,
        mask: Tensor | None = None,
        conditional: bool = True,
    ) -> Tensor:
        """Velocity, (batch, frames, n_mels).

        Args:
            x: (batch, frames, n_mels) the noisy mel.
            prompt: (batch, known frames, n_mels) log-mel.
            ids: (batch, tokens), -1 for padding.
            time: (batch,) flow time.
            mask: (batch, frames) bool, False for padding.
            conditional: False leaves out text and prompt.
        """
        conditioning = self.dit.condition(ids, prompt, x.shape[1], mask)
        return self.dit(x, time, conditioning if conditional else conditioning.null())

    @torch.inference_mode()
    def sample(
        self,
        noise: Tensor,
        prompt: Tensor,
        ids: Tensor,
        steps: int = 32,
        guidance: float = 2.0,
        sway: float = -1.0,
        gate_from: int = 0,
        mask: Tensor | None = None,
    ) -> Tensor:
        """A whole guided sample, (batch, frames, n_mels); its first frames are the prompt.

        `noise` (batch, frames, n_mels) is where it starts; `gate_from` ids, the prompt's, are kept
        from the gate (the original's `gate_mask_len` counts tokens without their spaces: half).
        """
        conditioning = self.dit.condition(ids, prompt, noise.shape[1], mask, gate_from)
        field = guided(self.dit, conditioning, guidance)
        mel = sample(field, noise, sway_times(steps, sway).to(noise.device))
        return torch.where(conditioning.known.unsqueeze(-1), conditioning.prompt, mel)
