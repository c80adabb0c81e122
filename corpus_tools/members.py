"""A recording that has been labelled and cleaned, its sound kept on disk."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus_tools.audio.cleaning import SAMPLE_RATE, CleanRecording
from corpus_tools.recipes.utterance import Utterance
from diamoe.text.phones import PhoneSeq


@dataclass(frozen=True)
class Member:
    """What an utterance is made of: one cleaned recording. Times in seconds."""

    utterance: Utterance
    phones: PhoneSeq
    path: Path
    """An .npz file with int16 `wave` and `noise`."""
    duration: float
    start: float
    """Where the speech starts in the trimmed recording."""
    end: float

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        """Samples and background, both float32 (samples,)."""
        with np.load(self.path) as data:
            return from_int16(data["wave"]), from_int16(data["noise"])


def store(recording: CleanRecording, path: Path) -> None:
    """Keep a cleaned recording's sound for `Member.load`."""
    np.savez(path, wave=to_int16(recording.wave), noise=to_int16(recording.noise))


def to_int16(wave: np.ndarray) -> np.ndarray:
    """Samples in [-1, 1] as 16-bit integers."""
    return np.clip(np.round(wave * 32768.0), -32768, 32767).astype(np.int16)


def from_int16(samples: np.ndarray) -> np.ndarray:
    """The inverse of `to_int16`."""
    return samples.astype(np.float32) / 32768.0


def seconds(samples: int) -> float:
    """Time that a number of samples takes."""
    return samples / SAMPLE_RATE
