"""The optimiser: AdamW, its groups of parameters, and how the learning rate goes."""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import nn

from diamoe.errors import ConfigError

Schedule = Literal["cosine", "constant", "wsd"]
"""How the rate goes after warm-up: down along a cosine, nowhere, or nowhere and then down in a
straight line (warm-up, stable, decay)."""


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW and its learning rate."""

    learning_rate: float = 1e-3
    """Peak learning rate."""
    warmup: int = 300
    """Steps of linear warm-up."""
    schedule: str = "cosine"
    """cosine, constant or wsd (warm-up, stable, decay)."""
    decay: float = 0.2
    """Share of the steps in which `wsd` goes down."""
    floor: float = 0.02
    """Last learning rate, as a share of the peak."""
    weight_decay: float = 0.01
    """Decoupled weight decay on matrices."""
    beta2: float = 0.98
    """Second moment's decay."""
    factors: dict[str, float] = field(default_factory=dict)
    """Learning rates of parts, as a share of the rate: by the beginning of a parameter's name
    (`dit.moe`), the longest that fits; `rest` is for all others. 1 unless named."""

    def __post_init__(self) -> None:
        if self.schedule not in ("cosine", "constant", "wsd"):
            raise ConfigError(
                f"optimiser.schedule: {self.schedule!r}; known schedules: cosine, constant, wsd"
            )
        if not 0 < self.decay <= 1:
            raise ConfigError(f"optimiser.decay: expected 0 to 1, found {self.decay}")
        wrong = [name for name, factor in self.factors.items() if factor < 0]
        if wrong:
            raise ConfigError(f"optimiser.factors.{wrong[0]}: expected 0 or more")

    def rate(self, step: int, steps: int) -> float:
        """Learning rate at a step of so many, as a share of the peak.

        >>> config = OptimiserConfig(warmup=10, schedule="wsd", floor=0.0)
        >>> [round(config.rate(step, 100), 2) for step in (0, 50, 80, 90, 100)]
        [0.1, 1.0, 1.0, 0.5, 0.0]
        """
        if step < self.warmup:
            return (step + 1) / self.warmup
        if self.schedule == "constant":
            return 1.0
        if self.schedule == "wsd":
            left = (steps - step) / max(round(self.decay * steps), 1)
            return self.floor + (1 - self.floor) * min(max(left, 0.0), 1.0)
        progress = min((step - self.warmup) / max(steps - self.warmup, 1), 1.0)
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * progress))

    def groups(self, model: nn.Module) -> list[dict[str, object]]:
        """Parameters by weight decay and learning rate.

        Raises:
            ConfigError: a part named in `factors` is no part of the model.
        """
        names = {name: p for name, p in model.named_parameters() if p.requires_grad}
        for part in self.factors:
            if part != "rest" and not any(_within(name, part) for name in names):
                tops = sorted({".".join(name.split(".")[:2]) for name in names})
                raise ConfigError(
                    f"optimiser.factors: the model has no part {part!r}; parts: {', '.join(tops)}"
                )
        groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
        for name, parameter in names.items():
            groups.setdefault((self._factor(name), parameter.ndim > 1), []).append(parameter)
        return [
            {
                "params": parameters,
                "lr": self.learning_rate * factor,
                "weight_decay": self.weight_decay if is_matrix else 0.0,
            }
            for (factor, is_matrix), parameters in groups.items()
        ]

    def _factor(self, name: str) -> float:
        fitting = [part for part in self.factors if part != "rest" and _within(name, part)]
        return self.factors.get(max(fitting, key=len, default="rest"), 1.0)

    def make(self, model: nn.Module) -> torch.optim.AdamW:
        """The optimiser of a model."""
        groups = self.groups(model)
        return torch.optim.AdamW(groups, lr=self.learning_rate, betas=(0.9, self.beta2))


def _within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")
