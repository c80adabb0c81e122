"""What a metric is: named figures over clips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diamoe.errors import DiamoeError
from diamoe.evaluation.clip import Clip

Row = dict[str, Any]
"""Columns of one utterance in the table of results."""


class Unavailable(DiamoeError):
    """A metric cannot run here; the message says what to fetch and where to put it."""


class NotScored(DiamoeError):
    """A metric has nothing to say about an utterance; the message says why."""


@dataclass(frozen=True)
class Figure:
    """One number of a report."""

    name: str
    """Its column."""
    better: str
    """`higher`, `lower`, or empty where neither is."""
    meaning: str
    """What it says, with its unit."""
    rate: bool = False
    """A share over many utterances: the sum of column `name_part` over that of `name_of`.
    Otherwise the mean of column `name`."""

    def of(self, part: float, whole: float) -> Row:
        """Columns of a rate."""
        share = part / whole if whole else None
        return {self.name: share, f"{self.name}_part": part, f"{self.name}_of": whole}


class Metric:
    """Scores clips one by one; some figures need all of a speaker's clips and come at the end."""

    name: str
    """In settings and commands."""
    figures: tuple[Figure, ...]
    """What it measures."""

    def score(self, clip: Clip) -> Row:
        """Columns of one clip.

        Raises:
            DiamoeError: it cannot be scored; the row says so and the run goes on.
        """
        raise NotImplementedError

    def finish(self) -> Mapping[str, Row]:
        """More columns, by the item's id, once every clip was scored."""
        return {}

    def details(self) -> dict[str, Any]:
        """What the summary says beside figures: confusion matrices, the recogniser's own error."""
        return {}
