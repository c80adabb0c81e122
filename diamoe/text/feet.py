"""Feet: the pairs of syllables that a word, or a run of short words, is spoken in."""

from collections.abc import Sequence
from functools import lru_cache

from diamoe.text.words import segment


@lru_cache(maxsize=16384)
def feet(word: str) -> tuple[int, ...]:
    """The sizes of the feet of one word, which follow the words it is made of.

    >>> feet("展览馆"), feet("小老虎"), feet("岂有此理")
    ((2, 1), (1, 2), (2, 2))
    """
    if len(word) < 3:
        return (len(word),)
    if len(word) == 3:
        left, right = (len(segment(part)) == 1 for part in (word[:2], word[1:]))
        return (1, 2) if right and not left else (2, 1)
    return (2, *feet(word[2:]))


def closeness(words: Sequence[str]) -> list[int]:
    """How closely each syllable of a phrase is bound to the next one; 0 is closest.

    0: in one foot of a word; 1: in one word; 2: in a pair of one-syllable words, counted from
    the end of their run; 3: elsewhere. `words` holds one character for each syllable.

    >>> closeness(["小老虎"]), closeness(["我", "很", "好"]), closeness(["买", "水果"])
    ([1, 0], [3, 2], [3, 0])
    """
    found: list[int] = []
    for index, word in enumerate(words):
        sizes = feet(word)
        for size in sizes:
            found += [0] * (size - 1) + [1]
        found[-1] = 2 if _paired(words, index) else 3
    return found[:-1]


def _paired(words: Sequence[str], index: int) -> bool:
    """Whether a one-syllable word is the first of a pair in its run."""
    end = index
    while end < len(words) and len(words[end]) == 1:
        end += 1
    return end > index and (end - index) % 2 == 0
