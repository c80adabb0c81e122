"""The work that a synthesizer is handed: a piece, and how it is to sound."""

from dataclasses import dataclass

from diamoe.model.adapters import AdapterRef
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.voices import Voice


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
