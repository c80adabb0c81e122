"""How sure a figure is: bootstrap intervals over utterances."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from diamoe.evaluation.metric import Figure, Row

ROUNDS = 1000
"""Samples with replacement."""


@dataclass(frozen=True)
class Estimate:
    """A figure over so many utterances, and where it lies with 95% confidence."""

    value: float
    low: float
    high: float
    utterances: int


def estimate(figure: Figure, rows: Iterable[Row], seed: int = 0) -> Estimate | None:
    """A figure over rows; None where no row has it.

    >>> figure = Figure("per", "lower", "phone errors", rate=True)
    >>> rows = [figure.of(1, 10), figure.of(3, 10), {"per": None}]
    >>> estimate(figure, rows)
    Estimate(value=0.2, low=0.1, high=0.3, utterances=2)
    """
    if figure.rate:
        names = (f"{figure.name}_part", f"{figure.name}_of")
        pairs = [[row[n] for n in names] for row in rows if row.get(f"{figure.name}_of")]
    else:
        pairs = [[row[figure.name], 1.0] for row in rows if row.get(figure.name) is not None]
    if not pairs:
        return None
    values = np.array(pairs, float)  # (utterances, 2)
    low, high = np.quantile(resampled(values, seed), (0.025, 0.975))
    part, whole = values.sum(0)
    return Estimate(float(part / whole), float(low), float(high), len(values))


def resampled(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """Ratios of column sums over samples with replacement: (utterances, 2) -> (ROUNDS,)."""
    draws = np.random.default_rng(seed).integers(len(values), size=(ROUNDS, len(values)))
    sums = values[draws].sum(1)
    return sums[:, 0] / sums[:, 1]


def paired_difference(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Estimate:
    """Mean of `first - second` over the same utterances, with its interval."""
    gaps = np.array(first, float) - np.array(second, float)
    values = np.stack([gaps, np.ones_like(gaps)], 1)
    low, high = np.quantile(resampled(values, seed), (0.025, 0.975))
    return Estimate(float(gaps.mean()), float(low), float(high), len(gaps))
