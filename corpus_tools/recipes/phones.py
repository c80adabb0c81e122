"""Phones that a corpus gives, checked against the vocabulary."""

import re

from corpus_tools.rejection import Rejected
from diamoe.errors import TextError
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

_BRACKETED = re.compile(r"\[([^\[\]\s]+)\]")


def read_phones(text: str, dialect: str) -> str:
    """A phone string in our notation; the seed project also wrote every phone in brackets.

    >>> read_phones("[n] [ˈiᴹᴸ] | [m] [a]。", "putonghua")
    'n ˈiᴹᴸ | m a 。'

    Raises:
        Rejected: empty, not in the notation, or with a phone that is not in the vocabulary.
    """
    try:
        seq = PhoneSeq.parse(_BRACKETED.sub(r" \1 ", text), dialect)
        PhoneVocabulary.default().encode(seq)
    except TextError as error:
        raise Rejected("bad phones", str(error)) from error
    if not seq.tokens:
        raise Rejected("bad phones", "none are given")
    return str(seq)
