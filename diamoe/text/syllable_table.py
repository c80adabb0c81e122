"""The tones and syllables that a dialect has, as a table to check it against a homophone list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from diamoe.errors import DialectFileError, DiamoeError
from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import Dialect, load_dialect
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.phones import make_token, parse_phone
from diamoe.text.spoken import Draft, Word

EXAMPLES = 4
"""Characters shown for a syllable in one tone."""
_TONED = re.compile(r"^(.*?)([0-9]*)$")


@dataclass(frozen=True)
class SyllableRow:
    """One syllable without its tone, its phones, and characters by the tone they have in it."""

    syllable: str
    phones: str
    characters: Mapping[str, str]


@dataclass(frozen=True)
class SyllableTable:
    """All syllables of the common characters, and those characters that cannot be read."""

    dialect: Dialect
    rows: tuple[SyllableRow, ...]
    faults: tuple[str, ...]

    @property
    def tones(self) -> tuple[str, ...]:
        """The tone numbers that occur, in order; an empty one where the spelling has none."""
        return tuple(sorted({tone for row in self.rows for tone in row.characters}))


@lru_cache(maxsize=1)
def common_characters() -> str:
    """The 3755 characters of the first level of GB 2312, the national list of 1980."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return "".join(c.decode("gb2312", errors="ignore") for c in cells)


def syllable_table(code: str, characters: str = "") -> SyllableTable:
    """Read every common character (or those given) by itself and collect the syllables.

    Raises:
        UnknownDialect, DialectFileError: see `load_dialect`; also a dialect that is not read by
            syllables.
    """
    dialect = load_dialect(code)
    if dialect.backend in ("espeak", "epitran", "ipa"):
        raise DialectFileError(f"{code} has no table: it is read by words, not by syllables")
    backend = load_backend(code)
    found: dict[str, dict[str, str]] = {}
    sounds: dict[str, str] = {}
    faults: list[str] = []
    for character in characters or common_characters():
        try:
            drafts = backend.read(character, NO_LEXICON)
            for syllable, tone in _toned(drafts):
                if syllable not in sounds:
                    sounds[syllable] = _phones(backend.spoken(drafts, NO_LEXICON))
                shown = found.setdefault(syllable, {})
                shown[tone] = shown.get(tone, "") + character
        except DiamoeError as error:
            faults.append(f"{character}: {error}")
    rows = tuple(SyllableRow(name, sounds[name], found[name]) for name in sorted(found))
    return SyllableTable(dialect, rows, tuple(faults))


def _toned(drafts: list[Draft]) -> Iterator[tuple[str, str]]:
    for draft in drafts:
        for reading in draft.readings[:1]:
            match = _TONED.match(reading.romanised)
            if match is not None:
                yield match[1], match[2]


def _phones(words: Sequence[Word]) -> str:
    """The phones of the first syllable without stress and tone."""
    first = next(s for word in words for s in word.syllables)
    phones = map(parse_phone, first.phones)
    return " ".join(make_token(p.segment, short=p.short) for p in phones)


def as_tsv(table: SyllableTable) -> str:
    """One row a syllable: spelling, phones, and the characters of each tone."""
    lines = ["\t".join(["syllable", "phones", *(tone or "-" for tone in table.tones)])]
    for row in table.rows:
        cells = (row.characters.get(tone, "") for tone in table.tones)
        lines.append("\t".join([row.syllable, row.phones, *cells]))
    return "\n".join(lines) + "\n"


def as_markdown(table: SyllableTable) -> str:
    """The tones, then the syllables with examples, then what could not be read."""
    dialect = table.dialect
    lines = [f"# {dialect.name} ({dialect.name_zh})", "", "## Tones", ""]
    lines += _grid(
        ["number", "name", "contour", "marks", "before others"],
        [[str(t.number), t.name, t.contour, t.marks, t.nonfinal or ""] for t in dialect.tones],
    )
    lines += ["", f"## Syllables ({len(table.rows)})", ""]
    lines += _grid(
        ["syllable", "phones", *(tone or "-" for tone in table.tones)],
        [[r.syllable, r.phones, *(_some(r, tone) for tone in table.tones)] for r in table.rows],
    )
    if table.faults:
        lines += ["", f"## Not readable ({len(table.faults)})", ""]
        lines += [f"- {fault}" for fault in table.faults]
    return "\n".join(lines) + "\n"


def _some(row: SyllableRow, tone: str) -> str:
    characters = row.characters.get(tone, "")
    return characters[:EXAMPLES] + ("…" if len(characters) > EXAMPLES else "")


def _grid(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
