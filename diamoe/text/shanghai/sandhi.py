"""Tone patterns of the prosodic word: the first syllable's tone spreads over all of it.

A first syllable of tone 1 gives 55-31…, of tone 2 and 4 33-44…, of tone 3 22-44…; what follows is
toneless. After a first syllable of tone 5 the rise comes last: 11-23, 11-22-23.
"""

from dataclasses import replace
from functools import lru_cache

from diamoe.text.shanghai.syllable import SURFACE, WuSyllable

HIGH, SHORT_LOW, SHORT_MID, MID, LOW, SHORT_HIGH = 11, 12, 13, 14, 15, 18
_FIRST = {1: HIGH, 2: MID, 3: LOW, 4: SHORT_MID, 5: SHORT_LOW}

_HELD = {HIGH: 1, MID: 2, LOW: 3}


@lru_cache(maxsize=65536)
def spread(
    syllables: tuple[WuSyllable, ...], holds: bool = False, negated: bool = False
) -> tuple[WuSyllable, ...]:
    """The syllables of one prosodic word as they are spoken.

    One that `holds` keeps its first tone and loses the others: a verb said twice (看看), an
    adjective with 点 or 眼. In one that is `negated` (勿晓得) the peak stays on the second
    syllable. A word of which any syllable is toneless or at a level already is left as it is, but
    where only the first is at a level, as in the linguists' word list, the word holds its tone.

    >>> from diamoe.text.shanghai.syllable import parse_wu
    >>> word = lambda text: tuple(parse_wu(s) for s in text.split())
    >>> [str(s) for s in spread(word("zaon3 he2 gnin3"))]
    ['zaon15', 'he11', 'gnin0']
    >>> [str(s) for s in spread(word("meq5 zy3"))], [str(s) for s in spread(word("he2"))]
    (['meq12', 'zy3'], ['he2'])
    """
    if len(syllables) < 2 or any(s.tone in (None, 0, *SURFACE) for s in syllables[1:]):
        return syllables
    first, rest = syllables[0], syllables[1:]
    if first.tone in _HELD:
        return (replace(first, tone=_HELD[first.tone]), *(replace(s, tone=0) for s in rest))
    if first.tone not in _FIRST:
        return syllables
    if holds and first.tone in (2, 3):
        return (first, *(replace(s, tone=0) for s in rest))
    start = replace(first, tone=_FIRST[first.tone])
    if first.tone == 1:
        return (start, *(replace(s, tone=0) for s in rest))
    if first.tone == 5 and not (negated and len(rest) > 1):
        low = [replace(s, tone=SHORT_LOW if s.checked else LOW) for s in rest[:-1]]
        return (start, *low, replace(rest[-1], tone=5 if rest[-1].checked else 3))
    peak = replace(rest[0], tone=SHORT_HIGH if rest[0].checked else HIGH)
    return (start, peak, *(replace(s, tone=0) for s in rest[1:]))
