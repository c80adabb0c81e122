"""Short pieces of recordings, drawn by number so that a run can be taken up anywhere."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, CorpusError
from diamoe.training.shards import ShardStore, find_corpora
from diamoe.vocoding.remade import RemadeMels


@dataclass(frozen=True)
class CropConfig:
    """What a batch is made of."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpora of recordings to train on; patterns are welcome."""
    valid: list[str] = field(default_factory=list)
    """Prepared corpora to measure on while training; patterns likewise."""
    frames: int = 28
    """Mel frames of a crop: 0.3 seconds."""
    utterances: int = 4
    """Utterances in a batch; decoding them is the dear part."""
    crops: int = 4
    """Crops of each utterance."""
    gain: float = 6.0
    """By how many dB a crop is louder or softer at most, drawn evenly."""

    def __post_init__(self) -> None:
        if not self.corpora or not self.valid:
            raise ConfigError("crops: name at least one prepared corpus in corpora and in valid")
        if min(self.frames, self.utterances, self.crops) < 1 or self.frames < 12:
            raise ConfigError(
                f"crops: frames {self.frames} (allowed: 12 or more), utterances "
                f"{self.utterances} and crops {self.crops} (1 or more)"
            )


@dataclass(frozen=True)
class Lesson:
    """What one step learns from: `real` (crops, samples), and mels (some, frames, n_mels) that a
    model made of the first of these crops."""

    real: Tensor
    remade: Tensor

    def to(self, device: torch.device) -> "Lesson":
        """The same on another device."""
        return Lesson(self.real.to(device), self.remade.to(device))


class Crops:
    """Crops of all recordings of some corpora; batch `n` is the same whenever it is asked for."""

    def __init__(self, patterns: Sequence[str], config: CropConfig, mel: MelConfig, seed: int):
        """Raises CorpusError where the corpora hold no utterance."""
        self.config, self.mel, self.seed = config, mel, seed
        self.store, self.remade = ShardStore(), RemadeMels({}, {})
        self.anew = 0
        self.usable: list[int] = []
        for folder in find_corpora(patterns):
            self.store.add(folder)
        if not len(self.store):
            raise CorpusError(f"no utterance to train on: {', '.join(patterns)} are empty")

    def tell(self, remade: RemadeMels, share: float) -> None:
        """From now on, mels that a model made belong to a share of the crops.

        Raises:
            CorpusError: no utterance was made that is long enough.
        """
        self.remade, self.anew = remade, round(share * self.config.utterances)
        self.usable = remade.fitting(self.config.frames)
        if not self.usable:
            raise CorpusError(f"no mel of more than {self.config.frames} frames was made again")

    def batch(self, number: int) -> Lesson:
        """`utterances * crops` crops of `frames * hop` samples."""
        config = self.config
        draw = random.Random(f"{self.seed} {number}")
        crops, told = [], []
        for _ in range(self.anew):
            place = draw.choice(self.usable)
            wave = self._wave(place)
            for _ in range(config.crops):
                crop, mel = self._remade_crop(place, wave, draw)
                crops.append(crop)
                told.append(mel)
        for _ in range(config.utterances - self.anew):
            wave = self._wave(draw.randrange(len(self.store)))
            crops += [self._crop(wave, draw) for _ in range(config.crops)]
        remade = torch.stack(told) if told else torch.zeros(0, config.frames + 1, self.mel.n_mels)
        return Lesson(torch.from_numpy(np.stack(crops)), remade)

    def _wave(self, number: int) -> np.ndarray:
        cut = self.store.cut(number)
        if cut.sampling_rate != self.mel.sample_rate:
            raise CorpusError(
                f"{cut.id}: {cut.sampling_rate} samples a second, {self.mel.sample_rate} needed"
            )
        return cut.load_audio()[0]

    def _crop(self, wave: np.ndarray, draw: random.Random) -> np.ndarray:
        size = self.config.frames * self.mel.hop
        wave = np.pad(wave, (0, max(0, size - len(wave))))
        start = draw.randint(0, len(wave) - size)
        crop = wave[start : start + size]
        return crop * self._gain(crop, draw)

    def _remade_crop(
        self, number: int, wave: np.ndarray, draw: random.Random
    ) -> tuple[np.ndarray, Tensor]:
        """A crop between whole hops, and the mel that was made of it."""
        frames, hop = self.config.frames, self.mel.hop
        begin, end = self.remade.spans[number]
        start = draw.randint(begin, end - frames - 1)
        crop = wave[start * hop : (start + frames) * hop]
        gain = self._gain(crop, draw)
        mel = self.remade.crop(number, start, frames, math.log(gain))
        return crop * gain, mel.clamp(min=math.log(self.mel.floor))

    def _gain(self, crop: np.ndarray, draw: random.Random) -> np.float32:
        gain = 10 ** (draw.uniform(-self.config.gain, self.config.gain) / 20)
        # Louder, but never beyond full scale.
        return np.float32(min(gain, 1 / max(float(np.abs(crop).max()), 1e-3)))
