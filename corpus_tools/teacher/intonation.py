"""The melody of a language without tones: stresses and marks as five-level contours."""

from collections.abc import Sequence

from diamoe.text.phones import Phone

STRESSED, HALF_STRESSED, UNSTRESSED = "343", "33", "2"
"""Contours inside a phrase."""
ACCENTS = {"？": ("24", "5"), "！": ("52", "1")}
"""Contours of the last stress of a phrase and of what follows it, by the mark at its end."""
GOING_ON = ("34", "4")
"""The same before a comma and its like."""
FALLING = ("42", "1")
"""The same at the end of a sentence."""
_ENDS = ("。", "？", "！")


def intonation(syllables: Sequence[Sequence[Phone]]) -> list[str]:
    """The five-level contour of every syllable (`PhoneSeq.syllables()`); pauses get an empty one.

    The last stressed syllable of a phrase, without any the last syllable, has the accent; what
    follows it keeps the accent's level.

    >>> from diamoe.text.phones import PhoneSeq
    >>> seq = PhoneSeq.parse("b ɔ ˜ | ʒ ˈu ʁ | ， | m ə | s j ˈø | 。", "french")
    >>> intonation(list(seq.syllables()))
    ['2', '34', '', '2', '42', '']
    """
    found: list[str] = []
    start = 0
    for index, phones in enumerate(syllables):
        if phones[0].is_pause:
            found += [*_phrase(syllables[start:index], phones[0].segment), ""]
            start = index + 1
    return found + _phrase(syllables[start:], "。")


def _phrase(syllables: Sequence[Sequence[Phone]], mark: str) -> list[str]:
    if not syllables:
        return []
    stresses = ["".join(p.stress for p in phones) for phones in syllables]
    stressed = [i for i, stress in enumerate(stresses) if "ˈ" in stress]
    accent = stressed[-1] if stressed else len(syllables) - 1
    levels = {"ˈ": STRESSED, "ˌ": HALF_STRESSED}
    nucleus, tail = ACCENTS.get(mark, FALLING if mark in _ENDS else GOING_ON)
    before = [levels.get(stress[:1], UNSTRESSED) for stress in stresses[:accent]]
    return [*before, nucleus, *[tail] * (len(syllables) - accent - 1)]
