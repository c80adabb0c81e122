"""What a dialect is: its code, stable id, names and tones, read from its YAML file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from diamoe.errors import DialectFileError, UnknownDialect

DIALECT_CODES = tuple(
    "putonghua tianjin shijiazhuang zhengzhou xian chengdu wuhan nanjing qingdao shanghai "
    "cantonese hokkien jingbai yunbai english french german dutch bildts".split()
)
"""Every dialect of the package; the position is the id, so entries are only ever appended."""

DIRECTORY = Path(__file__).parent / "dialects"


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
    """One dialect; `rules` is the rest of its YAML, read by the back-end it names."""

    code: str
    name: str
    name_zh: str
    backend: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    tones: tuple[Tone, ...] = ()
    neutral: str = "2"
    neutral_after: Mapping[int, str] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The stable id that travels with every model."""
        return DIALECT_CODES.index(self.code)

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


_DIALECT_KEYS = {"name", "name_zh", "backend", "parent", "aliases", "tones", "neutral"}


@lru_cache(maxsize=64)
def load_dialect(code: str) -> Dialect:
    """Read a dialect's YAML file.

    Raises:
        UnknownDialect: the code is not one of `available_dialects()`.
        DialectFileError: the file lacks a key or holds a wrong value.
    """
    path = DIRECTORY / f"{code}.yaml"
    if code not in DIALECT_CODES or not path.is_file():
        raise UnknownDialect(code, available_dialects())
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    try:
        tones = tuple(
            Tone(
                number=int(number),
                contour=str(entry["contour"]),
                marks=entry["marks"],
                name=entry.get("name", ""),
                nonfinal=str(entry["nonfinal"]) if "nonfinal" in entry else None,
            )
            for number, entry in data.get("tones", {}).items()
        )
        neutral = data.get("neutral", {})
        return Dialect(
            code=code,
            name=data["name"],
            name_zh=data["name_zh"],
            backend=data["backend"],
            parent=data.get("parent"),
            aliases=tuple(data.get("aliases", ())),
            tones=tones,
            neutral=str(neutral.get("default", "2")),
            neutral_after={int(k): str(v) for k, v in neutral.get("after", {}).items()},
            rules={k: v for k, v in data.items() if k not in _DIALECT_KEYS},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DialectFileError(f"{path.name}: missing or wrong key {error}") from error


def available_dialects() -> tuple[str, ...]:
    """Codes of the dialects that have a file, in the order of their ids."""
    return tuple(c for c in DIALECT_CODES if (DIRECTORY / f"{c}.yaml").is_file())


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
