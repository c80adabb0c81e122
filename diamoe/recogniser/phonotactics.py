"""Which segment follows which in each dialect: what a listener expects to hear next."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import torch
from torch import Tensor

from diamoe.recogniser.labels import BLANK, SegmentLabels, collapse
from diamoe.text.phones import PhoneSeq

WEIGHT = 0.5
"""What the expectation weighs beside the sound. With `REWARD` and `DOUBT` chosen on one half of
the held-out recordings; from .4 to .7 they are heard alike."""
REWARD = 0.5
"""What every segment gets for being heard, nats: without it short ones would be missed."""
DOUBT = 20.0
"""Successors of a segment that are taken to have been any of the dialect's."""
FOREIGN = 0.1
"""The share of these that may be any segment at all: words of other languages."""


class Phonotactics:
    """Pairs of successive segments, counted in each dialect.

    Without them a recogniser hears one doubtful sound as a row of segments, each likely for a
    frame or two, and the segments of one dialect in another.
    """

    def __init__(self, pairs: Mapping[str, Tensor], classes: int):
        """`pairs`: by dialect, (3, pairs) integers: class, class behind it, how often. `BLANK`
        stands before the first segment and behind the last."""
        self.pairs, self.classes = dict(pairs), classes
        self.expected = lru_cache(maxsize=32)(self._expected)

    @classmethod
    def count(cls, sequences: Iterable[PhoneSeq], labels: SegmentLabels) -> "Phonotactics":
        """Of what is said in a corpus; runs of one segment count once."""
        found: dict[str, dict[tuple[int, int], int]] = {}
        for seq in sequences:
            own = found.setdefault(seq.dialect, {})
            said = [BLANK, *collapse(labels.encode(seq)), BLANK]
            for pair in zip(said[:-1], said[1:], strict=True):
                own[pair] = own.get(pair, 0) + 1
        pairs = {
            dialect: torch.tensor([(*pair, n) for pair, n in sorted(own.items())]).T.int()
            for dialect, own in found.items()
        }
        return cls(pairs, len(labels))

    def _expected(self, dialect: str) -> Tensor:
        """(classes, classes): what hearing the column's segment behind the row's adds, nats; the
        first column is for the end. In a dialect that was not counted, what all have together."""
        known = (self.pairs[dialect],) if dialect in self.pairs else self.pairs.values()
        counts = torch.zeros(self.classes, self.classes)
        for first, second, times in known:
            counts.index_put_((first.long(), second.long()), times.float(), accumulate=True)
        usual = (1 - FOREIGN) * counts.sum(0) / counts.sum().clamp(min=1) + FOREIGN / self.classes
        chances = (counts + DOUBT * usual) / (counts.sum(1, keepdim=True) + DOUBT)
        gain = WEIGHT * chances.log()
        gain[:, BLANK + 1 :] += REWARD
        return gain
