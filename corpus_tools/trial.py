"""Whether the shipped recogniser knows the speech of a corpus: it is tried on a sample of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from corpus_tools.align import AlignmentTask, load_aligner
from corpus_tools.contents import Contents
from corpus_tools.hearing import SHIPPED, TRAIN
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.quality.rate import Usual, usual
from corpus_tools.rejection import Rejected
from corpus_tools.sounds import read_sounds
from corpus_tools.utterances import read_plans

UTTERANCES, PARTS = 8, 8
"""Utterances of a part, and parts, that it is tried on."""


@dataclass(frozen=True)
class Trial:
    """How well the recogniser knows the speech of a corpus."""

    scores: Mapping[str, Usual]
    """Alignment scores of the sample, by dialect."""
    hours: float
    """Speech in the whole corpus."""

    def verdict(self, least_score: float, least_hours: float) -> tuple[str, str]:
        """`SHIPPED` or `TRAIN`, and why.

        Args:
            least_score: usual score of a dialect that the recogniser knows.
            least_hours: of less speech than this no recogniser can be trained.

        >>> Trial({"german": Usual(-3.0, 0.5, 60)}, 0.5).verdict(-2.5, 0.2)
        ('train', 'the shipped recogniser does not know german (usual scores: german -3.00)')
        """
        heard = ", ".join(f"{d} {s.median:.2f}" for d, s in sorted(self.scores.items()))
        unknown = sorted(d for d, s in self.scores.items() if s.median < least_score)
        if not unknown:
            return SHIPPED, f"the shipped recogniser knows this speech (usual scores: {heard})"
        why = f"the shipped recogniser does not know {', '.join(unknown)} (usual scores: {heard})"
        if self.hours < least_hours:
            return SHIPPED, f"{why}, but {60 * self.hours:.1f} minutes are too few to train one on"
        return TRAIN, why


def try_part(job: Job, target: Path) -> None:
    """Scores of a part's first utterances; inputs and settings as those of `align_part`."""
    settings: AlignmentTask = job.settings
    *paths, plans = job.inputs
    first = list(islice(read_plans(plans, Contents(*paths)), UTTERANCES))
    made = [planned.make(settings.join, settings.seed) for planned in first]
    found = load_aligner(settings.recogniser).align(made) if made else []
    pairs = zip(made, found, strict=True)
    write_lines(
        target,
        (
            {"dialect": joined.phones.dialect, "score": round(alignment.score, 4)}
            for joined, alignment in pairs
            if not isinstance(alignment, Rejected)
        ),
    )


def read_trial(tried: Iterable[Path], audio: Iterable[Path]) -> Trial:
    """What `try_part` found in some parts, and how much the audio stage kept of all of them."""
    scores: dict[str, list[float]] = {}
    for path in tried:
        for record in read_lines(path):
            scores.setdefault(record["dialect"], []).append(record["score"])
    seconds = sum(sound.duration for folder in audio for sound in read_sounds(folder).values())
    return Trial({d: usual(values) for d, values in scores.items()}, seconds / 3600)


def spread(items: Sequence[Any], most: int = PARTS) -> list[Any]:
    """At most so many of some items, evenly spread over them.

    >>> spread(range(10), 3)
    [0, 3, 6]
    """
    step = max(1, len(items) // most)
    return list(items[::step][:most])
