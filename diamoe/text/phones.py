"""Phones and their notation: one token a phone, ` | ` between syllables, everything NFD.

`t͜s ˈaᴴᴴ ɪ̯ | t͜ɕ j ˈɛᴹᴸ n | 。` is a phone string. A nucleus carries its stress mark in front
and its tone marks behind; a breve makes a vowel short. Off-glides, nasalisation `˜`, length `ː`
and the zero initial `∅` are tokens of their own.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from diamoe.errors import NotationError

SYLLABLE = "|"
"""Boundary between syllables: no sound, no time."""
PAUSE = "_"
"""Silence that no punctuation mark stands for: utterance edges, pauses between joined words."""
PUNCTUATION = ("，", "。", "？", "！", "、", "；", "：", "…")
"""The closed set of punctuation tokens; front-ends map every other mark to one of these."""

BREVE = "\u0306"
STRESS_MARKS = "ˈˌ"
TONE_MARKS = "ᴴᴹᴸ"

_TOKEN = re.compile(rf"^([{STRESS_MARKS}]?)([^{STRESS_MARKS}{TONE_MARKS}]+)([{TONE_MARKS}]*)$")


@dataclass(frozen=True)
class Phone:
    """One token taken apart: `ˈɐ̆ᴴ` is segment `ɐ`, stress `ˈ`, short, tone `ᴴ`."""

    token: str
    segment: str
    stress: str
    short: bool
    tone: str

    @property
    def is_nucleus(self) -> bool:
        """True for a token that carries stress or tone."""
        return bool(self.stress or self.tone)

    @property
    def is_pause(self) -> bool:
        """True for silence and punctuation."""
        return self.segment == PAUSE or self.segment in PUNCTUATION

    @property
    def prosody(self) -> str:
        """Stress, shortness and tone as one string, `ˈ̆ᴴ`; empty for a bare segment."""
        return self.stress + (BREVE if self.short else "") + self.tone


@lru_cache(maxsize=8192)
def parse_phone(token: str) -> Phone:
    """Take one token apart.

    >>> p = parse_phone("ˈuᴴᴹ")
    >>> p.segment, p.stress, p.tone
    ('u', 'ˈ', 'ᴴᴹ')
    """
    token = unicodedata.normalize("NFD", token)
    match = _TOKEN.match(token)
    if match is None or any(c.isspace() for c in token):
        raise NotationError(f"{token!r} is not a phone token (stress mark, segment, tone marks)")
    stress, body, tone = match.groups()
    short = BREVE in body
    return Phone(token, body.replace(BREVE, ""), stress, short, tone)


def make_token(segment: str, stress: str = "", tone: str = "", short: bool = False) -> str:
    """Put a token together, the inverse of `parse_phone`.

    >>> make_token("ɐ", "ˈ", "ᴴ", short=True) == unicodedata.normalize("NFD", "ˈɐ̆ᴴ")
    True
    """
    return unicodedata.normalize("NFD", stress + segment + (BREVE if short else "") + tone)


@dataclass(frozen=True)
class PhoneSeq:
    """What an utterance sounds like: tokens (with `|` and punctuation) and the dialect's code."""

    tokens: tuple[str, ...]
    dialect: str

    @classmethod
    def parse(cls, text: str, dialect: str) -> "PhoneSeq":
        """Read a phone string; spaces are free around `|` and punctuation.

        >>> PhoneSeq.parse("n ˈiᴹᴸ |χ ˈɑᴹᴸ ʊ̯|。", "putonghua").tokens[:3] == ("n", "ˈiᴹᴸ", "|")
        True
        """
        text = unicodedata.normalize("NFD", text)
        for mark in (SYLLABLE, *PUNCTUATION):
            text = text.replace(mark, f" {mark} ")
        tokens = tuple(text.split())
        for token in tokens:
            parse_phone(token)
        return cls(tokens, dialect)

    def __str__(self) -> str:
        return " ".join(self.tokens)

    def __len__(self) -> int:
        return len(self.tokens)

    def with_edges(self) -> "PhoneSeq":
        """The sequence as models see it: silence before and after.

        >>> str(PhoneSeq.parse("m a", "putonghua").with_edges())
        '_ m a _'
        """
        return PhoneSeq((PAUSE, *self.tokens, PAUSE), self.dialect)

    @property
    def phones(self) -> tuple[Phone, ...]:
        """The tokens that take time, taken apart: phones and pauses, without `|`."""
        return tuple(parse_phone(t) for t in self.tokens if t != SYLLABLE)

    def syllables(self) -> Iterator[tuple[Phone, ...]]:
        """The syllables; a pause or punctuation mark is a syllable of its own."""
        current: list[Phone] = []
        for token in self.tokens:
            phone = parse_phone(token)
            if token == SYLLABLE or phone.is_pause:
                if current:
                    yield tuple(current)
                    current = []
                if phone.is_pause:
                    yield (phone,)
            else:
                current.append(phone)
        if current:
            yield tuple(current)
