"""Tâi-lô syllables: read from Tâi-lô or Pe̍h-ōe-jī, with diacritics or digits; written in digits."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from diamoe.errors import NotationError

INITIALS = ("tsh", "ph", "th", "kh", "ng", "ts", *"pbmtnlkgjsh", "")
"""Spelled initials, longest first."""
OPEN = "a ai au e i o oo u ia iai iau iu io ua uai ue ui m ng".split()
"""Rhymes that may be nasal (`nn`) and end in a glottal stop (`h`)."""
CLOSED = (
    "am an ang im in ing om on ong iam ian iang iong un uan uang "
    "ap at ak ip it ik op ot ok iap iat iak iok ut uat uak"
).split()
TONES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
"""Tone numbers; 0 is neutral, 6 and 9 occur in sandhi and some accents."""

_DIACRITICS = {
    "\u0301": 2, "\u0300": 3, "\u0302": 5, "\u030c": 6, "\u0304": 7, "\u030d": 8, "\u0306": 9,
    "\u030b": 9,
}  # fmt: skip
_NASAL = frozenset(("m", "n", "ng"))
_POJ = (
    ("chh", "tsh"), ("ch", "ts"), ("oa", "ua"), ("oe", "ue"), ("hnn", "nnh"), ("eng", "ing"),
    ("ek", "ik"), ("ou", "oo"), ("oonn", "onn"),
)  # fmt: skip
_BODY = re.compile("^([a-z]+)(10|[0-9])?$")


@dataclass(frozen=True)
class Tailo:
    """A syllable of Tâi-lô: `glottal` is a final -h, `nasal` a final -nn."""

    initial: str
    rhyme: str
    tone: int
    nasal: bool = False
    glottal: bool = False

    @property
    def checked(self) -> bool:
        """True for a syllable that ends in -p, -t, -k or -h."""
        return self.glottal or self.rhyme[-1] in "ptk"

    @property
    def nasalised(self) -> bool:
        """True where the vowel is nasal, by its ending or after a nasal initial."""
        vowel = self.rhyme in OPEN and self.rhyme not in ("m", "ng")
        return vowel and (self.nasal or self.initial in _NASAL)

    def to(self, tone: int) -> "Tailo":
        """The same syllable in another tone."""
        return replace(self, tone=tone)

    def __str__(self) -> str:
        rhyme = "o" if self.rhyme == "oo" and self.nasal else self.rhyme
        ending = ("nn" if self.nasal else "") + ("h" if self.glottal else "")
        return f"{self.initial}{rhyme}{ending}{self.tone}"


@lru_cache(maxsize=16384)
def parse_tailo(text: str) -> Tailo:
    """Read one syllable; `0` and `10` are both written for the neutral tone.

    >>> [str(parse_tailo(s)) for s in ("tsi̍t", "oân", "chhiáⁿ", "bô͘", "hōo", "lim", "ah0")]
    ['tsit8', 'uan5', 'tshiann2', 'boo5', 'hoo7', 'lim1', 'ah0']

    Raises:
        NotationError: it is no syllable; the message says why.
    """
    body, tone = _tone(text)
    for poj, tailo in _POJ:
        body = body.replace(poj, tailo)
    found = _split(body)
    if found is None:
        raise NotationError(f"{text!r} is no Tâi-lô or Pe̍h-ōe-jī syllable")
    if tone is None:
        tone = 4 if found.checked else 1
    if tone in (5, 6) and found.checked or tone in (4, 8) and not found.checked:
        kind = "a checked" if found.checked else "an open"
        raise NotationError(f"{text!r}: {kind} syllable has no tone {tone}")
    return found.to(tone)


def _tone(text: str) -> tuple[str, int | None]:
    """The letters of a syllable and its tone, None where nothing marks it."""
    body, tones = "", []
    for c in unicodedata.normalize("NFD", text.strip()):
        if c in _DIACRITICS:
            tones.append(_DIACRITICS[c])
        elif c in "\u0358·•":
            body += "o"
        elif c in "ⁿᴺ":
            body += "nn"
        else:
            body += c
    match = _BODY.match(body.lower())
    if match is None:
        raise NotationError(f"{text!r} is no syllable: letters, one tone mark or one tone digit")
    if match[2]:
        tones.append(int(match[2]) % 10)
    if len(tones) > 1:
        raise NotationError(f"{text!r} has more than one tone")
    return match[1], tones[0] if tones else None


def _split(body: str) -> Tailo | None:
    for initial in INITIALS:
        if not body.startswith(initial):
            continue
        rest = body[len(initial) :]
        glottal = rest.endswith("h")
        open_rest = rest.removesuffix("h")
        nasal = open_rest.endswith("nn")
        rhyme = open_rest.removesuffix("nn")
        if rhyme == "o" and (nasal or initial in _NASAL):
            rhyme = "oo"
        if rhyme in OPEN and not (nasal and rhyme in ("m", "ng")):
            return Tailo(initial, rhyme, 1, nasal and initial not in _NASAL, glottal)
        if rest in CLOSED:
            return Tailo(initial, rest, 1)
    return None


def parse_word(text: str) -> tuple[Tailo, ...]:
    """Read the syllables of one word; everything after `--` is neutral.

    >>> [str(s) for s in parse_word("Tâi-uân")], [str(s) for s in parse_word("tńg--khì")]
    (['tai5', 'uan5'], ['tng2', 'khi0'])

    Raises:
        NotationError: a part is no syllable.
    """
    loud, _, weak = text.partition("--")
    syllables = [parse_tailo(part) for part in loud.split("-")] if loud else []
    neutral = [parse_tailo(part).to(0) for part in weak.replace("--", "-").split("-") if part]
    if not syllables and not neutral:
        raise NotationError(f"{text!r} holds no syllable")
    return (*syllables, *neutral)
