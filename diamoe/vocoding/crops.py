"""Short pieces of recordings, drawn by number so that a run can be taken up anywhere."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, CorpusError
from diamoe.training.shards import ShardStore, find_corpora


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


class Crops:
    """Crops of all recordings of some corpora; batch `n` is the same whenever it is asked for."""

    def __init__(self, patterns: Sequence[str], config: CropConfig, mel: MelConfig, seed: int):
        """Raises CorpusError where the corpora hold no utterance."""
        self.config, self.mel, self.seed = config, mel, seed
        self.store = ShardStore()
        for folder in find_corpora(patterns):
            self.store.add(folder)
        if not len(self.store):
            raise CorpusError(f"no utterance to train on: {', '.join(patterns)} are empty")

    def batch(self, number: int) -> Tensor:
        """(utterances * crops, frames * hop) samples."""
        config = self.config
        draw = random.Random(f"{self.seed} {number}")
        waves = [self._wave(draw.randrange(len(self.store))) for _ in range(config.utterances)]
        crops = [self._crop(wave, draw) for wave in waves for _ in range(config.crops)]
        return torch.from_numpy(np.stack(crops))

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
        gain = 10 ** (draw.uniform(-self.config.gain, self.config.gain) / 20)
        crop = wave[start : start + size]
        # Louder, but never beyond full scale.
        return crop * np.float32(min(gain, 1 / max(float(np.abs(crop).max()), 1e-3)))
