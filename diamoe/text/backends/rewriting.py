"""Rules that rewrite a spelling or the phones of a word: `{match: ..., to: ...}`, in order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diamoe.text.schema import Section


@dataclass(frozen=True)
class Rewrite:
    """A regular expression and what stands in its place (`\\1` is its first group)."""

    match: re.Pattern[str]
    to: str
    place: str = ""


def read_rewrites(top: Section, key: str) -> tuple[Rewrite, ...]:
    """The rules under one key of a dialect's file.

    Raises:
        DialectFileError: a rule has another key, or its `match` is no regular expression.
    """
    rules = []
    for section in top.sections(key):
        section.only("match", "to", "note")
        try:
            pattern = re.compile(section.text("match"))
            pattern.sub(section.text("to"), "")
            re.compile(pattern.pattern + "|").sub(section.text("to"), "")
        except (re.error, IndexError) as error:
            raise section.error("match", f"not a regular expression: {error}") from error
        rules.append(Rewrite(pattern, section.text("to"), section.path))
    return tuple(rules)


def rewrite_text(text: str, rules: Sequence[Rewrite]) -> str:
    """A text after all rules."""
    for rule in rules:
        text = rule.match.sub(rule.to, text)
    return text


def rewrite(tokens: Sequence[str], rules: Sequence[Rewrite]) -> list[str]:
    """The phones of a word after all rules, which see them as a text with single spaces.

    >>> rules = [Rewrite(re.compile("n y (?=ˈ?i)"), "n ɥ ")]
    >>> rewrite(["n", "y", "ˈi"], rules)
    ['n', 'ɥ', 'ˈi']
    """
    return rewrite_text(" ".join(tokens), rules).split() if rules else list(tokens)
