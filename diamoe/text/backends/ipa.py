"""Text that is already phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from diamoe.errors import EmptyText
from diamoe.text.dialect import HEADER, Dialect
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
        return read_phones(text, self.dialect.code)

    def romanised(self, text: str) -> list[Draft]:
        """The same: phones are their own romanisation."""
        return self.read(text, NO_LEXICON)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones as they were given."""
        return speak_given(drafts)


def read_phones(text: str, code: str, written: str = "") -> list[Draft]:
    """Each syllable of a phone string as a word; `written` is what stands for all of it.

    Raises:
        EmptyText: there is no phone.
        NotationError, UnknownPhone: a token is none of the notation or the vocabulary.
    """
    seq = PhoneSeq.parse(text, code)
    PhoneVocabulary.default().encode(seq)
    drafts = []
    for kind, group in groupby(seq.tokens, key=_kind):
        tokens = tuple(group)
        if kind == "phones":
            characters = written or "".join(tokens)
            given = Reading(characters, " ".join(tokens), "given", True, tokens)
            drafts.append(Draft(characters, (given,)))
        elif kind == "mark":
            drafts += [Draft(token) for token in tokens]
    if not any(draft.readings for draft in drafts):
        raise EmptyText(f"nothing to speak in {text!r}: it holds no phone")
    if not written:
        return drafts
    return [Draft(written, tuple(r for draft in drafts for r in draft.readings))]


def _kind(token: str) -> str:
    if token == SYLLABLE:
        return "boundary"
    return "mark" if token in PUNCTUATION else "phones"


def load_ipa(dialect: Dialect) -> IpaBackend:
    """Build the back-end; a dialect of this kind has no rules."""
    Section(dialect.code, "", dialect.rules).only(*HEADER)
    return IpaBackend(dialect)
