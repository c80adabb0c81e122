"""Looking inside the front-end: how each syllable of a text came to sound as it does."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diamoe.text.spoken import Word


def explain(words: Iterable[Word]) -> str:
    """A table: characters, romanisation, phones, what gave the reading, and the sandhi."""
    rows: list[tuple[str, ...]] = []
    for word in words:
        if word.is_punctuation:
            rows.append((word.text, "", "", "", ""))
            continue
        for i, s in enumerate(word.syllables):
            joined = "" if i == 0 else "·"
            rows.append(
                (joined + s.characters, s.romanised, " ".join(s.phones), s.source, s.sandhi)
            )
    return table(rows, ("text", "reading", "phones", "from", "sandhi"))


def as_json(words: Iterable[Word]) -> list[dict[str, Any]]:
    """The same as plain lists and mappings."""
    return [
        {
            "text": word.text,
            "syllables": [
                {
                    "characters": s.characters,
                    "romanised": s.romanised,
                    "phones": list(s.phones),
                    "source": s.source,
                    "sandhi": s.sandhi,
                }
                for s in word.syllables
            ],
        }
        for word in words
    ]


def compare(words: Mapping[str, Sequence[Word]]) -> str:
    """Dialects side by side: a row a syllable where their characters agree, else a row a dialect.

    `words` are the words of one text in each dialect, by its code.
    """
    columns = {code: _units(own) for code, own in words.items()}
    first = next(iter(columns.values()))
    if all([c for c, _ in units] == [c for c, _ in first] for units in columns.values()):
        rows = [
            (characters, *(units[i][1] for units in columns.values()))
            for i, (characters, _) in enumerate(first)
        ]
        return table(rows, ("text", *columns))
    rows = [(code, " | ".join(p for _, p in units)) for code, units in columns.items()]
    return table(rows, ("dialect", "phones"))


def _units(words: Iterable[Word]) -> list[tuple[str, str]]:
    units = []
    for word in words:
        units += [(s.characters, " ".join(s.phones)) for s in word.syllables] or [(word.text, "")]
    return units


def table(rows: Iterable[Sequence[str]], head: Sequence[str]) -> str:
    """Rows in columns; Chinese characters are two columns wide, combining marks none.

    >>> print(table([("你", "ni3")], ("text", "reading")))
    text  reading
    你    ni3
    """
    lines = [tuple(head), *map(tuple, rows)]
    used = [i for i in range(len(head)) if any(line[i] for line in lines[1:])]
    widths = {i: max(_width(line[i]) for line in lines) for i in used}
    return "\n".join(
        "  ".join(line[i] + " " * (widths[i] - _width(line[i])) for i in used).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
