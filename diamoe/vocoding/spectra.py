"""Distance of two waves by their spectra at several resolutions: an objective and a measure."""

import torch
from torch import Tensor, nn

RESOLUTIONS = (128, 256, 512, 1024, 2048)
"""Window lengths, samples; each window moves by a quarter of its length."""
FLOOR = 1e-4
"""Smallest magnitude before the logarithm."""


class SpectralDistance(nn.Module):
    """Spectral convergence and log magnitude (Yamamoto, Song and Kim, 2020), mean of resolutions.

    Short windows tell where the pulses of a voice lie, which a mel spectrogram's long one leaves
    open; so this teaches phases without a word about them.

    >>> SpectralDistance()(torch.ones(1, 4096), torch.ones(1, 4096)).item()
    0.0
    """

    def __init__(self, resolutions: tuple[int, ...] = RESOLUTIONS):
        super().__init__()
        self.resolutions = resolutions
        for length in resolutions:
            self.register_buffer(f"window{length}", torch.hann_window(length), persistent=False)

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        """`made` and `real`: (batch, samples) -> one number."""
        parts = [self._at(length, made, real) for length in self.resolutions]
        return torch.stack(parts).mean()

    def _at(self, length: int, made: Tensor, real: Tensor) -> Tensor:
        window = self.get_buffer(f"window{length}")
        a, b = (
            torch.stft(wave, length, length // 4, window=window, return_complex=True)
            # The gradient of a magnitude is not defined at 0.
            .abs()
            .clamp(min=FLOOR)
            for wave in (made, real)
        )
        convergence = torch.linalg.norm(a - b) / torch.linalg.norm(b).clamp(min=FLOOR)
        return convergence + (a.log() - b.log()).abs().mean()
