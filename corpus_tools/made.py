"""What the stages made of a corpus, part by part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus_tools.contents import Contents
from corpus_tools.shards import Slice, verdicts_of


@dataclass(frozen=True)
class MadePart:
    """One part after all stages but the last."""

    contents: Contents
    plans: Path
    aligned: Path | None = None
    verdicts: Path | None = None

    def count(self, split: str) -> int:
        """The utterances of a split that passed all gates."""
        return sum(1 for _ in verdicts_of(self.plans, self.verdicts, split))


def plan_shards(made: Sequence[MadePart], split: str, size: int) -> Iterator[tuple[Slice, ...]]:
    """Which utterances make which shard: `size` in each, in the order of the corpus."""
    shard: list[Slice] = []
    room = size
    for part in made:
        first, left = 0, part.count(split)
        while left:
            count = min(left, room)
            piece = Slice(
                part.contents, part.plans, part.aligned, part.verdicts, split, first, count
            )
            shard.append(piece)
            first, left, room = first + count, left - count, room - count
            if not room:
                yield tuple(shard)
                shard, room = [], size
    if shard:
        yield tuple(shard)
