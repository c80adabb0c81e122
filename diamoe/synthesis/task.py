"""The work that a synthesizer is handed: a piece, and how it is to sound."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from diamoe.model.adapters import AdapterRef
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.voices import Voice

FIRST_STEPS = 4
"""Solver steps of a stream's first piece at most, unless steps are asked for."""


@dataclass(frozen=True)
class Task:
    """A piece with all that decides how it sounds.

    `index` counts the pieces of one speech, whose noise differs; `adapter` is the one that it
    goes through, None for what `using` says.
    """

    piece: Piece
    voice: Voice | None
    options: SynthesisOptions
    index: int = 0
    adapter: AdapterRef | None = None

    @property
    def tokens(self) -> int:
        """About how long it is."""
        return sum(len(unit.tokens) for unit in self.piece.units)


def sooner(tasks: Iterable[Task], usual: int) -> Iterator[Task]:
    """The tasks of a stream, the first in fewer solver steps where the `usual` ones are many."""
    for task in tasks:
        options = task.options
        if task.index == 0 and options.steps is None and usual > FIRST_STEPS:
            task = replace(task, options=replace(options, steps=FIRST_STEPS))
        yield task
