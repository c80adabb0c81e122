"""The phone recogniser: log-mels to log-probabilities of segments and tones, two frames a step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

STRIDE = 2
"""Mel frames for one output frame."""
KNOWN = 500
"""Mel frames of an utterance that say as much of its bands as what is known of its speaker."""


@dataclass(frozen=True)
class RecogniserConfig:
    """Sizes of the network."""

    n_mels: int = 100
    """Mel bands."""
    classes: int = 150
    """Outputs, blank included."""
    tones: int = 0
    """Outputs of the tones, blank included; 0 for a recogniser without tones."""
    dim: int = 192
    """Channels between the blocks."""
    expansion: int = 2
    """Channels inside a block, as a multiple of `dim`."""
    blocks: int = 7
    """Residual blocks."""
    kernel: int = 9
    """Width of the depthwise convolutions, output frames; odd."""
    dropout: float = 0.0
    """Share of a block's outputs set to 0 in training."""


def output_frames(frames: Tensor) -> Tensor:
    """Output frames of so many mel frames; output frame `j` is centred on mel frame `2 j`."""
    return (frames + STRIDE - 1) // STRIDE


def frame_mask(frames: Tensor, length: int) -> Tensor:
    """(batch,) frame counts -> (batch, length), True where a frame is real."""
    return torch.arange(length, device=frames.device)[None] < frames[:, None]


@dataclass(frozen=True)
class Bands:
    """Mean and variance of every band in much speech of one speaker through one channel.

    A short utterance tells little of them: in one long vowel the mean is the vowel itself.
    """

    mean: Tensor
    """(n_mels,), or (batch, n_mels) where each row has a speaker of its own."""
    variance: Tensor
    """The same shape."""

    @classmethod
    def stack(cls, rows: Sequence["Bands"]) -> "Bands":
        """Those of every row of a batch."""
        return cls(torch.stack([r.mean for r in rows]), torch.stack([r.variance for r in rows]))

    @classmethod
    def of(cls, mels: Iterable[Tensor]) -> "Bands":
        """Of one speaker's log-mels, (frames, n_mels) each; at least one frame.

        >>> Bands.of([torch.tensor([[1.0]]), torch.tensor([[3.0], [5.0]])]).mean
        tensor([3.])
        """
        count, total, squares = 0, torch.zeros(()), torch.zeros(())
        for mel in mels:
            count += len(mel)
            total = total + mel.double().sum(0)
            squares = squares + mel.double().square().sum(0)
        mean = total / count
        return cls(mean.float(), (squares / count - mean.square()).clamp(min=0).float())


def normalise(mel: Tensor, frames: Tensor, speaker: Bands | None = None) -> Tensor:
    """Mean 0 and deviation 1 in every band, over the real frames; padding becomes 0.

    With `speaker`, mean and variance lie between the utterance's own and the speaker's, the nearer
    to the utterance's the longer it is (half way at `KNOWN` frames).

    `mel`: (batch, frames, n_mels), `frames`: (batch,).
    """
    mask = frame_mask(frames, mel.shape[1])[:, :, None]
    count = frames.clamp(min=1)[:, None, None]
    mean = (mel * mask).sum(1, keepdim=True) / count
    variance = ((mel - mean).square() * mask).sum(1, keepdim=True) / count
    if speaker is not None:
        bands = mel.shape[2]
        known = KNOWN / (KNOWN + count)
        mean = mean.lerp(speaker.mean.reshape(-1, 1, bands), known)
        variance = variance.lerp(speaker.variance.reshape(-1, 1, bands), known)
    # The floor keeps bands that are silent throughout (band-limited recordings) from exploding.
    return (mel - mean) * mask / variance.add(0.25).sqrt()


class Block(nn.Module):
    """Depthwise convolution over time, then a pointwise network, on top of the input."""

    def __init__(self, config: RecogniserConfig):
        super().__init__()
        dim, inner = config.dim, config.dim * config.expansion
        self.depthwise = nn.Conv1d(dim, dim, config.kernel, padding=config.kernel // 2, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.widen = nn.Linear(dim, inner)
        self.narrow = nn.Linear(inner, dim)
        self.scale = nn.Parameter(torch.full((dim,), 0.1))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x`: (batch, frames, dim), `mask`: (batch, frames, 1) -> (batch, frames, dim)."""
        y = self.depthwise((x * mask).transpose(1, 2)).transpose(1, 2)
        y = self.narrow(nn.functional.gelu(self.widen(self.norm(y))))
        return x + self.dropout(self.scale * y)


class PhoneRecogniser(nn.Module):
    """Strided convolution, residual blocks, linear outputs for segments and for tones."""

    def __init__(self, config: RecogniserConfig):
        super().__init__()
        self.config = config
        self.front = nn.Conv1d(config.n_mels, config.dim, 5, stride=STRIDE, padding=2)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.blocks))
        self.norm = nn.LayerNorm(config.dim)
        self.head = nn.Linear(config.dim, config.classes)
        self.tone_head = nn.Linear(config.dim, config.tones) if config.tones else None

    def forward(self, mel: Tensor, frames: Tensor, speaker: Bands | None = None) -> Tensor:
        """Log-probabilities of the segments' classes.

        `mel`: (batch, frames, n_mels) log-mel, `frames`: (batch,) real frames, `speaker`: what is
        known of who speaks -> (batch, ceil(frames / 2), classes); frames past an utterance's end
        mean nothing.
        """
        return self.head(self._features(mel, frames, speaker)).float().log_softmax(-1)

    def hear(
        self, mel: Tensor, frames: Tensor, speaker: Bands | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """`forward`, and the tones' log-probabilities (batch, ceil(frames / 2), tones) or None."""
        x = self._features(mel, frames, speaker)
        segments = self.head(x).float().log_softmax(-1)
        if self.tone_head is None:
            return segments, None
        return segments, self.tone_head(x).float().log_softmax(-1)

    def _features(self, mel: Tensor, frames: Tensor, speaker: Bands | None) -> Tensor:
        x = normalise(mel, frames, speaker)
        x = self.front(x.transpose(1, 2)).transpose(1, 2)
        mask = frame_mask(output_frames(frames), x.shape[1])[:, :, None]
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x)
