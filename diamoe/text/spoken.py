"""What back-ends hand out: words as they are read, and words as they are spoken."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from diamoe.errors import EmptyText
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq


@dataclass(frozen=True)
class Reading:
    """One syllable in its citation form, before sandhi.

    `romanised` is the dialect's own romanisation, `source` the rule, list or library that gave
    it. A `fixed` reading is the user's own: sandhi leaves it as it is. `phones` is set where the
    phones were given outright.
    """

    characters: str
    romanised: str
    source: str = ""
    fixed: bool = False
    phones: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Draft:
    """One word as it is read, or one punctuation mark: then `readings` is empty."""

    text: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class SpokenSyllable:
    """One syllable as it is spoken: `romanised` after sandhi; `sandhi` says what changed it."""

    characters: str
    romanised: str
    phones: tuple[str, ...]
    source: str = ""
    sandhi: str = ""


@dataclass(frozen=True)
class Word:
    """One word, or one punctuation mark: then `syllables` is empty and `text` is the mark."""

    text: str
    syllables: tuple[SpokenSyllable, ...] = ()

    @property
    def is_punctuation(self) -> bool:
        """True for a mark."""
        return not self.syllables


def join_words(words: Iterable[Word], dialect: str) -> PhoneSeq:
    """The phones of all words, with `|` between syllables and around punctuation."""
    units: list[tuple[str, ...]] = []
    for word in words:
        units += [s.phones for s in word.syllables] if word.syllables else [(word.text,)]
    tokens: list[str] = []
    for unit in units:
        if tokens:
            tokens.append(SYLLABLE)
        tokens += unit
    return PhoneSeq(tuple(tokens), dialect)


def romanised_drafts(text: str, read: Callable[[str], Draft]) -> list[Draft]:
    """What `read` makes of everything between spaces, and a draft of each punctuation mark.

    Raises:
        EmptyText: there is no syllable.
    """
    spaced = re.sub(f"[{re.escape(''.join(PUNCTUATION))}]", r" \g<0> ", text)
    drafts = [Draft(part) if part in PUNCTUATION else read(part) for part in spaced.split()]
    if not any(draft.readings for draft in drafts):
        raise EmptyText(f"nothing to speak in {text!r}: it holds no syllable")
    return drafts


def speak_given(drafts: Iterable[Draft]) -> list[Word]:
    """Words whose readings all carry their phones, for languages without sandhi."""
    return [
        Word(
            draft.text,
            tuple(
                SpokenSyllable(r.characters, r.romanised, r.phones or (), r.source)
                for r in draft.readings
            ),
        )
        for draft in drafts
    ]
