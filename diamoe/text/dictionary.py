"""The dictionary behind all Chinese text: words, readings, Jyutping, simplified forms.

It is compiled once from the libraries' own data (`diamoe.text.sources`) into one file in the
user's cache folder. After that a process reads only the parts that begin with the characters of
its text, so it starts in a few milliseconds.
"""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log
from pathlib import Path

from diamoe.text.blocks import Blocks, CorruptBlocks, open_blocks, pack_blocks, save_blocks

_LOG = logging.getLogger(__name__)
_BY_DEFAULT = "="

Entry = tuple[float | None, str, str]
"""Log-probability of a word (None: it is only a phrase with a reading), tag, reading."""


@dataclass(frozen=True)
class Page:
    """The words that begin with one character.

    `lengths` gives the lengths of the words by their second character, shortest first; `alone`
    is the log-probability of the character as a word.
    """

    words: dict[str, Entry]
    lengths: dict[str, tuple[int, ...]]
    alone: float
    tag: str
    readings: tuple[str, ...]


@dataclass(frozen=True)
class CantonesePage:
    """The Jyutping of words that begin with one character, as `Page`, longest first."""

    words: dict[str, tuple[str, ...]]
    lengths: dict[str, tuple[int, ...]]
    alone: str | None


class Dictionary:
    """Words and readings, read from blocks page by page.

    `recompile` gives fresh blocks when a page turns out to be damaged.
    """

    def __init__(self, blocks: Blocks, recompile: Callable[[], Blocks]):
        self._blocks, self._recompile = blocks, recompile
        self._total = log(int(self._text("about")))
        self._pages: dict[str, Page] = {}
        self._cantonese: dict[str, CantonesePage] = {}
        self._simple: tuple[dict[str, str], dict[str, tuple[int, ...]], frozenset[str]] | None
        self._simple = None

    def page(self, first: str) -> Page:
        """The words that begin with a character."""
        page = self._pages.get(first)
        if page is None:
            page = self._pages[first] = self._read_page(first)
        return page

    def segment(self, phrase: str) -> list[str]:
        """The most probable words of a phrase: jieba's algorithm, without its hidden Markov model.

        Over all ways to cut the phrase into known words and single characters, the one with the
        highest product of frequencies (https://github.com/fxsjy/jieba).

        >>> open_dictionary().segment("我们今天不打架了")
        ['我们', '今天', '不', '打架', '了']
        """
        n = len(phrase)
        score, cut = [0.0] * (n + 1), [0] * n
        for i in range(n - 1, -1, -1):
            page = self.page(phrase[i])
            best, end = page.alone + score[i + 1], i + 1
            for length in page.lengths.get(phrase[i + 1 : i + 2], ()):
                j = i + length
                if j > n:
                    break
                entry = page.words.get(phrase[i:j])
                if entry is not None and entry[0] is not None and entry[0] + score[j] >= best:
                    best, end = entry[0] + score[j], j
            score[i], cut[i] = best, end
        words, i = [], 0
        while i < n:
            words.append(phrase[i : cut[i]])
            i = cut[i]
        return words

    def tag(self, word: str) -> str:
        """The part of speech in jieba's tags (`n`, `v`, `m`, ...); empty where it is not known."""
        page = self.page(word[0])
        if len(word) == 1:
            return page.tag
        entry = page.words.get(word)
        return entry[1] if entry else ""

    def readings(self, character: str) -> tuple[str, ...]:
        """Every Mandarin reading of a character, the commonest first.

        >>> open_dictionary().readings("重")[:2]
        ('zhong4', 'chong2')
        """
        return self.page(character).readings

    def phrase(self, word: str) -> tuple[str, ...] | None:
        """The Mandarin reading of a known phrase; None if it is not known.

        >>> open_dictionary().phrase("银行"), open_dictionary().phrase("慢慢")
        (('yin2', 'hang2'), ('man4', 'man4'))
        """
        entry = self.page(word[0]).words.get(word)
        if entry is None or not entry[2]:
            return None
        if entry[2] == _BY_DEFAULT:
            return tuple(self.readings(c)[0] for c in word)
        return tuple(entry[2].split())

    def spans(self, text: str, start: int, ends: frozenset[int] | set[int]) -> str:
        """The longest phrase at `start` whose reading is not the default one; empty if none.

        It ends at one of `ends`.
        """
        page = self.page(text[start])
        for length in reversed(page.lengths.get(text[start + 1 : start + 2], ())):
            if start + length in ends:
                word = text[start : start + length]
                entry = page.words.get(word)
                if entry is not None and entry[2] not in ("", _BY_DEFAULT):
                    return word
        return ""

    def jyutping(self, text: str) -> list[str | None]:
        """The Cantonese reading of every character: longest match, as in ToJyutping.

        A character that stands for two syllables has `+` between them; None where nothing is known.

        >>> open_dictionary().jyutping("广州x")
        ['gwong2', 'zau1', None]
        """
        found: list[str | None] = []
        i = 0
        while i < len(text):
            first = text[i]
            page = self._cantonese.get(first) or self._read_cantonese(first)
            for length in page.lengths.get(text[i + 1 : i + 2], ()):
                reading = page.words.get(text[i : i + length])
                if reading is not None:
                    found += reading
                    i += length
                    break
            else:
                found.append(page.alone)
                i += 1
        return found

    def simplify(self, text: str) -> str:
        """Traditional characters made simplified, one for one; words decide where one is not sure.

        >>> open_dictionary().simplify("頭髮 乾淨 乾坤 看著 著名")
        '头发 干净 乾坤 看着 著名'
        """
        if self._simple is None:
            self._simple = self._read_simple()
        table, lengths, first = self._simple
        if first.isdisjoint(text):
            return text
        simple = []
        i = 0
        while i < len(text):
            for length in lengths.get(text[i : i + 2], ()):
                word = table.get(text[i : i + length])
                if word is not None:
                    simple.append(word)
                    i += length
                    break
            else:
                simple.append(table.get(text[i], text[i]))
                i += 1
        return "".join(simple)

    def _text(self, section: str, character: str = "") -> str:
        try:
            return self._blocks.text(section, character)
        except CorruptBlocks:
            self._blocks = self._recompile()
            return self._blocks.text(section, character)

    def _read_page(self, first: str) -> Page:
        words: dict[str, Entry] = {}
        lengths: dict[str, set[int]] = {}
        block = self._text("words", first)
        if not block:
            return Page({}, {}, log(1) - self._total, "", ())
        head, *lines = (line.split("\t") for line in block.split("\n"))
        for word, frequency, tag, reading in lines:
            weight = log(int(frequency) or 1) - self._total if frequency else None
            words[word] = (weight, tag, reading)
            lengths.setdefault(word[1], set()).add(len(word))
        return Page(
            words,
            {second: tuple(sorted(found)) for second, found in lengths.items()},
            log(int(head[1] or 1) or 1) - self._total,
            head[2],
            tuple(head[3].split()),
        )

    def _read_cantonese(self, first: str) -> CantonesePage:
        block = self._text("jyutping", first)
        words: dict[str, tuple[str, ...]] = {}
        lengths: dict[str, set[int]] = {}
        alone = None
        for word, reading in (line.split("\t") for line in block.split("\n") if line):
            if len(word) == 1:
                alone = reading
            else:
                words[word] = tuple(reading.split())
                lengths.setdefault(word[1], set()).add(len(word))
        longest_first = {c: tuple(sorted(found, reverse=True)) for c, found in lengths.items()}
        page = self._cantonese[first] = CantonesePage(words, longest_first, alone)
        return page

    def _read_simple(self) -> tuple[dict[str, str], dict[str, tuple[int, ...]], frozenset[str]]:
        lines = self._text("simple").split("\n")
        table = dict(line.split("\t") for line in lines) | _PARTICLE
        found: dict[str, set[int]] = {}
        for word in table:
            if len(word) > 1:
                found.setdefault(word[:2], set()).add(len(word))
        lengths = {k: tuple(sorted(v, reverse=True)) for k, v in found.items()}
        return table, lengths, frozenset(word[0] for word, to in table.items() if word != to)


