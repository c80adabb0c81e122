"""A sound file under test, and everything that several metrics need of it."""

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from diamoe.audio.files import read_audio
from diamoe.audio.mel import MelConfig
from diamoe.errors import AudioError
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import Item
from diamoe.evaluation.tone import measure_f0
from diamoe.recogniser.alignment import Alignment
from diamoe.recogniser.decode import Heard
from diamoe.recogniser.model import Bands
from diamoe.synthesis.synthesizer import TimedPhone
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PhoneSeq

SHORTEST = 0.05
"""Seconds under which a file holds no speech."""


class Clip:
    """An item and its sound at 24 kHz, whatever rate it was stored at.

    `speaker` is what is known of who speaks from more speech than this.

    Raises:
        AudioError: the file is missing, is no sound, or is shorter than `SHORTEST`.
    """

    def __init__(self, item: Item, path: str | Path, ear: Ear, speaker: Bands | None = None):
        self.item, self.path, self.ear, self.speaker = item, Path(path), ear, speaker
        self.rate = MelConfig().sample_rate
        self.wave, _ = read_audio(path, self.rate)
        if not np.isfinite(self.wave).all():
            raise AudioError(f"{path}: samples that are no numbers")
        if self.seconds < SHORTEST:
            raise AudioError(
                f"{path}: {len(self.wave)} samples, shorter than {SHORTEST} s, hold no speech"
            )

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.wave) / self.rate

    @cached_property
    def seq(self) -> PhoneSeq:
        """What is to be said.

        Raises:
            TextError: the text cannot be read in its dialect.
        """
        if self.item.phones:
            return PhoneSeq.parse(self.item.phones, self.item.dialect)
        return _frontend(self.item.dialect)(self.item.text)

    @cached_property
    def mel(self) -> np.ndarray:
        """Log-mel, (frames, n_mels)."""
        return self.ear.analyse(self.wave)

    @cached_property
    def f0(self) -> np.ndarray:
        """F0 in Hz every 5 ms, 0 where unvoiced."""
        return measure_f0(self.wave, self.rate)

    @cached_property
    def heard(self) -> Heard:
        """What the recogniser hears."""
        return self.ear.hear(self.mel, self.item.dialect, self.speaker)

    @cached_property
    def alignment(self) -> Alignment:
        """When each phone is heard.

        Raises:
            TooShort: the speech is too short for its phones.
        """
        return self.ear.align(self.mel, self.seq, self.seconds, self.speaker)

    @property
    def timing(self) -> tuple[TimedPhone, ...]:
        """`alignment` as the synthesizer writes it."""
        return tuple(
            TimedPhone(t.symbol, t.start, t.start + t.duration) for t in self.alignment.times
        )


@lru_cache(maxsize=32)
def _frontend(dialect: str) -> Frontend:
    return Frontend(dialect)
