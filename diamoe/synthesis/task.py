"""The work that a synthesizer is handed: a piece, and how it is to sound."""

from dataclasses import dataclass

from diamoe.model.adapters import AdapterRef
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import SYLLABLE


@dataclass(frozen=True)
class Task:
    """A piece with all that decides how it sounds.

    `index` counts the pieces of one speech, whose noise differs; `adapter` is the one that it
    goes through, None for what `using` says. `soon` says that somebody waits for its sound: its
    head is handed out before the rest.
    """

    piece: Piece
    voice: Voice | None
    options: SynthesisOptions
    index: int = 0
    adapter: AdapterRef | None = None
    soon: bool = False

    @property
    def tokens(self) -> int:
        """About how long it is."""
        return sum(len(unit.tokens) for unit in self.piece.units)

    @property
    def ends(self) -> tuple[int, ...]:
        """Tokens of `phones.with_edges()` after which its head may end: between syllables. None
        where it does not go out alone, or where its sound is changed or checked as a whole."""
        options = self.options
        as_a_whole = options.pitch or options.pitch_range != 1.0 or options.watermark
        if not self.soon or as_a_whole or options.verify:
            return ()
        tokens = self.piece.phones.with_edges().tokens
        return tuple(i for i, token in enumerate(tokens) if token == SYLLABLE)