_PARTICLE = {"著": "着", "妳": "你", "祂": "他"} | {
    word: word
    for word in (
        "著名 著作 著称 著者 著述 著书 著書 著录 著錄 著有 名著 显著 顯著 原著 专著 專著 编著 編著 "
        "卓著 昭著 土著 巨著 论著 論著 遗著 遺著 合著 译著 譯著 所著 著稱 拙著 新著 主著"
    ).split()
}
"""著 is 着 wherever it is not about writing or being known."""


def cache_file() -> Path:
    """Where the compiled dictionary lies: in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("diamoe") / "dictionary.blocks"


@lru_cache(maxsize=1)
def open_dictionary() -> Dictionary:
    """The dictionary of this machine, compiled at first use.

    A file that is damaged or was compiled from other versions of the libraries is made anew. Where
    it cannot be kept, a warning is logged and every process compiles its own.

    Raises:
        MissingBackend: a library whose data it is made of is not installed.
    """
    from diamoe.text.sources import source_key

    return load_dictionary(cache_file(), source_key())


def load_dictionary(path: Path, key: bytes) -> Dictionary:
    """The dictionary in a file; compiled into it where there is none of this key."""
    try:
        blocks = open_blocks(path, key)
    except (OSError, CorruptBlocks):
        blocks = _compile(path, key)
    return Dictionary(blocks, lambda: _compile(path, key))


def _compile(path: Path, key: bytes) -> Blocks:
    from diamoe.text.sources import compile_sources

    began = time.perf_counter()
    print(f"compiling the Chinese dictionary into {path} (once) ...", file=sys.stderr, flush=True)
    data = pack_blocks(compile_sources(), key)
    try:
        save_blocks(path, data)
    except OSError as error:
        _LOG.warning("the compiled dictionary cannot be kept in %s: %s", path, error.strerror)
    print(f"compiled in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return Blocks(data, key)
