"""Words of a Chinese text and the Mandarin reading of every character."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

from diamoe.text.dictionary import open_dictionary
from diamoe.text.phones import PUNCTUATION
from diamoe.text.polyphones import correct
from diamoe.text.syllable import Syllable, parse_pinyin

_PIECES = re.compile(f"([{''.join(PUNCTUATION)}]|[A-Za-z][A-Za-z']*)")
_BOUNDARY = " "


class Polyphones(Protocol):
    """Another opinion on readings: pinyin (`chang2`) or None for every character of a phrase."""

    def __call__(self, sentence: str) -> list[str | None]: ...


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


def read_words(
    text: str, polyphones: Polyphones | None = None, joined: Collection[str] = ()
) -> list[WrittenWord]:
    """Segment a normalised text and read it; traditional characters are made simplified.

    A space is a word boundary that the writer gave; a string of `joined` between two boundaries
    stays one word.

    >>> [(w.text, " ".join(map(str, w.readings))) for w in read_words("银行很长。")]
    [('银行', 'yin2 hang2'), ('很', 'hen3'), ('长', 'chang2'), ('。', '')]
    >>> [w.text for w in read_words("研究 生物")], read_words("頭髮")[0].readings[1].initial
    (['研究', '生物'], 'f')

    Raises:
        UnreadCharacter: a character is in no dictionary.
    """
    words: list[WrittenWord] = []
    for piece in _PIECES.split(text):
        if _PIECES.fullmatch(piece):
            words.append(WrittenWord(piece))
        elif piece.strip(_BOUNDARY):
            words += _read_phrase(piece.strip(_BOUNDARY), polyphones, joined)
    return words


def _read_phrase(
    phrase: str, polyphones: Polyphones | None, joined: Collection[str]
) -> list[WrittenWord]:
    dictionary = open_dictionary()
    parts: list[str] = []
    for run in phrase.split(_BOUNDARY):
        simple = dictionary.simplify(run)
        parts += [simple] if run in joined or simple in joined else dictionary.segment(simple)
    written = phrase.replace(_BOUNDARY, "")
    readings = correct(parts, _readings(parts), [_tag(part) for part in parts])
    said = "".join(parts)
    if said != written:
        readings = list(map(_as_written, written, said, readings))
    if polyphones is not None:
        readings = list(map(_second_opinion, said, readings, polyphones(said)))
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
    return open_dictionary().segment(phrase)


def _readings(parts: Sequence[str]) -> list[str]:
    """Pinyin of every character: phrases over several words, then words, then characters."""
    dictionary = open_dictionary()
    text = "".join(parts)
    ends = set(accumulate(map(len, parts)))
    readings: list[str] = []
    start = covered = 0
    for part in parts:
        if start >= covered:
            span = dictionary.spans(text, start, ends) if len(part) < 3 else ""
            if len(span) > max(2, len(part)):
                readings += dictionary.phrase(span) or ()
                covered = start + len(span)
            else:
                readings += read_alone(part)
        start += len(part)
    return readings


@lru_cache(maxsize=65536)
def read_alone(word: str) -> tuple[str, ...]:
    """The pinyin of a word as the phrase list has it, else of the phrases in it.

    >>> read_alone("银行"), read_alone("五百块")
    (('yin2', 'hang2'), ('wu3', 'bai3', 'kuai4'))

    Raises:
        UnreadCharacter: a character is in no dictionary.
    """
    dictionary = open_dictionary()
    known = dictionary.phrase(word)
    if known is not None:
        return known
    readings: list[str] = []
    while len(readings) < len(word):
        start = len(readings)
        inner = dictionary.spans(word, start, frozenset(range(start + 2, len(word) + 1)))
        if inner:
            readings += dictionary.phrase(inner) or ()
            continue
        of_character = dictionary.readings(word[start])
        if not of_character:
            raise UnreadCharacter(word[start])
        readings.append(of_character[0])
    if len(word) > 1 and word[-1] == "子":
        readings[-1] = "zi5"
    return tuple(readings)


@lru_cache(maxsize=65536)
def _tag(word: str) -> str:
    return open_dictionary().tag(word)


def _second_opinion(character: str, reading: str, other: str | None) -> str:
    """The other reading, if the character has it; not where ours is neutral by its word."""
    known = open_dictionary().readings(character)
    if other not in known or (reading.endswith("5") and reading not in known):
        return reading
    return other


def _as_written(written: str, said: str, reading: str) -> str:
    """The reading of a simplified character, unless the traditional one is never read so."""
    if written == said or reading.endswith("5"):
        return reading
    allowed = _TRADITIONAL.get(written)
    return reading if allowed is None or reading in allowed else allowed[0]


# Traditional characters that share their simplified form with others, and how they are read.
_TRADITIONAL = {
    entry[0]: tuple(entry[1:].split("/"))
    for entry in (
        "發fa1 髮fa4 乾gan1/qian2 幹gan4 隻zhi1 衹zhi3 祇zhi3/qi2 鬥dou4 捲juan3 瀋shen3 "
        "蔔bo5 癥zheng1 佔zhan4 徵zheng1 麼me5 儘jin3 盡jin4 彆bie4 噹dang1 縴qian4 "
        "衝chong1/chong4 鬆song1 臟zang4 髒zang1 紮za1/zha1/zha2 "
        "瞭liao3/liao4 籲yu4 齣chu1 纔cai2 闢pi4 "
        "闆ban3 僕pu2 樸pu3 術shu4 係xi4 繫xi4/ji4 蔘shen1 據ju4 捨she3 嚮xiang4 "
        "鬍hu2 薑jiang1 穀gu3 後hou4 裡li3 裏li3 鞦qiu1 韆qian1 餵wei4 傢jia1 "
        "種zhong3/zhong4 曆li4 歷li4 復fu4 複fu4 製zhi4 範fan4 鹹xian2 慾yu4 鬱yu4 "
        "誌zhi4 藉jie4/ji2 葉ye4 濛meng2 矇meng1/meng2 懞meng2 颳gua1 颱tai2 檯tai2 臺tai2 "
        "蘋ping2 適shi4 囌su1 饑ji1 幾ji3/ji1 擔dan1/dan4 膽dan3 塗tu2 兇xiong1 閤ge2 "
        "閣ge2"
    ).split()
}
