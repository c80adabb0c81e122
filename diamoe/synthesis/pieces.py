"""Cutting what is to be said into pieces that are made in one go."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from diamoe.text.frontend import Script
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, PhoneSeq
from diamoe.text.spoken import Word

PHONES_A_SECOND = 11
"""About so many phones are spoken in a second."""
STREAM_SECONDS = 6.0
"""Pieces of a stream last at most about this long. What is cut off from its sentence is understood
less well: 0.15 phone errors with 4 seconds and a first piece of one or two, 0.10 with 6 seconds,
0.08 where nothing is cut. The first sound waits for the head of the first piece alone, see
`HEAD_FRAMES`; the rest is made while that is heard."""
_MARKS = frozenset((*PUNCTUATION, PAUSE))


@dataclass(frozen=True)
class Unit:
    """What is never cut: a word, a syllable or a mark, with the `|` before it."""

    tokens: tuple[str, ...]
    text: str = ""
    is_mark: bool = False


@dataclass(frozen=True)
class Piece:
    """Units that are made in one go, or silence of `pause` seconds.

    `open_start` and `open_end` say that the sentence goes on there without a mark, so that no
    pause may be heard. `rate` is the pace that the text asks for.
    """

    units: tuple[Unit, ...]
    dialect: str
    rate: float = 1.0
    open_start: bool = False
    open_end: bool = False
    pause: float = 0.0

    @property
    def phones(self) -> PhoneSeq:
        """The tokens, without a `|` at either end."""
        tokens = [t for unit in self.units for t in unit.tokens]
        while tokens and tokens[0] == SYLLABLE:
            tokens.pop(0)
        return PhoneSeq(tuple(tokens), self.dialect)

    def followed_by(self, other: "Piece") -> "Piece | None":
        """This and the next piece in one; None where silence, pace or dialect part them.

        Undoes `cut`: the units are as they were.
        """
        alike = (self.dialect, self.rate) == (other.dialect, other.rate)
        if not (alike and self.units and other.units):
            return None
        return replace(self, units=self.units + other.units, open_end=other.open_end)

    def word_spans(self) -> Iterator[tuple[str, int, int]]:
        """Every written word with its first token in `phones` and the one after its last."""
        position = 0
        for i, unit in enumerate(self.units):
            lead = int(unit.tokens[0] == SYLLABLE)
            position += 0 if i == 0 else lead
            begin, position = position, position + len(unit.tokens) - lead
            if unit.text and not unit.is_mark:
                yield unit.text, begin, position


def script_pieces(script: Script, longest: int) -> Iterator[Piece]:
    """The pieces of a script, at most about `longest` phones each."""
    for utterance in script.utterances:
        if utterance.words:
            units = word_units(utterance.words)
            yield from cut(units, utterance.dialect, longest, utterance.rate)
        if utterance.pause:
            yield Piece((), utterance.dialect, pause=utterance.pause)


def phone_pieces(seq: PhoneSeq, longest: int) -> Iterator[Piece]:
    """The pieces of a phone sequence, whose words are not known."""
    yield from cut(syllable_units(seq), seq.dialect, longest)


def word_units(words: Iterable[Word]) -> list[Unit]:
    """Words and marks as units."""
    units: list[Unit] = []
    for word in words:
        parts = [s.phones for s in word.syllables] if word.syllables else [(word.text,)]
        tokens: list[str] = []
        for part in parts:
            if tokens or units:
                tokens.append(SYLLABLE)
            tokens += part
        units.append(Unit(tuple(tokens), word.text, word.is_punctuation))
    return units


def syllable_units(seq: PhoneSeq) -> list[Unit]:
    """Syllables and marks as units; together they are the tokens of `seq`."""
    units: list[Unit] = []
    current: list[str] = []
    for token in seq.tokens:
        if current and (token == SYLLABLE or token in _MARKS) and current != [SYLLABLE]:
            units.append(_unit(current))
            current = []
        current.append(token)
    if current:
        units.append(_unit(current))
    return units


def _unit(tokens: Sequence[str]) -> Unit:
    return Unit(tuple(tokens), is_mark=tokens[-1] in _MARKS)


def cut(units: Sequence[Unit], dialect: str, longest: int, rate: float = 1.0) -> Iterator[Piece]:
    """Runs of whole phrases of at most `longest` phones; a phrase that is longer by itself is cut
    between words."""
    begin, inside = 0, False
    while begin < len(units):
        end = _end(units, begin, longest)
        open_end = end < len(units) and not units[end - 1].is_mark
        yield Piece(tuple(units[begin:end]), dialect, rate, inside, open_end)
        begin, inside = end, open_end


def _end(units: Sequence[Unit], begin: int, longest: int) -> int:
    """Where a later piece ends: at the last mark that fits, else between the last words."""
    count, mark = 0, begin
    for i in range(begin, len(units)):
        count += len(units[i].tokens)
        if count > longest and i > begin:
            return _with_marks(units, mark if mark > begin else i)
        if units[i].is_mark:
            mark = i + 1
    return len(units)


def _with_marks(units: Sequence[Unit], end: int) -> int:
    """Past the marks at `end`: no piece begins with one."""
    while end < len(units) and units[end].is_mark:
        end += 1
    return end
