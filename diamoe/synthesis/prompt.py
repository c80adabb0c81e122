"""A recording as a prompt: cleaned, trimmed and looked at before a voice is made of it."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diamoe.audio.decode import LongRecording, decode
from diamoe.audio.files import resample
from diamoe.errors import AudioError
from diamoe.extras import extra
from diamoe.synthesis.speech import loud_rms

SHORTEST, LONGEST = 1.5, 12.0
"""Seconds of speech that a voice can be made of; 3 to 10 are best."""
LONGEST_FILE = 60.0
"""Seconds; longer recordings are refused before they are decoded."""
LEVEL = -23.0
"""dB RMS that every prompt is brought to."""
_FRAME = 0.02
_EDGE = 0.15
_SILENT = -60.0
_LEAST_RATIO = 12.0
_MOST_APART = 7.0


class BadPrompt(AudioError):
    """A recording cannot be a prompt; the message says why and what would do."""


@dataclass(frozen=True)
class Prompt:
    """`wave` (samples,) at `sample_rate`, trimmed; `doubts` are what a careful listener would
    object to: noise, a second speaker; `level` dB RMS of the recording's louder half."""

    wave: np.ndarray
    sample_rate: int
    doubts: tuple[str, ...]
    level: float = LEVEL

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.wave) / self.sample_rate


def read_prompt(path: str | Path, sample_rate: int) -> Prompt:
    """Read, mix to mono, resample, clean and check a recording.

    Raises:
        BadPrompt: it is silence, too short or too long.
        AudioError: it is not audio, or not there.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    try:
        decoded = decode(path, longest=LONGEST_FILE)
    except LongRecording as error:
        raise BadPrompt(
            f"{error}; a prompt is {SHORTEST:g} to {LONGEST:g} s of one voice: cut out a sentence"
        ) from error
    return make_prompt(decoded.samples.mean(axis=1), decoded.sample_rate, sample_rate, str(path))


def make_prompt(wave: np.ndarray, rate: int, sample_rate: int, where: str = "recording") -> Prompt:
    """Clean and check samples (samples,) at `rate`; the prompt is at `sample_rate`.

    Raises:
        BadPrompt: it is silence, too short or too long.
    """
    if not len(wave) or not np.isfinite(wave).all():
        raise BadPrompt(f"{where}: no samples, or some that are no numbers")
    wave = without_rumble(resample(wave.astype(np.float32), rate, sample_rate), sample_rate)
    levels = frame_levels(wave, sample_rate)
    loud = float(np.quantile(levels, 0.95))
    if loud < _SILENT:
        raise BadPrompt(f"{where}: silence (its loudest parts are at {loud:.0f} dB)")
    wave, levels = trimmed(wave, levels, sample_rate)
    seconds = len(wave) / sample_rate
    if not SHORTEST <= seconds <= LONGEST:
        much = "too short" if seconds < SHORTEST else "too long"
        raise BadPrompt(
            f"{where}: {much}: {seconds:.1f} s of speech, a prompt is {SHORTEST:g} to "
            f"{LONGEST:g} s (3 to 10 s are best)"
        )
    level = 20 * math.log10(max(loud_rms(wave), 1e-6))
    louder = (wave * 10 ** ((LEVEL - level) / 20)).astype(np.float32)
    return Prompt(louder, sample_rate, doubts(wave, levels, sample_rate), level)


def without_rumble(wave: np.ndarray, sample_rate: int, hertz: float = 50.0) -> np.ndarray:
    """Without what lies below the voice: hum, rumble, a constant offset."""
    with extra("voices", "a voice of a recording"):
        from scipy.signal import butter, sosfiltfilt

    if len(wave) < 64:
        return wave - wave.mean()
    sections = butter(2, hertz, "highpass", fs=sample_rate, output="sos")
    return sosfiltfilt(sections, wave).astype(np.float32)


def frame_levels(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """dB RMS of every 20 ms, (frames,)."""
    size = int(_FRAME * sample_rate)
    padded = np.pad(wave, (0, -len(wave) % size)).reshape(-1, size)
    return 10 * np.log10(np.square(padded, dtype=np.float64).mean(axis=1) + 1e-10)


def trimmed(
    wave: np.ndarray, levels: np.ndarray, sample_rate: int
) -> tuple[np.ndarray, np.ndarray]:
    """The wave, and its levels, without the quiet at either end."""
    speech = np.flatnonzero(levels > np.quantile(levels, 0.95) - 30)
    edge = round(_EDGE / _FRAME)
    first, last = max(0, speech[0] - edge), min(len(levels), speech[-1] + 1 + edge)
    size = int(_FRAME * sample_rate)
    return wave[first * size : last * size], levels[first:last]


def doubts(wave: np.ndarray, levels: np.ndarray, sample_rate: int) -> tuple[str, ...]:
    """What speaks against a recording: noise, clipping, two speakers."""
    found = []
    ratio = float(np.quantile(levels, 0.9) - np.quantile(levels, 0.05))
    if ratio < _LEAST_RATIO:
        found.append(
            f"noisy: speech is only {ratio:.0f} dB above the quietest parts "
            f"(at least {_LEAST_RATIO:g} dB is wanted)"
        )
    clipped = float(np.mean(np.abs(wave) > 0.995 * np.abs(wave).max()))
    if clipped > 0.005:
        found.append(f"clipped: {100 * clipped:.1f} % of the samples touch its peak")
    apart = voices_apart(wave, levels, sample_rate)
    if apart > _MOST_APART:
        found.append(
            f"two speakers? parts of it lie {apart:.0f} semitones apart "
            f"(one voice stays within {_MOST_APART:g})"
        )
    return tuple(found)


def voices_apart(wave: np.ndarray, levels: np.ndarray, sample_rate: int) -> float:
    """Semitones between the highest and the lowest median pitch of stretches between pauses."""
    from diamoe.evaluation.tone import measure_f0

    f0 = measure_f0(wave, sample_rate)
    speaking = levels > np.quantile(levels, 0.95) - 25
    place = np.minimum(np.arange(len(f0)) * len(speaking) // max(len(f0), 1), len(speaking) - 1)
    medians: list[list[float]] = []
    run: list[float] = []
    gap = 0
    for pitch, heard in zip(f0, speaking[place], strict=True):
        gap = 0 if heard else gap + 1
        if gap * len(levels) * _FRAME / len(f0) > 0.12:
            medians, run = [*medians, run], []
        elif pitch > 0:
            run.append(12 * np.log2(pitch))
    rate = len(f0) / (len(levels) * _FRAME)  # pitch values a second
    long = [float(np.median(r)) for r in (*medians, run) if len(r) >= 0.8 * rate]
    return max(long) - min(long) if len(long) > 1 else 0.0
