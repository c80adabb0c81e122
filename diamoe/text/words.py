"""Words of a Chinese text and the Mandarin reading of every character."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from diamoe.text.phones import PUNCTUATION
from diamoe.text.polyphones import correct
from diamoe.text.syllable import Syllable, parse_pinyin

_PIECES = re.compile(f"([{''.join(PUNCTUATION)}]|[A-Za-z]+)")


@dataclass(frozen=True)
class WrittenWord:
    """One word of the text; `readings` holds a Mandarin syllable for each character.

    A punctuation mark and a run of Latin letters are words without readings.
    """

    text: str
    readings: tuple[Syllable, ...] = ()


class UnreadCharacter(Exception):
    """A character has no Mandarin reading; the front-end names it and its place."""

    def __init__(self, character: str):
        self.character = character
        super().__init__(character)


def read_words(text: str) -> list[WrittenWord]:
    """Segment a normalised, simplified text and read it.

    >>> [(w.text, " ".join(map(str, w.readings))) for w in read_words("银行很长。")]
    [('银行', 'yin2 hang2'), ('很', 'hen3'), ('长', 'chang2'), ('。', '')]

    Raises:
        UnreadCharacter: a character is in no dictionary.
    """
    words: list[WrittenWord] = []
    for piece in _PIECES.split(text):
        if not piece:
            continue
        if _PIECES.fullmatch(piece):
            words.append(WrittenWord(piece))
        else:
            words += _read_phrase(piece)
    return words


def _read_phrase(phrase: str) -> list[WrittenWord]:
    parts = segment(phrase)
    readings = correct(parts, _pinyin(phrase))
    words, start = [], 0
    for part in parts:
        syllables = tuple(map(parse_pinyin, readings[start : start + len(part)]))
        words.append(WrittenWord(part, syllables))
        start += len(part)
    return words


def segment(phrase: str) -> list[str]:
    """Words of a phrase without punctuation.

    >>> segment("我们今天不打架了")
    ['我们', '今天', '不', '打架', '了']
    """
    return list(_tokenizer().cut(phrase, HMM=False))


def _pinyin(phrase: str) -> list[str]:
    """One pinyin syllable with tone digit (5 for neutral) for every character."""
    pypinyin = _pypinyin()
    readings: list[str] = pypinyin.lazy_pinyin(
        phrase,
        style=pypinyin.Style.TONE3,
        neutral_tone_with_five=True,
        v_to_u=False,
        errors=lambda run: list(run),
    )
    for character, reading in zip(phrase, readings, strict=True):
        if not reading.isascii() and "ü" not in reading and "ê" not in reading:
            raise UnreadCharacter(character)
    return readings


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Loads a large dictionary three times as fast: the garbage collector need not walk it."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@lru_cache(maxsize=1)
def _pypinyin():  # type: ignore[no-untyped-def]
    with _collector_paused():
        import pypinyin
        from pypinyin_dict.phrase_pinyin_data import large_pinyin

        large_pinyin.load()
    return pypinyin


@lru_cache(maxsize=1)
def _tokenizer():  # type: ignore[no-untyped-def]
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package imports a deprecated module
        import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    with _collector_paused():
        tokenizer.initialize()
    return tokenizer
