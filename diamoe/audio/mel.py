"""Log-mel spectrograms: the one place where sample rate, window, hop and band count are written."""

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class MelConfig:
    """Analysis settings, as in Vocos' and F5-TTS's 24 kHz models (magnitude, HTK scale)."""

    sample_rate: int = 24_000
    """Samples per second."""
    n_fft: int = 1024
    """Window and transform length, samples."""
    hop: int = 256
    """Step between frames, samples."""
    n_mels: int = 100
    """Mel bands."""
    floor: float = 1e-5
    """Smallest magnitude before the logarithm."""

    @property
    def frame_rate(self) -> float:
        """Frames per second."""
        return self.sample_rate / self.hop

    def frames(self, seconds: float) -> int:
        """Whole frames nearest to a time."""
        return round(seconds * self.frame_rate)

    def seconds(self, frames: float) -> float:
        """Time that a number of frames takes."""
        return frames * self.hop / self.sample_rate

    def to_dict(self) -> dict[str, float]:
        """The settings as plain values, for a bundle's JSON."""
        return asdict(self)


class LogMel(torch.nn.Module):
    """Wave to log-mel: frame `i` is centred on sample `i * hop`.

    >>> LogMel()(torch.zeros(1, 2560)).shape
    torch.Size([1, 11, 100])
    """

    window: Tensor
    filters: Tensor

    def __init__(self, config: MelConfig | None = None):
        super().__init__()
        self.config = config or MelConfig()
        self.register_buffer("window", torch.hann_window(self.config.n_fft), persistent=False)
        self.register_buffer("filters", mel_filters(self.config), persistent=False)

    def forward(self, wave: Tensor) -> Tensor:
        """`wave`: (batch, samples) at `sample_rate` -> (batch, 1 + samples // hop, n_mels)."""
        config = self.config
        spectrum = torch.stft(
            wave, config.n_fft, config.hop, window=self.window, pad_mode="reflect",
            return_complex=True,
        )  # fmt: skip
        mel: Tensor = spectrum.abs().transpose(1, 2) @ self.filters
        return mel.clamp(min=config.floor).log()


def mel_filters(config: MelConfig) -> Tensor:
    """Triangles that are even on the HTK mel scale, 2595 log10(1 + f / 700), from 0 Hz to half the
    sample rate: (1 + n_fft / 2, n_mels)."""
    top = config.sample_rate / 2
    highest = 2595.0 * math.log10(1.0 + top / 700.0)
    corners = 700.0 * (10.0 ** (torch.linspace(0.0, highest, config.n_mels + 2) / 2595.0) - 1.0)
    frequencies = torch.linspace(0.0, top, config.n_fft // 2 + 1)
    slopes = corners.unsqueeze(0) - frequencies.unsqueeze(1)
    widths = corners.diff()
    rising, falling = -slopes[:, :-2] / widths[:-1], slopes[:, 2:] / widths[1:]
    return torch.minimum(rising, falling).clamp(min=0.0)
