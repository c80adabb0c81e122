"""From a corpus' romanisation to phones, where its characters are given as well."""

import re
from functools import lru_cache

from corpus_tools.recipes.phones import read_phones
from corpus_tools.rejection import Rejected
from diamoe.errors import TextError
from diamoe.text.backends import Backend
from diamoe.text.backends.registry import load_backend
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.spoken import join_words

_MARKS = str.maketrans({",": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "："})
_MARK = re.compile(r"\s*([，。？！；：、…])\s*")


def spoken_phones(romanised: str, dialect: str) -> str:
    """The phones of a romanised text, with tone sandhi where the romanisation leaves it out.

    Tâi-lô writes the tone that a syllable has alone.

    >>> spoken_phones("tâi-uân", "hokkien")
    't ˈaᴹᴹ ɪ̯ | ∅ ʊ̯ ˈaᴹᴴ n'

    Raises:
        Rejected: several readings (`tsi̍t/it`), or not the dialect's romanisation.
    """
    if "/" in romanised:
        raise Rejected("several readings", romanised)
    text = _MARK.sub(r" \1 ", romanised.lower().translate(_MARKS)).strip()
    try:
        backend = _backend(dialect)
        words = backend.spoken(backend.romanised(text), NO_LEXICON)
    except TextError as error:
        raise Rejected("bad romanisation", f"{romanised!r}: {error}") from error
    return read_phones(str(join_words(words, dialect)), dialect)


@lru_cache(maxsize=4)
def _backend(dialect: str) -> Backend:
    return load_backend(dialect)
