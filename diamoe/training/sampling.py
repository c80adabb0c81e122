"""Which utterances meet in which batch: temperature over dialects, Lhotse's bucketed batches."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lhotse.cut import MonoCut
from lhotse.dataset.sampling import DynamicBucketingSampler
from torch.utils.data import Sampler

from diamoe.audio.augment import Change, PerturbConfig
from diamoe.errors import ConfigError

BUCKETS = 12
"""Kinds of length that are kept apart."""


@dataclass(frozen=True)
class Draw:
    """An utterance of a batch, by its number in the store, and the change to hear it with."""

    number: int
    change: Change = Change()


@dataclass(frozen=True)
class Draws:
    """One batch: its number in the run, and its utterances."""

    batch: int
    utterances: tuple[Draw, ...]


def shares(seconds: Mapping[int, float], temperature: float) -> dict[int, float]:
    """Share of training that every dialect gets: proportional to its speech ** (1 / temperature).

    At 1 every utterance is heard alike; the higher, the more alike the dialects are heard.

    >>> {d: round(s, 2) for d, s in shares({0: 90.0, 1: 10.0}, 1.0).items()}
    {0: 0.9, 1: 0.1}
    >>> {d: round(s, 2) for d, s in shares({0: 90.0, 1: 10.0}, 2.0).items()}
    {0: 0.75, 1: 0.25}
    """
    if temperature < 1:
        raise ConfigError(f"data.temperature: expected 1 or more, found {temperature}")
    weights = {dialect: s ** (1 / temperature) for dialect, s in seconds.items()}
    total = sum(weights.values())
    return {dialect: weight / total for dialect, weight in weights.items()}


class DialectOrder:
    """The order of utterances, epoch after epoch; an epoch has as many as the data.

    Every dialect's utterances are gone through in a random order, and once they are through in
    another one, so that none is heard twice before all others were. An epoch takes up where the
    one before left off.
    """

    def __init__(
        self,
        numbers: Sequence[int],
        seconds: Sequence[float],
        dialects: Sequence[int],
        temperature: float = 1.0,
        seed: int = 0,
    ):
        """`numbers` of utterances, one as often as it is to be heard; `seconds` and `dialects`
        by number."""
        self.seconds, self.seed = seconds, seed
        self.members: dict[int, list[int]] = {}
        for number in numbers:
            self.members.setdefault(dialects[number], []).append(number)
        speech = {d: sum(seconds[n] for n in members) for d, members in self.members.items()}
        total = sum(speech.values())
        self.counts = {  # shares are of time: a dialect of long utterances needs fewer of them
            d: max(1, round(share * total / speech[d] * len(self.members[d])))
            for d, share in shares(speech, temperature).items()
        }

    def epoch(self, number: int) -> list[int]:
        """The utterances of one epoch, mixed."""
        drawn: list[int] = []
        for dialect, count in sorted(self.counts.items()):
            drawn += self._slice(dialect, number * count, count)
        random.Random(f"{self.seed} epoch {number}").shuffle(drawn)
        return drawn

    def _slice(self, dialect: int, start: int, count: int) -> list[int]:
        """`count` utterances of a dialect from place `start` of its endless order."""
        size, drawn = len(self.members[dialect]), []
        while count:
            turn, place = divmod(start, size)
            order = list(self.members[dialect])
            random.Random(f"{self.seed} dialect {dialect} turn {turn}").shuffle(order)
            taken = order[place : place + count]
            drawn += taken
            start, count = start + len(taken), count - len(taken)
        return drawn


class EndlessBatches(Sampler[Draws]):
    """Lhotse's bucketed batches, epoch after epoch, from any batch number on.

    Batch `n` of a run depends on the data, the seed and `n` alone; of several processes each
    takes every `world`-th. So a run goes on exactly where it stopped, whatever its loader had
    fetched ahead, and one process with so many more batches a step does what many do.

    Args:
        order: the utterances of every epoch.
        max_seconds: speech in one batch, padding counted.
        perturb: what is changed, drawn anew for every utterance of every epoch.
        start: the first batch to give.
        mark: an epoch, not after `start`, and the number of its first batch: where to count from.
        rank, world: this process' place among all.
    """

    def __init__(
        self,
        order: DialectOrder,
        max_seconds: float,
        perturb: PerturbConfig | None = None,
        start: int = 0,
        mark: tuple[int, int] = (0, 0),
        rank: int = 0,
        world: int = 1,
    ):
        self.order, self.max_seconds = order, max_seconds
        self.perturb = perturb or PerturbConfig()
        self.start, self.rank, self.world = start, rank, world
        self.marks = [mark]

    def __iter__(self) -> Iterator[Draws]:
        epoch, number = self.marks[-1]
        while True:
            for batch in self._epoch(epoch):
                if number >= self.start and number % self.world == self.rank:
                    yield Draws(number, tuple(self._draw(int(cut.id), number) for cut in batch))
                number += 1
            epoch += 1
            self.marks.append((epoch, number))

    def mark_of(self, batch: int) -> tuple[int, int]:
        """The epoch that a batch belongs to, and the number of that epoch's first batch."""
        return next(mark for mark in reversed(self.marks) if mark[1] <= batch)

    def _draw(self, number: int, batch: int) -> Draw:
        if not self.perturb.share:
            return Draw(number)
        return Draw(number, self.perturb.draw(f"{self.order.seed} {batch} {number}"))

    def _epoch(self, epoch: int) -> DynamicBucketingSampler:
        order = self.order
        drawn = order.epoch(epoch)
        sampler = bucketed(drawn, order.seconds, self.max_seconds, BUCKETS, order.seed)
        sampler.set_epoch(epoch)
        return sampler


def bucketed(
    numbers: Sequence[int],
    seconds: Sequence[float],
    max_seconds: float,
    buckets: int,
    seed: int | None = None,
) -> DynamicBucketingSampler:
    """Lhotse's batches of utterances of like length, each a set of cuts named by their numbers;
    shuffled where there is a seed."""
    return DynamicBucketingSampler(
        [MonoCut(str(n), 0, seconds[n], 0) for n in numbers],
        max_duration=max_seconds,
        num_buckets=min(buckets, len(set(numbers))),
        shuffle=seed is not None,
        seed=seed or 0,
        world_size=1,
        rank=0,
    )
