"""Forced alignment: the best path of a fixed chain of units through frame scores."""

from dataclasses import dataclass

import numpy as np

from diamoe.errors import TooShort
from diamoe.extras import extra
from diamoe.recogniser.labels import BLANK

with extra("voices", "finding the times of phones"):
    from numba import njit

ABSORPTION = 2.5
"""What a frame of silence inside a phone costs against a frame of silence between words, nats."""


@dataclass(frozen=True)
class Unit:
    """A stretch of one class in the chain."""

    label: int
    """Class; `BLANK` for silence."""
    least: int = 1
    """Fewest frames."""
    optional: bool = False
    """True if the path may pass it by. Two optional units must not be neighbours."""
    cost: float = 0.0
    """Cost of passing through, nats."""
    first: int = 0
    """Earliest frame."""
    last: int = 2**30
    """Frame before which it ends."""


@njit(cache=True)
def _best_path(scores, least, optional, cost, first, last):  # type: ignore[no-untyped-def]
    """Frame of entry into every unit, by dynamic programming over (frame, state).

    A unit of `least` n is n states in a row, of which the last may repeat. `scores`:
    (frames, units). Returns entries (units + 1,), -1 where a unit is passed by, and the score.
    """
    frames, units = scores.shape
    states = int(least.sum())
    unit = np.empty(states, np.int64)
    begins = np.empty(units + 1, np.int64)
    begins[0] = 0
    for u in range(units):
        begins[u + 1] = begins[u] + least[u]
        unit[begins[u] : begins[u + 1]] = u
    best = np.full(states, -np.inf)
    source = np.zeros((frames, states), np.int8)
    fresh = np.empty(states)
    for t in range(frames):
        for s in range(states):
            u = unit[s]
            value, origin = -np.inf, 0
            entry = s == begins[u]
            if t == 0:
                if entry and (u == 0 or (u == 1 and optional[0])):
                    value = -cost[u]
            else:
                if s == begins[u + 1] - 1:
                    value = best[s]
                if s > 0:
                    step = best[s - 1] - (cost[u] if entry else 0.0)
                    if step > value:
                        value, origin = step, 1
                if entry and u > 1 and optional[u - 1]:
                    step = best[begins[u - 1] - 1] - cost[u]
                    if step > value:
                        value, origin = step, 2
            if t < first[u] or t >= last[u]:
                value = -np.inf
            fresh[s] = value + scores[t, u]
            source[t, s] = origin
        best[:] = fresh
    s = states - 1
    if optional[units - 1] and units > 1 and best[begins[units - 1] - 1] > best[s]:
        s = begins[units - 1] - 1
    total = best[s]
    entries = np.full(units, -1, np.int64)
    if total == -np.inf:
        return entries, total
    for t in range(frames - 1, 0, -1):
        u = unit[s]
        if source[t, s] == 0:
            continue
        if s == begins[u]:
            entries[u] = t
        s = s - 1 if source[t, s] == 1 else begins[u - 1] - 1
    entries[unit[s]] = 0
    return entries, total


def align(log_probs: np.ndarray, units: list[Unit], where: str = "") -> tuple[list, np.ndarray]:
    """The best path through the units.

    Silence inside a phone (closures, creaky stretches, gaps no pause stands for) counts for
    that phone at a cost.

    Args:
        log_probs: (frames, classes).
        units: the chain; every one that is not optional is passed through.

    Returns:
        (start, end) frames of every unit, None for one passed by, and its frames' scores
        (frames,).

    Raises:
        TooShort: there are fewer frames than the units need.
    """
    labels = np.array([u.label for u in units])
    scores = log_probs[:, labels].astype(np.float64)
    silence = log_probs[:, BLANK].astype(np.float64) - ABSORPTION
    spoken = labels != BLANK
    scores[:, spoken] = np.maximum(scores[:, spoken], silence[:, None])
    entries, total = _best_path(
        np.maximum(scores, -30.0),
        np.array([u.least for u in units]),
        np.array([u.optional for u in units]),
        np.array([u.cost for u in units]),
        np.array([u.first for u in units]),
        np.array([u.last for u in units]),
    )
    frames = len(log_probs)
    if not np.isfinite(total):
        need = sum(u.least for u in units if not u.optional)
        raise TooShort(f"{where}: {frames} frames cannot hold {need} frames of phones in order")
    spans: list[tuple[int, int] | None] = [None] * len(units)
    end = frames
    path = np.empty(frames)
    for u in range(len(units) - 1, -1, -1):
        if entries[u] >= 0:
            spans[u] = (int(entries[u]), end)
            path[entries[u] : end] = scores[entries[u] : end, u]
            end = int(entries[u])
    return spans, path
