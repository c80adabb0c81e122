"""Readings of Mandarin polyphones that depend on the words around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diamoe.text.neutral import soften

RULES = Path(__file__).parent / "data" / "polyphones.tsv"
_REACH = 8
_TAGS = re.compile(r"<([a-z|]*)>")


@dataclass(frozen=True)
class Rule:
    """A reading, and what must stand around the character; `alone` asks for a word of its own."""

    pinyin: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    alone: bool

    def holds(self, left: str, right: str, alone: bool) -> bool:
        """Whether the rule decides between these two sides."""
        if self.alone and not alone:
            return False
        if self.before is not None and not self.before.search(left):
            return False
        return self.after is None or self.after.match(right) is not None


def correct(
    words: Sequence[str], readings: Sequence[str], tags: Sequence[str] | None = None
) -> list[str]:
    """The readings of all characters of one phrase, with the rules applied.

    `tags` holds the part of speech of each word.

    >>> correct(["很", "长"], ["hen3", "zhang3"])
    ['hen3', 'chang2']
    >>> correct(["漂亮"], ["piao4", "liang4"])
    ['piao4', 'liang5']
    """
    tags = tags if tags is not None else [""] * len(words)
    text = "".join(words)
    table = _table()
    corrected = list(readings)
    i = 0
    for number, word in enumerate(words):
        start, end = i, i + len(word)
        for i, character in enumerate(word, start):
            rules = table.get(character)
            if rules is None:
                continue
            left, right = text[max(0, i - _REACH) : i], text[i + 1 : i + 1 + _REACH]
            if i == start and number:
                left += f"<{tags[number - 1]}>/"
            if i + 1 == end and number + 1 < len(words):
                right = f"/<{tags[number + 1]}>{right}"
            alone = len(word) == 1
            for rule in rules:
                if rule.holds(left, right, alone):
                    corrected[i] = rule.pinyin
                    break
        i = end
    return soften(words, corrected, tags)


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[Rule, ...]]:
    names: dict[str, str] = {}
    table: dict[str, list[Rule]] = {}
    for line in RULES.read_text("utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        key, pinyin, before, after = (line.split("\t") + ["", ""])[:4]
        if pinyin == "=":
            names[key] = before
            continue
        for name, pattern in names.items():
            before = before.replace(f"{{{name}}}", f"(?:{pattern})")
            after = after.replace(f"{{{name}}}", f"(?:{pattern})")
        rule = Rule(pinyin, _before(before), _after(after), key.endswith("/"))
        table.setdefault(key[0], []).append(rule)
    return {character: tuple(rules) for character, rules in table.items()}


def _before(pattern: str) -> re.Pattern[str] | None:
    """`/` and `<v>` become the mark `<tag>/` that ends the left side at a word boundary."""
    if not pattern:
        return None
    pattern = _TAGS.sub(r"<(?:\1)>/", pattern.replace("/", r"<\w*>/").replace("~", "(?<!/)$"))
    return re.compile(f"(?:{pattern})(?:<\\w*>/)?$")


def _after(pattern: str) -> re.Pattern[str] | None:
    """`/` and `<v>` become the mark `/<tag>` that begins the right side at a word boundary.

    Where the pattern speaks of no boundary it never looks at the mark itself.
    """
    if not pattern:
        return None
    skip = _SKIPPED[:-1] if "/" in pattern or "<" in pattern.replace("?<", "") else _SKIPPED
    pattern = pattern.replace("/", r"/<\w*>").replace("~", "(?!/)(?<!>)")
    return re.compile(f"{skip}(?:{_TAGS.sub(_TAGGED, pattern)})")


_SKIPPED = "(?:/<\\w*>)?+"
_TAGGED = r"/<(?:\1)>"
