"""A rule that rewrites one kind of written form."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from diamoe.text.written.manner import Manner

ANY_DIGIT = "0123456789"

Say = Callable[["re.Match[str]", Manner], str]
"""What a match is said as; the match itself where the rule does not apply after all."""


@dataclass(frozen=True)
class Rule:
    """A pattern and how its matches are said; `needs` are characters without which none is."""

    source: str
    say: Say
    needs: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern; most texts need few of them."""
        return re.compile(self.source)


def rule(pattern: str, say: Say, needs: str = "") -> Rule:
    """A rule, as the tables write it."""
    return Rule(pattern, say, needs)


def apply(rules: Sequence[Rule], text: str, manner: Manner) -> str:
    """A text after all rules, one after the other."""
    for each in rules:
        if each.needs and not any(c in text for c in each.needs):
            continue
        text = each.pattern.sub(partial(_say, each.say, manner), text)
    return text


def _say(say: Say, manner: Manner, match: re.Match[str]) -> str:
    said = say(match, manner)
    return said if said == match[0] else manner.write(said)


def before(match: re.Match[str], size: int = 12) -> str:
    """The text before a match, as far as it matters."""
    return match.string[max(0, match.start() - size) : match.start()]


def after(match: re.Match[str], size: int = 12) -> str:
    """The text after a match, as far as it matters."""
    return match.string[match.end() : match.end() + size]


def words(listed: str) -> str:
    """A pattern for any word of a list, longest first.

    >>> words("报警 报")
    '(?:报警|报)'
    """
    return f"(?:{'|'.join(sorted(map(re.escape, listed.split()), key=len, reverse=True))})"
