"""The linguists' tables of a dialect, read to be compared with: characters, syllables, tones."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diamoe.errors import LexiconError, NotationError
from diamoe.text.phones import STRESS_MARKS, parse_phone
from diamoe.text.syllable import parse_pinyin

FOLDERS = {"jingbai": "jingjujingbai", "yunbai": "jingjuyunbai", "hokkien": "gaoxiong"}
"""Folders that are not named like their dialect."""

_CONTOUR = re.compile("^(.*?)([⁰¹²³⁴⁵⁶\u0332]*)$")


@dataclass(frozen=True)
class SyllablePhones:
    """The phones of one syllable, tone marks apart: `("t", "a")` and `ᴴᴴ` (empty: neutral)."""

    segments: tuple[str, ...]
    tone: str

    @classmethod
    def of(cls, tokens: tuple[str, ...]) -> "SyllablePhones":
        """Take the tokens of one syllable apart; a short vowel keeps its breve."""
        tone = next((p.tone for p in map(parse_phone, tokens) if p.tone), "")
        bare = (re.sub(f"[{STRESS_MARKS}ᴴᴹᴸ]", "", token) for token in tokens)
        return cls(tuple(bare), tone)


@dataclass(frozen=True)
class Reference:
    """What the linguists write: readings by character and by word, phones by spelled syllable."""

    readings: Mapping[str, tuple[tuple[frozenset[str], str], ...]]
    phones: Mapping[str, SyllablePhones]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def single(self) -> dict[str, str]:
        """The characters listed with one reading, and this reading."""
        spelled = {c: {pinyin for _, pinyin in found} for c, found in self.readings.items()}
        return {c: found.pop() for c, found in spelled.items() if len(found) == 1}

    def reading(self, character: str, mandarin: str) -> str | None:
        """The one reading listed for a character read so in Mandarin; None if none or several."""
        rows = self.readings.get(character, ())
        named = {pinyin for readings, pinyin in rows if mandarin in readings}
        found = named or {pinyin for readings, pinyin in rows if not readings}
        return found.pop() if len(found) == 1 else None

    def in_words(self, text: str) -> dict[int, str]:
        """The readings of the listed words in a text, by character; the longest at each place.

        >>> Reference({}, {}, {"没有": ("mu4", "you3")}).in_words("还没有去")
        {1: 'mu4', 2: 'you3'}
        """
        longest = max(map(len, self.words), default=0)
        found: dict[int, str] = {}
        place = 0
        while place < len(text):
            ends = range(min(len(text), place + longest), place, -1)
            word = next((text[place:e] for e in ends if text[place:e] in self.words), "")
            found.update(enumerate(self.words.get(word, ()), place))
            place += len(word) or 1
        return found


def read_reference(folder: Path) -> Reference:
    """Read one dialect's folder of tables; one without `hanzi.xlsx` lists no characters.

    Raises:
        LexiconError: a table is missing or openpyxl is not installed.
    """
    marks = {contour: mark for contour, mark in _rows(folder, "tone.xlsx", ("contour", "mark"))}
    phones = {}
    columns = ("pinyin", "initial", "final")
    for pinyin, initial, final in _rows(folder, "syllable.xlsx", columns):
        if pinyin and final:
            phones[pinyin] = _phones(f"{initial},{final}" if initial else final, marks)
    readings: dict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    if (folder / "hanzi.xlsx").is_file():
        columns = ("hanzi", "standard_chinese_pinyin", "dialect_pinyin")
        for character, mandarin, pinyin in _rows(folder, "hanzi.xlsx", columns):
            if character and pinyin:
                readings[character].append((_mandarin(mandarin), pinyin))
    return Reference({c: tuple(f) for c, f in readings.items()}, phones, _words(folder))


def _words(folder: Path) -> dict[str, tuple[str, ...]]:
    """The words of `word.xlsx` with a syllable for each character; blocked rows are left out."""
    words: dict[str, tuple[str, ...]] = {}
    if (folder / "word.xlsx").is_file():
        columns = ("word", "dialect_pinyin", "blocked")
        for word, pinyin, blocked in _rows(folder, "word.xlsx", columns):
            syllables = tuple((pinyin or "").split())
            if word and len(word) == len(syllables) > 1 and str(blocked) != "True":
                words.setdefault(word, syllables)
    return words


def _mandarin(cell: str | None) -> frozenset[str]:
    found = set()
    for part in re.split(r"[,，;/\s]+", cell or ""):
        try:
            found.add(str(parse_pinyin(part)))
        except NotationError:
            continue  # the cell's prose
    return frozenset(found)


def _phones(cells: str, marks: Mapping[str, str]) -> SyllablePhones:
    segments, tone = [], ""
    for cell in unicodedata.normalize("NFD", cells).split(","):
        match = _CONTOUR.match(cell.strip())
        assert match is not None  # the pattern takes anything
        segments.append(match[1].strip(STRESS_MARKS))
        tone = marks[match[2]] if match[2] else tone
    return SyllablePhones(tuple(segments), tone)


def _rows(folder: Path, name: str, columns: tuple[str, ...]) -> list[tuple[Any, ...]]:
    path = folder / ("base_" + name if folder.name == "putonghua" else name)
    if not path.is_file():
        raise LexiconError(f"{path}: there is no such table")
    try:
        import openpyxl
    except ImportError as error:
        raise LexiconError(f"{path}: reading xlsx needs `pip install openpyxl`") from error
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    header = list(next(rows))
    missing = [column for column in columns if column not in header]
    if missing:
        raise LexiconError(f"{path}: no column {', '.join(missing)}; it has {header}")
    places = [header.index(column) for column in columns]
    return [tuple(row[place] for place in places) for row in rows]
