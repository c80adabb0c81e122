"""Text that is already phones."""

from dataclasses import dataclass
from itertools import groupby

from diamoe.errors import EmptyText
from diamoe.text.dialect import Dialect
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq
from diamoe.text.schema import Section
from diamoe.text.spoken import SpokenSyllable, Word
from diamoe.text.vocabulary import PhoneVocabulary


@dataclass(frozen=True)
class IpaBackend:
    """Phone strings as they stand, checked against the vocabulary."""

    dialect: Dialect

    def words(self, text: str) -> list[Word]:
        """Each syllable of the phone string as a word.

        Raises:
            EmptyText: there is no phone.
            NotationError, UnknownPhone: a token is none of the notation or the vocabulary.
        """
        seq = PhoneSeq.parse(text, self.dialect.code)
        PhoneVocabulary.default().encode(seq)
        words = []
        for kind, group in groupby(seq.tokens, key=_kind):
            tokens = tuple(group)
            if kind == "phones":
                spoken = SpokenSyllable("".join(tokens), " ".join(tokens), tokens)
                words.append(Word(spoken.characters, (spoken,)))
            elif kind == "mark":
                words += [Word(token) for token in tokens]
        if not any(word.syllables for word in words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no phone")
        return words

    def romanised(self, text: str) -> list[Word]:
        """The same: phones are their own romanisation."""
        return self.words(text)


def _kind(token: str) -> str:
    if token == SYLLABLE:
        return "boundary"
    return "mark" if token in PUNCTUATION else "phones"


def load_ipa(dialect: Dialect) -> IpaBackend:
    """Build the back-end; a dialect of this kind has no rules."""
    Section(dialect.code, "", dialect.rules).only()
    return IpaBackend(dialect)
