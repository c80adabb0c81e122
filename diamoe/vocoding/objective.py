"""What the vocoder is taught by: mel and spectral distance, and Vocos' adversarial losses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn


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
    learning_rate: float = 2e-4
    """Their own peak."""


@dataclass(frozen=True)
class ObjectiveWeights:
    """Weights of the generator's losses, each a mean over discriminators where there are many."""

    mel: float = 45.0
    """Of the distance of log-mels."""
    spectra: float = 0.0
    """Of the spectral distance at several resolutions."""
    periods: float = 1.0
    """Of the verdict and the features of the multi-period discriminators."""
    windows: float = 0.1
    """Of those of the multi-resolution ones."""
    pitch: float = 1.0
    """Of how badly the pitch is read off mels, where the head needs it."""


class Critics(nn.Module):
    """Discriminators of the `vocos` package and its hinge and feature losses."""

    def __init__(self, config: CriticsConfig, weights: ObjectiveWeights):
        super().__init__()
        from vocos.discriminators import DiscriminatorP, DiscriminatorR
        from vocos.loss import DiscriminatorLoss, FeatureMatchingLoss, GeneratorLoss

        periods = [DiscriminatorP(period) for period in config.periods]
        windows = [DiscriminatorR(length, channels=config.channels) for length in config.windows]
        self.families = nn.ModuleList([nn.ModuleList(periods), nn.ModuleList(windows)])
        self.weights = (weights.periods, weights.windows)
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
