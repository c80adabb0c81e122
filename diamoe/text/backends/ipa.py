"""Text that is already phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from diamoe.errors import EmptyText
from diamoe.text.dialect import Dialect
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, Word, speak_given
from diamoe.text.vocabulary import PhoneVocabulary


@dataclass(frozen=True)
class IpaBackend:
    """Phone strings as they stand, checked against the vocabulary."""

    dialect: Dialect

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
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
                given = Reading("".join(tokens), " ".join(tokens), "given", True, tokens)
                words.append(Draft(given.characters, (given,)))
            elif kind == "mark":
                words += [Draft(token) for token in tokens]
        if not any(word.readings for word in words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no phone")
        return words

    def romanised(self, text: str) -> list[Draft]:
        """The same: phones are their own romanisation."""
        return self.read(text, NO_LEXICON)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones as they were given."""
        return speak_given(drafts)


def _kind(token: str) -> str:
    if token == SYLLABLE:
        return "boundary"
    return "mark" if token in PUNCTUATION else "phones"


def load_ipa(dialect: Dialect) -> IpaBackend:
    """Build the back-end; a dialect of this kind has no rules."""
    Section(dialect.code, "", dialect.rules).only()
    return IpaBackend(dialect)
