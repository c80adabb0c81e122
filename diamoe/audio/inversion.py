"""From a log-mel back to a short-time spectrum: magnitudes, phases, and a sound set right."""

import torch
from torch import Tensor, nn

from diamoe.audio.mel import MelConfig, mel_filters
from diamoe.audio.short_time import ShortTime
from diamoe.cancelling import check_cancelled

UPDATES = 20
"""Of magnitudes, by which they agree with their mel to some hundredths."""
QUIETEST = 1e-6
"""No magnitude is smaller."""
MOST = 3.0
"""Largest logarithm of a gain that sets a sound right in one round."""


class MelInversion(nn.Module):
    """What a mel says of the sound that it was made of. It has no weights."""

    filters: Tensor
    spread: Tensor

    def __init__(self, mel: MelConfig):
        super().__init__()
        self.transform, self.floor = ShortTime(mel.n_fft, mel.hop), mel.floor
        filters = mel_filters(mel)
        spread = filters / filters.sum(1, keepdim=True).clamp(min=1e-3)
        spread[[0, -1]] = spread[[1, -2]]  # no band has the first and the last bin
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("spread", spread.T, persistent=False)

    def magnitudes(self, mel: Tensor, updates: int = UPDATES) -> Tensor:
        """(batch, frames, n_mels) log magnitudes -> those of the bins, (batch, frames, bins).

        The non-negative least-squares solution of `magnitudes @ filters = mel.exp()`, by
        multiplicative updates (Lee and Seung, 2001) from the interpolated envelope.
        """
        target = mel.exp()
        reach = self.filters.sum(1).clamp(min=1e-3)  # (bins,)
        width = self.filters.sum(0).clamp(min=1e-3)  # (n_mels,)
        linear = ((target / width) @ self.filters.T / reach).clamp(min=QUIETEST)
        wanted = target @ self.filters.T
        for _ in range(updates):
            check_cancelled()
            found = (linear @ self.filters) @ self.filters.T
            linear = linear * (wanted / found.clamp(min=1e-9))
        return linear.clamp(min=QUIETEST)

    def phased(
        self, magnitudes: Tensor, angles: Tensor, iterations: int, momentum: float
    ) -> Tensor:
        """A sound with these magnitudes, (batch, frames, bins), and phases that agree with them.

        Griffin-Lim with momentum (Perraudin, Balazs and Søndergaard, 2013) from `angles`, complex
        numbers of length 1 -> (batch, (frames - 1) * hop).
        """
        before = torch.zeros_like(angles)
        weight = momentum / (1 + momentum)
        envelope = self.transform.envelope(magnitudes.shape[1])
        for _ in range(iterations):
            check_cancelled()
            rebuilt = self.transform.spectrum(self.transform.wave(magnitudes * angles, envelope))
            angles = torch.sub(rebuilt, before, alpha=weight).sgn()
            before = rebuilt
        return self.transform.wave(magnitudes * angles, envelope)

    def set_right(self, wave: Tensor, mel: Tensor, rounds: int, momentum: float) -> Tensor:
        """Turn the bands in which a sound is too loud or too soft down or up, at every frame, and
        leave its phases as they are.

        `wave` (batch, (frames - 1) * hop), `mel` (batch, frames, n_mels) -> as `wave`. Each round
        goes on from where the way of the one before leads, by `momentum` of its length.
        """
        envelope = self.transform.envelope(mel.shape[1])
        before = None
        for _ in range(rounds):
            check_cancelled()
            spectrum = self.transform.spectrum(wave)
            ahead = spectrum if before is None else spectrum + momentum * (spectrum - before)
            before = spectrum
            found = (ahead.abs() @ self.filters).clamp(min=self.floor).log()
            gain = ((mel - found) @ self.spread).clamp(-MOST, MOST).exp()
            wave = self.transform.wave(ahead * gain, envelope)
        return wave
