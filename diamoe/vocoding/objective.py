"""What the vocoder is taught by: mel and spectral distance, and Vocos' adversarial losses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from diamoe.vocoding.spectra import FLOOR


@dataclass(frozen=True)
class CriticsConfig:
    """The discriminators, and from when on they have a say."""

    after: int = 2000
    """Steps without them."""
    periods: list[int] = field(default_factory=lambda: [2, 3, 5, 7, 11])
    """Of the multi-period discriminators; none where the list is empty."""
    windows: list[int] = field(default_factory=lambda: [2048, 1024, 512])
    """Window lengths of the multi-resolution discriminators, samples; likewise."""
    channels: int = 32
    """Width of the multi-resolution ones."""
    levels: list[int] = field(default_factory=list)
    """Window lengths of `LevelCritic`s, samples; likewise."""
    learning_rate: float = 2e-4
    """Their own peak."""


@dataclass(frozen=True)
class ObjectiveWeights:
    """Weights of the generator's losses, each a mean over discriminators where there are many."""

    mel: float = 45.0
    """Of the distance of log-mels."""
    mended: float = 20.0
    """Of how far mels of recordings are mended, which need it not."""
    spectra: float = 0.0
    """Of the spectral distance at several resolutions."""
    periods: float = 1.0
    """Of the verdict and the features of the multi-period discriminators."""
    windows: float = 0.1
    """Of those of the multi-resolution ones."""
    levels: float = 1.0
    """Of those of the level critics."""
    pitch: float = 1.0
    """Of how badly the pitch is read off mels, where the head needs it."""


class LevelCritic(nn.Module):
    """Tells made from real by the logarithm of a short-time spectrum's magnitudes.

    Vocos' multi-resolution discriminators see real and imaginary parts, in which all that is soft
    looks alike. This one tells them apart after a hundred steps, when those know nothing yet.
    """

    window: Tensor

    def __init__(self, length: int, channels: int = 16):
        super().__init__()
        self.length = length
        self.register_buffer("window", torch.hann_window(length), persistent=False)
        tall, steps = (9, 3), ((2, 1), (2, 1), (2, 2), (1, 1))
        self.layers = nn.ModuleList(
            nn.Conv2d(channels if i else 1, channels, tall, stride, padding=(4, 1))
            for i, stride in enumerate(steps)
        )
        self.last = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        """`wave`: (batch, samples) -> scores (batch, places), and the features of every layer."""
        step = self.length // 4
        spectrum = torch.stft(wave, self.length, step, window=self.window, return_complex=True)
        # About mean 0 and deviation 1 in speech at full scale.
        x = (spectrum.abs().clamp(min=FLOOR).log()[:, None] + 3.0) / 2.5
        features = []
        for layer in self.layers:
            x = leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.last(x).flatten(1), features


class Critics(nn.Module):
    """Discriminators of the `vocos` package and our own, and its hinge and feature losses."""

    def __init__(self, config: CriticsConfig, weights: ObjectiveWeights):
        super().__init__()
        from vocos.discriminators import DiscriminatorP, DiscriminatorR
        from vocos.loss import DiscriminatorLoss, FeatureMatchingLoss, GeneratorLoss

        periods = [DiscriminatorP(period) for period in config.periods]
        windows = [DiscriminatorR(length, channels=config.channels) for length in config.windows]
        levels = [LevelCritic(length) for length in config.levels]
        self.families = nn.ModuleList(map(nn.ModuleList, (periods, windows, levels)))
        self.weights = (weights.periods, weights.windows, weights.levels)
        self.judge, self.please = DiscriminatorLoss(), GeneratorLoss()
        self.resemble = FeatureMatchingLoss()

    def verdict(self, made: Tensor, real: Tensor) -> Tensor:
        """What the discriminators minimise; waves are (batch, samples)."""
        total = made.new_zeros(())
        for family, weight in self._used():
            of_real, of_made = (_heard(family, wave) for wave in (real, made.detach()))
            loss, *_ = self.judge(_scores(of_real), _scores(of_made))
            total = total + weight * loss.squeeze() / len(family)
        return total

    def forward(self, made: Tensor, real: Tensor) -> Tensor:
        """What the generator minimises; waves are (batch, samples)."""
        total = made.new_zeros(())
        for family, weight in self._used():
            of_made = _heard(family, made)
            with torch.no_grad():
                of_real = _heard(family, real)
            pleased, _ = self.please(_scores(of_made))
            alike = self.resemble(_features(of_real), _features(of_made))
            total = total + weight * (pleased + alike).squeeze() / len(family)
        return total

    def _used(self) -> list[tuple[Any, float]]:
        pairs = zip(self.families, self.weights, strict=True)
        return [(family, weight) for family, weight in pairs if len(family)]  # type: ignore[arg-type]


Heard = tuple[Tensor, Sequence[Tensor]]


def _heard(family: Any, wave: Tensor) -> list[Heard]:
    return [critic(wave) for critic in family]


def _scores(heard: list[Heard]) -> list[Tensor]:
    return [score for score, _ in heard]


def _features(heard: list[Heard]) -> list[Sequence[Tensor]]:
    return [features for _, features in heard]
