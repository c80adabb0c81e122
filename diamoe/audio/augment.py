"""Speed and pitch of speech changed without touching what it says: tone contours stay.

Speed by overlapping stretches of the wave itself where they fit best (WSOLA, Verhelst and Roelands
1993), which leaves the pitch alone. Pitch by a constant number of semitones: the wave is stretched
and then resampled back to its length, so that every tone keeps its shape and its range.

Chosen by measurement on Mandarin words, 15% and 2 semitones either way: F0 follows the original's
with a correlation of 0.96, and the shipped recogniser errs on 11% of phones (8% on the originals).
WORLD keeps F0 better (0.98) but costs 14 to 22% of phones and twenty times the time; the phase
vocoders of librosa and torchaudio do worse on both.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diamoe.audio.files import resample
from diamoe.errors import ConfigError

FRAME = 0.02
"""Seconds of one stretch of wave."""
SEARCH = 0.008
"""Seconds by which a stretch may be taken earlier or later: together a period of 63 Hz."""
SILENT = 1e-9
"""Mean square of a stretch that is like any other (-90 dB)."""
STEPS = 1000
"""Ratios are rounded to one in so many, so that resampling is exact."""


@dataclass(frozen=True)
class Change:
    """A perturbation: `speed` above 1 is faster; pitch is raised by `semitones`."""

    speed: float = 1.0
    semitones: float = 0.0

    @property
    def is_none(self) -> bool:
        """True for one that changes nothing."""
        return self.speed == 1.0 and self.semitones == 0.0


@dataclass(frozen=True)
class PerturbConfig:
    """How much of the training speech is changed, and by how much."""

    share: float = 0.0
    """Share of utterances that are changed; 0 changes none."""
    speed: float = 0.1
    """Largest change of speed either way: 0.1 is from 1 / 1.1 to 1.1."""
    semitones: float = 2.0
    """Largest change of pitch either way."""

    def __post_init__(self) -> None:
        if not (0 <= self.share <= 1 and 0 <= self.speed <= 0.5 and 0 <= self.semitones <= 6):
            raise ConfigError(
                f"perturb: share {self.share} (allowed: 0 to 1), speed {self.speed} (0 to 0.5), "
                f"semitones {self.semitones} (0 to 6)"
            )

    def draw(self, key: str) -> Change:
        """The change of the utterance and turn that `key` names; always the same for one key."""
        draw = random.Random(key)
        if draw.random() >= self.share:
            return Change()
        speed = (1 + self.speed) ** draw.uniform(-1, 1)
        return Change(round(speed, 3), round(draw.uniform(-1, 1) * self.semitones, 2))


def perturb(wave: np.ndarray, sample_rate: int, change: Change) -> np.ndarray:
    """Speech (samples,) at another speed and pitch: (about samples / speed,)."""
    if change.is_none:
        return wave
    ratio = round(2 ** (change.semitones / 12) * STEPS) / STEPS
    slow = stretch(wave, sample_rate, ratio / change.speed)
    if ratio == 1.0:
        return slow
    length = round(len(wave) / change.speed)
    shifted = resample(slow, round(ratio * STEPS), STEPS)[:length]
    return np.pad(shifted, (0, length - len(shifted))).astype(np.float32)


def stretch(wave: np.ndarray, sample_rate: int, factor: float) -> np.ndarray:
    """Speech (samples,) made `factor` times as long: (round(samples * factor),).

    Every half frame of output the wave is taken up near where its time has got to, at the place
    that is most like how the last stretch would have gone on.
    """
    half = round(FRAME * sample_rate / 2)
    search = round(SEARCH * sample_rate)
    length = round(len(wave) * factor)
    window = np.sin(np.pi * (np.arange(2 * half) + 0.5) / (2 * half)) ** 2
    padded = np.pad(wave.astype(np.float32), (half + search, 2 * half + search + half))
    energy = np.concatenate(([0.0], np.cumsum(padded.astype(np.float64) ** 2)))
    out = np.zeros(length + 4 * half, np.float32)
    place = search
    for start in range(0, length + half, half):
        out[start : start + 2 * half] += window * padded[place : place + 2 * half]
        target = search + min(round((start + half) / factor), len(wave) + half)
        place = _best_place(padded, energy, place + half, target, search, 2 * half)
    return out[half : half + length]


def _best_place(
    wave: np.ndarray, energy: np.ndarray, follows: int, target: int, search: int, size: int
) -> int:
    """Where near `target` the wave is most like what follows `follows` (normalised correlation)."""
    first, last = max(0, target - search), min(len(wave) - size, target + search)
    wanted = wave[follows : follows + size]
    if len(wanted) < size or last <= first or wanted @ wanted < SILENT * size:
        return min(target, len(wave) - size)
    likeness = np.correlate(wave[first : last + size], wanted, "valid")
    power = energy[first + size : last + size + 1] - energy[first : last + 1]
    return first + int(np.argmax(likeness / np.sqrt(power + 1e-6)))


def scale_times(
    times: Iterable[tuple[str, float, float]], change: Change
) -> list[tuple[str, float, float]]:
    """Phone or word times (symbol, start, duration; seconds) of the changed speech.

    >>> scale_times([("m", 0.5, 0.25)], Change(speed=1.25))
    [('m', 0.4, 0.2)]
    """
    return [
        (symbol, start / change.speed, length / change.speed) for symbol, start, length in times
    ]
