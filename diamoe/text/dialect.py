"""What a dialect is: its code, stable id, names and tones, read from its YAML file."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from diamoe.errors import DialectFileError, UnknownDialect, UnplacedDialect
from diamoe.text.dialect_yaml import NumberedDict, line_of, read_yaml
from diamoe.text.phones import TONE_MARKS
from diamoe.text.schema import Section

DIALECT_CODES = tuple(
    "putonghua tianjin shijiazhuang zhengzhou xian chengdu wuhan nanjing qingdao shanghai "
    "cantonese hokkien jingbai yunbai english french german dutch bildts".split()
)
"""Every dialect of the package; the position is the id, so entries are only ever appended."""

SOFT = ("words", "suffixes")
PHONE_MS = 79
"""Length of a phone where the dialect's file says nothing: measured on Mandarin speech."""
DIRECTORY = Path(__file__).parent / "dialects"
DIRECTORIES_VARIABLE = "DIAMOE_DIALECTS"
"""Environment variable: folders with dialect files of the user's own, as in PATH."""

_CODE = re.compile(r"^[a-z][a-z0-9_-]*$")
_added: list[Path] = []


@dataclass(frozen=True)
class Tone:
    """A lexical tone: five-level `contour` (`214`), `marks` in the notation (`ᴹᴸ`).

    `nonfinal` is the contour before another syllable of the same phrase, where it differs.
    """

    number: int
    contour: str
    marks: str
    name: str = ""
    nonfinal: str | None = None


@dataclass(frozen=True)
class Dialect:
    """One dialect; `rules` is the rest of its YAML, read by the back-end it names.

    `soft` says what is neutral by custom: `words`, as in Mandarin (学问), or `suffixes` only.
    `phone_ms` is the geometric mean of a phone's length in running speech, milliseconds.
    """

    code: str
    name: str
    name_zh: str
    backend: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    tones: tuple[Tone, ...] = ()
    neutral: str = "2"
    neutral_after: Mapping[int, str] = field(default_factory=dict)
    soft: str = "words"
    phone_ms: int = PHONE_MS
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The stable id that travels with every model.

        A dialect of the user's own, or a generic one, has that of its nearest ancestor among the
        dialects of the package.

        Raises:
            UnplacedDialect: it has no such ancestor.
        """
        dialect = self
        while dialect.code not in DIALECT_CODES:
            if dialect.parent is None:
                raise UnplacedDialect(self.code)
            dialect = load_dialect(dialect.parent)
        return DIALECT_CODES.index(dialect.code)

    @property
    def reads_han(self) -> bool:
        """Whether it reads Chinese characters itself."""
        if self.backend in ("espeak", "epitran"):
            return "CJK" in self.rules.get("scripts", ())
        return True

    def tone(self, number: int) -> Tone:
        """The tone with this number."""
        for tone in self.tones:
            if tone.number == number:
                return tone
        raise KeyError(f"{self.code} has no tone {number}")

    def tone_of_marks(self, marks: str) -> Tone:
        """The tone written with these marks; each dialect's marks name one tone."""
        for tone in self.tones:
            if tone.marks == marks:
                return tone
        raise KeyError(f"{self.code} has no tone written {marks!r}")


HEADER = ("name", "name_zh", "backend", "parent", "aliases", "tones", "neutral", "phone_ms")
"""The keys that every dialect file may have."""


def load_dialect(code: str) -> Dialect:
    """A dialect of the package, of the user's own folders, or a generic one (`espeak:es`).

    Raises:
        UnknownDialect: there is no such dialect.
        DialectFileError: its file lacks a key or holds a wrong value; key and line are named.
    """
    return _load(code, dialect_directories())


@lru_cache(maxsize=256)
def _load(code: str, directories: tuple[Path, ...]) -> Dialect:
    files = _files(directories)
    if code in files:
        dialect = read_dialect(files[code])
        _check_parents(dialect)
        return dialect
    if ":" in code:
        from diamoe.text.generic import generic_dialect

        return generic_dialect(code)
    raise UnknownDialect(code, available_dialects())


def available_dialects() -> tuple[str, ...]:
    """Codes of the dialects of the package, in the order of their ids, then the user's own."""
    return tuple(_files(dialect_directories()))


def dialect_directories() -> tuple[Path, ...]:
    """Folders with dialect files of the user's own: added ones, then those of DIAMOE_DIALECTS."""
    listed = os.environ.get(DIRECTORIES_VARIABLE, "")
    return (*_added, *(Path(p) for p in listed.split(os.pathsep) if p))


def add_dialect_directory(path: Path) -> tuple[str, ...]:
    """Make the dialect files of a folder known; returns their codes (the files' names).

    Raises:
        DialectFileError: there is no such folder, or a file has the name of another dialect.
    """
    path = Path(path).resolve()
    codes = tuple(f.stem for f in _yaml_files(path))
    if path not in dialect_directories():
        _files((*dialect_directories(), path))
        _added.append(path)
    return codes


