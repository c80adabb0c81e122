"""A Sinitic syllable taken apart, and the pinyin spelling it is read from and written in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from diamoe.errors import NotationError

INITIALS = (
    *("zh", "ch", "sh", "rz", "rl", "ng", "b", "p", "m", "f", "v", "d", "t", "n", "l"),
    *("g", "k", "h", "j", "q", "x", "z", "c", "s", "r"),
)
"""Spelled initials, longest first. In dialects only: `v` (ʋ), `rz` (a dental r), `rl` (l̻)."""

_APICAL = frozenset(["zh", "ch", "sh", "r", "z", "c", "s", "rz"])
_PALATAL = frozenset(["j", "q", "x"])
_SYLLABIC = {
    "m": ("m", "m_"),
    "n": ("n", "n_"),
    "ng": ("ng", "ng_"),
    "hm": ("hh", "m_"),
    "hn": ("hh", "n_"),
    "hng": ("hh", "ng_"),
}
_FULL = {"iu": "iou", "ui": "uei", "un": "uen"}
_SHORT = {"iou": "iu", "uei": "ui", "uen": "un"}
_ROMAN = re.compile(r"^([a-zü_ê]+?)([0-9]?)$")


@dataclass(frozen=True)
class Syllable:
    """Initial, final, tone number, and whether it is neutral or has a rhotic ending.

    `final` spells medial and rhyme in full: `uei`, `iou`, `van` (ü is `v`), `ih` for the apical
    vowel of zi and zhi. A checked final ends in `h` (`ah`, `ueh`; `iih` and `ihh` from `i` and
    `ih`). `tone` is the dialect's own tone number and stays the citation tone of a neutral
    syllable, or 0 where it has none, so that no digit ever stands for neutrality.
    """

    initial: str
    final: str
    tone: int
    neutral: bool = False
    erhua: bool = False

    @property
    def medial(self) -> str:
        """`i`, `u`, `v`, or nothing."""
        return (
            self.final[0]
            if len(self.final) > 1 and self.final[0] in "iuv" and (self.final[1] in "aeo")
            else ""
        )

    @property
    def rhyme(self) -> str:
        """The final without its medial."""
        return self.final[len(self.medial) :]

    @property
    def open_final(self) -> str:
        """The final without the `h` of a checked one."""
        if self.final == "iih":
            return "i"
        return self.final[:-1] if self.is_checked else self.final

    @property
    def is_palatal(self) -> bool:
        """True where the final begins with i or ü."""
        return self.final[0] in "iv" and self.final not in ("ih", "ihh")

    @property
    def is_checked(self) -> bool:
        """True where the final is cut short (`ah`, but not the apical `ih`)."""
        return self.final.endswith("h") and self.final != "ih"

    def __str__(self) -> str:
        return spell(self)

    def change(self, **parts: object) -> "Syllable":
        """The same syllable with some parts replaced."""
        return replace(self, **parts)  # type: ignore[arg-type]


@lru_cache(maxsize=16384)
def parse_pinyin(text: str) -> Syllable:
    """Read one syllable of pinyin with a tone digit; 0 or no digit is neutral.

    5 is neutral too, except on a checked final, whose tone it is in some dialects.

    >>> parse_pinyin("zhuang4")
    Syllable(initial='zh', final='uang', tone=4, neutral=False, erhua=False)
    >>> parse_pinyin("yuanr2").final, parse_pinyin("zi5").neutral
    ('van', True)
    >>> parse_pinyin("shih5").tone, parse_pinyin("shih0").neutral
    (5, True)

    Raises:
        NotationError: the text is not spelled like a syllable.
    """
    match = _ROMAN.match(text.strip().lower().replace("u:", "v"))
    if match is None:
        raise NotationError(f"{text!r} is not a pinyin syllable (letters and one tone digit)")
    body, digit = match.groups()
    body = body.replace("ü", "v").replace("ê", "ee")
    tone = int(digit or 0)
    checked = body.removesuffix("r").endswith("h")
    neutral = tone == 0 or (tone == 5 and not checked)
    tone = 0 if neutral else tone
    if body in _SYLLABIC:
        return Syllable(*_SYLLABIC[body], tone, neutral)
    erhua = body.endswith("r") and body != "er"
    if erhua:
        body = body[:-1].rstrip("_")
    initial, final = _split(body)
    if not final:
        raise NotationError(f"{text!r} is not a pinyin syllable: it has no final")
    return Syllable(initial, final, tone, neutral, erhua)


def _split(body: str) -> tuple[str, str]:
    initial = next((i for i in INITIALS if body.startswith(i)), "")
    rest = body[len(initial) :]
    if rest[:1] in ("y", "w"):
        rest = _from_zero(rest)
        return initial, "iih" if rest == "ih" else rest
    if initial in _PALATAL and rest.startswith("u"):
        rest = "v" + rest[1:]
    elif rest in ("i", "ih") and initial in _APICAL:
        rest = "ih" + rest[1:]
    elif rest == "ih":
        rest = "iih"
    return initial, _FULL.get(rest, rest)


def _from_zero(rest: str) -> str:
    if rest.startswith("yu"):
        return "v" + rest[2:]
    if rest.startswith("yi"):
        return rest[1:]
    if rest.startswith("y"):
        return "i" + rest[1:]
    return rest[1:] if rest.startswith("wu") else "u" + rest[1:]


@lru_cache(maxsize=16384)
def spell(syllable: Syllable) -> str:
    """Write a syllable in pinyin, the inverse of `parse_pinyin`.

    >>> [spell(parse_pinyin(s)) for s in ("yuan2", "shui3", "lve4", "xiong1", "wo3", "de")]
    ['yuan2', 'shui3', 'lve4', 'xiong1', 'wo3', 'de0']
    """
    initial, final = syllable.initial, syllable.final
    ending = "r" if syllable.erhua and final != "er" else ""
    if final == "e" and not initial and ending:
        ending = "_r"
    tone = 0 if syllable.neutral else syllable.tone
    if final.endswith("_"):
        return f"{'h' if initial == 'hh' else ''}{final[:-1]}{tone}"
    return f"{initial}{_spell_final(initial, final)}{ending}{tone}"


def _spell_final(initial: str, final: str) -> str:
    if final in ("ih", "ihh"):
        return final[:-1]
    if final == "iih":
        return "ih" if initial and initial not in _APICAL else "yih"
    if final == "ii" or (initial in _APICAL and final[0] == "v"):
        return final
    if not initial or (initial in _APICAL and final[0] == "i"):
        if final[0] == "v":
            return "yu" + final[1:]
        if final[0] == "i":
            return ("y" if final[1:2] in tuple("aeo") and final != "i" else "yi") + final[1:]
        if final[0] == "u":
            return "wu" if final == "u" else "w" + final[1:]
        return final
    if initial in _PALATAL and final[0] == "v":
        return "u" + final[1:]
    return _SHORT.get(final, final)


def parse_pinyins(text: str) -> list[Syllable]:
    """Read syllables separated by spaces.

    >>> [str(s) for s in parse_pinyins("ni3 hao3")]
    ['ni3', 'hao3']
    """
    return [parse_pinyin(part) for part in text.split()]


def spellings(syllables: Iterable[Syllable]) -> str:
    """The spellings, separated by spaces."""
    return " ".join(map(spell, syllables))
