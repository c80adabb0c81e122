"""The historical class of a character, read off its Cantonese pronunciation.

A Cantonese stop coda marks the Middle Chinese entering tone, and the tone's register marks clear
or muddy initials; initial m- keeps what Mandarin turned into w-, ng- what it dropped.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from diamoe.text.dictionary import open_dictionary

_JYUTPING = re.compile(r"^(ng(?=[aeiou])|gw|kw|[bpmfdtnlgkhzcswj]?)(.*?)([1-6])$")
# Simplified characters that once were others, and that Cantonese dictionaries read as those.
_RESTORED = str.maketrans("达适腊蜡种离宁厂坏医断", "達適臘蠟種離寧廠壞醫斷")
SONORANTS = frozenset(("m", "n", "ng", "l", "j", "w", ""))


@dataclass(frozen=True)
class Ancestry:
    """What Cantonese keeps of a character's Middle Chinese class.

    `coda` is `p`, `t`, `k` or empty; `initial` and `final` are Jyutping; `muddy` is the lower
    register (Jyutping tones 4 to 6).
    """

    initial: str
    final: str
    coda: str
    muddy: bool

    @property
    def checked(self) -> bool:
        """True for an entering-tone syllable."""
        return bool(self.coda)

    @property
    def onset(self) -> str:
        """`clear`, `sonorant` or `muddy`."""
        if not self.muddy:
            return "clear"
        return "sonorant" if self.initial in SONORANTS else "muddy"


@lru_cache(maxsize=16384)
def ancestry(jyutping: str) -> Ancestry | None:
    """The class behind one Jyutping syllable; None where it is not one.

    >>> ancestry("sap6").checked, ancestry("sap6").onset, ancestry("man4").initial
    (True, 'muddy', 'm')
    """
    match = _JYUTPING.match(jyutping)
    if match is None:
        return None
    initial, final, tone = match.groups()
    coda = final[-1] if final[-1:] in tuple("ptk") else ""
    return Ancestry(initial, final, coda, tone in "456")


def ancestries(text: str) -> list[Ancestry | None]:
    """The class of every character of a text, read in its context; None where there is none.

    A changed tone (邮局 juk-guk2) and the reading that 切 has in 一切 alone say nothing of it.

    >>> [a.onset for a in ancestries("邮局") if a], [a.coda for a in ancestries("一切") if a]
    (['sonorant', 'muddy'], ['t', 't'])
    """
    restored = text.translate(_RESTORED)
    return [
        None if j is None else ancestry(_alone(c) if _is_changed(c, j) else j)
        for c, j in zip(restored, open_dictionary().jyutping(restored), strict=True)
    ]


def _is_changed(character: str, jyutping: str) -> bool:
    return character == "切" or jyutping.endswith(("p2", "t2", "k2"))


@lru_cache(maxsize=1024)
def _alone(character: str) -> str:
    """The reading of a character by itself."""
    return open_dictionary().jyutping(character)[0] or ""
