"""Log-mel spectrograms: the one place where sample rate, window, hop and band count are written."""

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

    def __init__(self, config: MelConfig | None = None):
        super().__init__()
        import torchaudio  # heavy, and not needed to import the package

        self.config = config or MelConfig()
        self.spectrogram = torchaudio.transforms.MelSpectrogram(
            sample_rate=self.config.sample_rate,
            n_fft=self.config.n_fft,
            hop_length=self.config.hop,
            n_mels=self.config.n_mels,
            power=1.0,
            center=True,
        )

    def forward(self, wave: Tensor) -> Tensor:
        """`wave`: (batch, samples) at `sample_rate` -> (batch, 1 + samples // hop, n_mels)."""
        return self.spectrogram(wave).clamp(min=self.config.floor).log().transpose(1, 2)
