"""Recordings that have been cleaned, their sound kept on disk, and those that are labelled, too."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from corpus_tools.audio.cleaning import SAMPLE_RATE, CleanRecording
from corpus_tools.recipes.utterance import Utterance
from diamoe.text.phones import PhoneSeq

SAMPLE_TYPE = np.dtype("<i2")


@dataclass(frozen=True)
class Sound:
    """A cleaned recording in a file of 16-bit samples: first its own, then its background's."""

    path: Path
    offset: int
    """Samples of other recordings before it."""
    samples: int
    noise: int
    """Samples of background."""
    start: float
    """Where the speech starts in the trimmed recording, seconds."""
    end: float

    @property
    def duration(self) -> float:
        """Length of the trimmed recording, seconds."""
        return self.samples / SAMPLE_RATE

    def load(self) -> tuple[np.ndarray, np.ndarray]:
        """Samples and background, both float32 (samples,)."""
        count, place = self.samples + self.noise, self.offset * SAMPLE_TYPE.itemsize
        both = from_int16(np.fromfile(self.path, SAMPLE_TYPE, count, offset=place))
        return both[: self.samples], both[self.samples :]


def store(recording: CleanRecording, stream: BinaryIO, path: Path) -> Sound:
    """Append a cleaned recording's sound to a file, which will be found at `path`."""
    offset = stream.tell() // SAMPLE_TYPE.itemsize
    for wave in (recording.wave, recording.noise):
        stream.write(to_int16(wave).astype(SAMPLE_TYPE).tobytes())
    sizes = len(recording.wave), len(recording.noise)
    return Sound(path, offset, *sizes, recording.start, recording.end)


@dataclass(frozen=True)
class Member:
    """What an utterance is made of: one cleaned recording, and how its transcript is spoken."""

    utterance: Utterance
    text: str
    """The transcript as it was read."""
    phones: PhoneSeq
    sound: Sound
    words: tuple[tuple[str, int], ...] = ()
    """The words of the text and how many syllables each has."""

    @property
    def duration(self) -> float:
        """Length of the trimmed recording, seconds."""
        return self.sound.duration

    @property
    def start(self) -> float:
        """Where the speech starts in the trimmed recording, seconds."""
        return self.sound.start

    @property
    def end(self) -> float:
        """Where the speech ends, seconds."""
        return self.sound.end


def to_int16(wave: np.ndarray) -> np.ndarray:
    """Samples in [-1, 1] as 16-bit integers."""
    return np.clip(np.round(wave * 32768.0), -32768, 32767).astype(np.int16)


def from_int16(samples: np.ndarray) -> np.ndarray:
    """The inverse of `to_int16`."""
    return samples.astype(np.float32) / 32768.0


def seconds(samples: int) -> float:
    """Time that a number of samples takes."""
    return samples / SAMPLE_RATE
