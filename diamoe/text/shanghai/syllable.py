"""The Shanghainese syllable, in Wugniu spelling (吴语学堂拼音) with the dialect's tone numbers.

`zaon3 he2` is 上海. Clear sonorants are written apart from muddy ones (`mh nh lh kn nk` against
`m n l gn ng`), so initial and final say everything about the tone but whether a clear open
syllable has tone 1 or 2.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from diamoe.errors import NotationError

CLEAR = tuple("p ph t th ts tsh c ch k kh f s sh h mh nh lh kn nk".split())
MUDDY = tuple("b d dz j g v z zh gh m n l gn ng".split())
FINALS = tuple(
    "y i u iu a ia ua o io au iau eu ieu e ie ue oe ioe uoe uei an ian uan aon iaon uaon "
    "en uen in iun on ion aq iaq uaq oq ioq eq ueq iq iuq er m n ng".split()
)
SURFACE = tuple(range(11, 19))
"""Numbers of the levels that only sandhi gives."""
CLASSES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 5}
"""Tone numbers; 6, 7 and 8 are Wugniu's names of 3, 4 and 5, and its 5 of an open syllable is 2."""

_INITIAL = re.compile(r"^(tsh|ts|dz|gn|kn|nk|ng|[ptkcszgmnl]h|[bpmfvtdnlszcjkgh]|)(.*)$")
_ROMAN = re.compile(r"^([a-z]+)([0-9]*)$")
_SONORANTS = {"m": "mh", "n": "nh", "l": "lh", "gn": "kn", "ng": "nk"}
_SYLLABIC = {"m": ("gh", "m"), "n": ("gh", "n"), "ng": ("gh", "ng")}
_SYLLABIC |= {"mh": ("", "m"), "nh": ("", "n"), "nk": ("", "ng")}
_PALATAL = {"ts": "c", "tsh": "ch", "s": "sh", "z": "zh", "dz": "j", "n": "gn", "nh": "kn"}
_MERGED = {"ei": "e", "aoq": "aq", "iaoq": "iaq", "uaoq": "uaq", "uoq": "oq", "ieq": "iq"}


@dataclass(frozen=True)
class WuSyllable:
    """Initial, final and tone number; tone 0 is toneless, None not known.

    The initial `gh` is the muddy onset, spelled `y` or `w` before a glide; an empty one is the
    clear zero onset.
    """

    initial: str
    final: str
    tone: int | None = None

    @property
    def checked(self) -> bool:
        """True for a short syllable in a glottal stop."""
        return self.final.endswith("q")

    @property
    def muddy(self) -> bool:
        """True where the onset is voiced or breathy."""
        return self.initial in MUDDY

    def with_tone(self, rising: bool) -> "WuSyllable":
        """The syllable with its citation tone; `rising` decides where onset and final do not."""
        if self.tone is not None:
            return self
        if self.muddy:
            return replace(self, tone=5 if self.checked else 3)
        return replace(self, tone=4 if self.checked else 2 if rising else 1)

    def __str__(self) -> str:
        return self._spelling

    @cached_property
    def _spelling(self) -> str:
        return self._letters() + ("" if self.tone is None else str(self.tone))

    def _letters(self) -> str:
        if self.final in ("m", "n", "ng") and self.initial in ("", "gh"):
            clear = {"m": "mh", "n": "nh", "ng": "nk"}
            return self.final if self.initial else clear[self.final]
        if self.initial != "gh" or self.final[0] not in "iu":
            return self.initial + self.final
        glide = "y" if self.final[0] == "i" else "w"
        keep = self.final in ("i", "in", "iq", "u")
        return glide + (self.final if keep else self.final[1:])


@lru_cache(maxsize=16384)
def parse_wu(text: str) -> WuSyllable:
    """Read one syllable with its tone number, or without any.

    >>> parse_wu("zaon3")
    WuSyllable(initial='z', final='aon', tone=3)
    >>> str(parse_wu("zaon6")), str(parse_wu("he5")), str(parse_wu("ghoq8")), str(parse_wu("siau"))
    ('zaon3', 'he2', 'ghoq5', 'shiau')

    With a tone of the clear series a sonorant need not be written as clear.

    >>> str(parse_wu("ma1")), str(parse_wu("ma3"))
    ('mha1', 'ma3')

    Raises:
        NotationError: there is no such initial or final, or a tone that cannot be.
    """
    match = _ROMAN.match(text.strip().lower())
    if match is None:
        raise NotationError(f"{text!r} is not a Wugniu syllable (letters and a tone number)")
    initial, final = _split(match[1], text)
    syllable = WuSyllable(initial, final)
    if not match[2]:
        return syllable
    tone = _tone(match[2], syllable, text)
    clear = _SONORANTS.get(initial, initial) if tone in (1, 2, 4) else initial
    return WuSyllable(clear, final, tone)


def _split(body: str, text: str) -> tuple[str, str]:
    if body in _SYLLABIC:
        return _SYLLABIC[body]
    if body[0] in "yw":
        initial, final = "gh", _after_glide(body)
    else:
        found = _INITIAL.match(body)
        assert found is not None
        initial, final = found.groups()
    final = _MERGED.get(final, final)
    if final not in FINALS:
        allowed = " ".join(FINALS)
        raise NotationError(f"{text!r}: Shanghainese has no final {final!r}; it has {allowed}")
    if final[0] == "i":
        initial = _PALATAL.get(initial, initial)
    return initial, final


def _after_glide(body: str) -> str:
    if body[0] == "w":
        return "u" if body == "wu" else "u" + body[1:]
    return body[1:] if body[1:2] == "i" else "i" + body[1:]


def _tone(digits: str, syllable: WuSyllable, text: str) -> int:
    number = int(digits)
    if number in SURFACE or number == 0:
        return number
    if number == 5 and not syllable.checked:
        number = 2
    tone = CLASSES.get(number)
    if tone is None or (tone in (4, 5)) != syllable.checked:
        allowed = "4 5 (7 8)" if syllable.checked else "1 2 3 (5 6)"
        raise NotationError(f"{text!r} has tone {digits}; a syllable like it has {allowed} or 0")
    return tone


@lru_cache(maxsize=16384)
def complete(text: str, rising: bool) -> str:
    """A syllable with its tone; one without takes the tone that onset and final leave it.

    >>> complete("he", rising=True), complete("zaon", rising=True), complete("thi1", rising=True)
    ('he2', 'zaon3', 'thi1')
    """
    return str(parse_wu(text).with_tone(rising))
