"""What a front-end hands out: words, with the characters and syllables behind the phones."""

from collections.abc import Iterable
from dataclasses import dataclass

from diamoe.text.phones import SYLLABLE, PhoneSeq


@dataclass(frozen=True)
class SpokenSyllable:
    """One syllable: the characters written for it, its romanisation, its phones."""

    characters: str
    romanised: str
    phones: tuple[str, ...]


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
