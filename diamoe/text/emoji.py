"""Emoji and pictographs in a text: signs that have no pronunciation."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_BASE = (
    "\U0001f000-\U0001f1e5\U0001f200-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b"
    "\u23e9-\u23fa\u25a0-\u25ca\u25cc-\u25ff\u2934\u2935\u303d\u3297\u3299"
)
_SIGN = f"(?:[{_BASE}]|[^\\s\\w]\ufe0f)[\ufe0f\U0001f3fb-\U0001f3ff]*[\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{1,2}}|[0-9#*]\ufe0f?\u20e3|{_SIGN}(?:\u200d{_SIGN})*"
)


@dataclass(frozen=True)
class Skipped:
    """A character (or an emoji sequence) that was left out of a text, and where it stood."""

    character: str
    position: int
    name: str

    @classmethod
    def of(cls, character: str, position: int) -> "Skipped":
        """With its Unicode name.

        >>> Skipped.of("🙂", 2).name
        'slightly smiling face'
        """
        names = (
            unicodedata.name(c, f"U+{ord(c):04X}") for c in character if c not in "\u200d\ufe0f"
        )
        return cls(character, position, ", ".join(names).lower())


def find_emoji(text: str) -> list[Skipped]:
    """The emoji of a text, each sequence as a whole.

    >>> [(s.character, s.position) for s in find_emoji("好👍🏽的🇨🇳1️⃣")]
    [('👍🏽', 1), ('🇨🇳', 4), ('1️⃣', 6)]
    """
    return [Skipped.of(m.group(), m.start()) for m in _EMOJI.finditer(text)]


def without(text: str, gone: Sequence[Skipped]) -> str:
    """The text without what was left out of it, which `gone` lists in order.

    >>> without("a😀b", find_emoji("a😀b"))
    'ab'
    """
    kept, start = "", 0
    for skipped in gone:
        kept += text[start : skipped.position]
        start = skipped.position + len(skipped.character)
    return kept + text[start:]


def place_in_whole(position: int, gone: Sequence[Skipped]) -> int:
    """Where a character of the shortened text stands in the whole one.

    >>> place_in_whole(1, find_emoji("a😀b"))
    2
    """
    for skipped in gone:
        if skipped.position <= position:
            position += len(skipped.character)
    return position