@lru_cache(maxsize=16)
def _files(directories: tuple[Path, ...]) -> dict[str, Path]:
    """The file of every dialect, by its code; those of the package first."""
    own = {code: DIRECTORY / f"{code}.yaml" for code in DIALECT_CODES}
    files = {code: path for code, path in own.items() if path.is_file()}
    for directory in directories:
        for path in _yaml_files(directory):
            if not _CODE.match(path.stem):
                raise DialectFileError(
                    f"{path}: a dialect's file name is its code: small letters a-z, digits, - and _"
                )
            if path.stem in DIALECT_CODES:
                raise DialectFileError(
                    f"{path}: {path.stem} is a dialect of the package; give the file another name "
                    f"(parent: {path.stem} builds on it)"
                )
            if path.stem in files:
                raise DialectFileError(f"{path}: there is {files[path.stem]} already")
            files[path.stem] = path
    return files


def _yaml_files(directory: Path) -> list[Path]:
    if not directory.is_dir():
        raise DialectFileError(f"{directory}: there is no such folder of dialect files")
    return sorted(directory.glob("*.yaml"))


def read_dialect(path: Path) -> Dialect:
    """Read one dialect file; its name is the dialect's code.

    Raises:
        DialectFileError: it lacks a key or holds a wrong value; key and line are named.
    """
    data = read_yaml(path)
    top = Section(path.stem, "", data)
    rules = NumberedDict({k: v for k, v in data.items() if k not in HEADER})
    rules.lines = data.lines
    neutral = top.section("neutral")
    neutral.only("default", "after", "soft")
    soft = neutral.text("soft", SOFT[0])
    if soft not in SOFT:
        raise neutral.error("soft", f"unknown {soft!r}; allowed: {', '.join(SOFT)}")
    return Dialect(
        code=path.stem,
        name=top.text("name"),
        name_zh=top.text("name_zh"),
        backend=top.text("backend"),
        parent=top.text("parent") if "parent" in top else None,
        aliases=top.words("aliases"),
        tones=tuple(_tones(top)),
        neutral=_contour(neutral, "default") if "default" in neutral else "2",
        neutral_after={
            _number(neutral, "after", k): _level(neutral, f"after.{k}", v)
            for k, v in neutral.section("after").data.items()
        },
        soft=soft,
        phone_ms=_phone_ms(top),
        rules=rules,
    )


def _tones(top: Section) -> Iterator[Tone]:
    tones = top.section("tones")
    for number in tones.data:
        entry = tones.section(number)
        entry.only("contour", "marks", "name", "nonfinal")
        marks = entry.text("marks")
        if not 0 < len(marks) <= 2 or not set(marks) <= set(TONE_MARKS):
            raise entry.error("marks", f"expected one or two of {TONE_MARKS}, found {marks!r}")
        yield Tone(
            number=_number(top, "tones", number),
            contour=_contour(entry, "contour"),
            marks=marks,
            name=entry.text("name", ""),
            nonfinal=_contour(entry, "nonfinal") if "nonfinal" in entry else None,
        )


def _phone_ms(top: Section) -> int:
    if "phone_ms" not in top:
        return PHONE_MS
    value = top.data["phone_ms"]
    if type(value) is not int or not 10 <= value <= 500:
        raise top.error("phone_ms", f"expected milliseconds, 10 to 500, found {value!r}")
    return value


def _number(section: Section, key: str, value: object) -> int:
    if not isinstance(value, int):
        raise section.error(f"{key}.{value}", f"expected the number of a tone, found {value!r}")
    return value


def _contour(section: Section, key: str) -> str:
    return _level(section, key, section.data.get(key))


def _level(section: Section, key: str, value: object) -> str:
    """Pitch levels, in quotes or not."""
    text = str(value) if isinstance(value, int | str) else ""
    if not re.fullmatch("[1-5]+", text):
        raise section.error(key, f'expected pitch levels 1 to 5 ("214"), found {value!r}')
    return text


def _check_parents(dialect: Dialect) -> None:
    """Refuse parents that do not exist, and dialects that are their own ancestors."""
    files = _files(dialect_directories())
    seen = [dialect.code]
    while dialect.parent is not None:
        line = line_of(dialect.rules, "parent")
        where = f"{dialect.code}.yaml" + (f", line {line}" if line else "")
        if dialect.parent in seen:
            raise DialectFileError(f"{where}: parent: {' → '.join([*seen, dialect.parent])}")
        if dialect.parent not in files:
            raise DialectFileError(
                f"{where}: parent: unknown dialect {dialect.parent!r}; known: {', '.join(files)}"
            )
        seen.append(dialect.parent)
        dialect = read_dialect(files[dialect.parent])
