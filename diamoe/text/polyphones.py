"""Readings of Mandarin polyphones that depend on the words around them."""

import re
from collections.abc import Sequence

# A rule is (character, what stands before, what stands after, pinyin); an empty pattern always
# matches. The first rule that holds decides; patterns are matched at the character's edges.
_RULES: tuple[tuple[str, str, str, str], ...] = ()


def _compile(rules: Sequence[tuple[str, str, str, str]]):  # type: ignore[no-untyped-def]
    table: dict[str, list[tuple[re.Pattern[str], re.Pattern[str], str]]] = {}
    for character, before, after, pinyin in rules:
        entry = (re.compile(f"(?:{before})$"), re.compile(f"(?:{after})"), pinyin)
        table.setdefault(character, []).append(entry)
    return table


_TABLE = _compile(_RULES)


def correct(words: Sequence[str], readings: Sequence[str]) -> list[str]:
    """The readings, with the rules applied."""
    text = "".join(words)
    corrected = list(readings)
    for i, character in enumerate(text):
        for before, after, pinyin in _TABLE.get(character, ()):
            if before.search(text[:i]) and after.match(text[i + 1 :]):
                corrected[i] = pinyin
                break
    return corrected
