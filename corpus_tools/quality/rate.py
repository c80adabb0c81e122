"""Speech rate, and what is usual in a dialect."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

SILENT = ("_", "∅")
MAD = 1.4826
"""Median absolute deviation to standard deviation, for normal distributions."""
LEAST_SPREAD = 0.05
"""Spread of a distribution is taken to be at least this: a tiny corpus has none."""
FEWEST = 20
"""Utterances that make a distribution."""


def count_phones(seq: PhoneSeq) -> int:
    """Phones that take time: no pauses, no zero initials, no boundaries.

    >>> count_phones(PhoneSeq.parse("∅ ˈaᴴᴴ ɪ̯ | ， | m ˈaᴹᴸ | 。", "putonghua"))
    4
    """
    phones = (parse_phone(t) for t in seq.tokens if t != SYLLABLE)
    return sum(not p.is_pause and p.segment not in SILENT for p in phones)


def speech_rate(seq: PhoneSeq, times: Iterable[tuple[str, float, float]], seconds: float) -> float:
    """Phones a second, pauses left out where phone times are known.

    Args:
        times: symbol, start and duration of every token, seconds; may be empty.
        seconds: length of the speech, for utterances without phone times.
    """
    spoken = [d for symbol, _, d in times if not parse_phone(symbol).is_pause]
    length = sum(spoken) if spoken else seconds
    return count_phones(seq) / max(length, 0.01)


@dataclass(frozen=True)
class Usual:
    """Median and robust spread of a figure over a dialect's utterances."""

    median: float
    spread: float
    utterances: int

    def deviation(self, value: float) -> float:
        """How many spreads a value lies above the median (a robust z-score)."""
        return (value - self.median) / self.spread


def usual(values: Iterable[float]) -> Usual:
    """Median and spread by the median absolute deviation.

    >>> usual([1.0, 2.0, 3.0, 4.0, 100.0]).median
    3.0
    """
    array = np.fromiter(values, float)
    median = float(np.median(array))
    spread = MAD * float(np.median(np.abs(array - median)))
    return Usual(median, max(spread, LEAST_SPREAD), len(array))
