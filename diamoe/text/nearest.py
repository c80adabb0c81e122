"""Any language's IPA in the phones of our inventory: the nearest phone, by general rules.

A symbol is a letter with its diacritics. Length, nasality, aspiration that no phone carries,
palatalisation and labialisation become tokens of their own; what our inventory does not tell
apart (place finer than ours, pharyngealisation, ejectives, voice quality) goes to the plain phone.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from diamoe.text.phones import make_token
from diamoe.text.vocabulary import CONSONANTS, MODIFIERS, OFF_GLIDES, VOWELS

NEAREST = {
    # Consonants: retroflex, palatal, uvular and bilabial places that we do not have.
    **{"ʈ": "t", "ɖ": "d", "ɳ": "n", "ɭ": "l", "ɽ": "ɾ", "ɱ": "m", "ʎ": "l j", "ɸ": "f", "β": "v"},
    **{"ɢ": "ɡ", "ɴ": "ŋ", "ʀ": "ʁ", "ʙ": "b", "ⱱ": "v", "ʟ": "l", "ɮ": "ɬ", "ʜ": "ħ", "ʢ": "ʕ"},
    **{"ʡ": "ʔ", "ɧ": "ʃ", "ɠ": "ɡ", "ʄ": "ɟ", "ʛ": "ɡ", "ᶑ": "ɗ", "g": "ɡ", "ᵬ": "b", "ȶ": "c"},
    # Ligatures of affricates.
    **{"ʦ": "t͜s", "ʣ": "d͜z", "ʧ": "t͡ʃ", "ʤ": "d͡ʒ", "ʨ": "t͜ɕ", "ʥ": "d͜ʑ", "ꭧ": "t͡ʂ", "ꭦ": "d͡ʐ"},
    # Clicks: the stop at the same place.
    **{"ʘ": "p", "ǀ": "t", "ǃ": "t", "ǂ": "c", "ǁ": "k"},
    # Vowels.
    **{"ɶ": "œ", "ʚ": "œ", "ɩ": "ɪ", "ı": "ɪ", "ɷ": "ʊ", "ᵿ": "ʊ", "ᴜ": "ʊ", "ᵊ": "ə", "ɿ": "ɹ̩"},
    **{"ʅ": "ɻ̍", "ʮ": "ɹ̩", "ʯ": "ɻ̍ʷ", "ᴀ": "a", "þ": "θ", "ƕ": "ʍ", "ȣ": "u", "6": "ɐ"},
}
"""Letters without a phone of their own, and the nearest; two phones are separated by a space."""

_DROPPED = frozenset("̴̪̺̻̼̟̠̝̞̘̙̹̜̬̰̈̽̚ʼˠˤˑ‿.ᵝᵡˀ˔˕'’‘ʻʿ⁀◌")
"""Detail that our inventory does not tell apart."""
_FOLLOWING = {
    "ʰ": "h",
    "ˢ": "s",
    "ᶻ": "z",
    "ʱ": "ɦ",
    "ʲ": "j",
    "ʷ": "w",
    "ᶣ": "ɥ",
    "̤": "ɦ",
    "ˡ": "l",
    "ⁿ": "n",
    "ᵑ": "ŋ",
}
"""Marks that become a phone behind the consonant where no phone carries them."""
_VOICELESS = dict(zip("bdɡvzʒðʐʑɣʁɟ", "ptkfsʃθʂɕxχc", strict=True))
_PRENASAL = "ᵐⁿᵑ"
_RHOTIC = {"ə": "ɚ", "ɜ": "ɝ"}
_FALLING = {
    **dict.fromkeys("iɪej", "ɪ̯"), **dict.fromkeys("uʊw", "ʊ̯"), **dict.fromkeys("yʏøɥ", "ʏ̯"),
    **dict.fromkeys("ɯɨɰ", "ɯ̯"), **dict.fromkeys("ɐaɑæ", "ɐ̯"), **dict.fromkeys("oɔɒ", "o̯"),
    "ə": "ə̯", "ɛ": "ɛ̯", "ɚ": "ɚ̯", "ʌ": "ɐ̯", "œ": "ʏ̯", "ʉ": "ʏ̯", "ɤ": "ɯ̯",
}  # fmt: skip
"""The off-glide nearest to each vowel."""
_RISING = {"i": "j", "ɪ": "j", "e": "j", "u": "w", "ʊ": "w", "o": "w", "y": "ɥ", "ʏ": "ɥ"}
"""The glide of a non-syllabic vowel that stands before its nucleus."""
_TIES = "͜͡"
_AFFRICATES = frozenset("ts dz tʃ dʒ tɕ dʑ tʂ dʐ ʈʂ ɖʐ tθ pf tɬ dɮ kx".split())
_SPLIT = {"ʈʂ": "t͡ʂ", "ɖʐ": "d͡ʐ", "tɬ": "t ɬ", "dɮ": "d ɬ", "kx": "k x", "cç": "c ç", "ɟʝ": "ɟ ʝ"}
_VOWELS = frozenset(VOWELS)
_VOWEL_LETTERS = frozenset("aɑæɐeəɛɜɤɘɞøœoɔɒiɪɨᵻuʊʉɯyʏʌɵɚɝ")
_LEVELS = {"˥": "5", "˦": "4", "˧": "3", "˨": "2", "˩": "1"}
_CONTOUR_MARKS = {"́": "5", "̀": "1", "̄": "3", "̂": "51", "̌": "15", "̋": "5", "̏": "1"}


class NoPhone(Exception):
    """A symbol stands for no phone that these rules know; the caller names where it was."""

    def __init__(self, symbol: str):
        self.symbol = symbol
        super().__init__(symbol)


@dataclass
class _Letter:
    """One letter or tied pair with what is written on and behind it."""

    base: str
    marks: str = ""
    prenasal: str = ""
    stress: str = ""
    contour: str = ""

    @property
    def is_vowel(self) -> bool:
        return self.base in _VOWEL_LETTERS


def contour_marks(contour: str) -> str:
    """Two tone marks for a five-level contour; a dipping or peaking tone keeps its first half.

    Two levels that would fall together keep the direction of the movement.

    >>> [contour_marks(c) for c in ("55", "35", "214", "51", "21", "33", "45")]
    ['ᴴᴴ', 'ᴹᴴ', 'ᴹᴸ', 'ᴴᴸ', 'ᴹᴸ', 'ᴹᴹ', 'ᴹᴴ']
    """
    levels = [int(c) for c in contour]
    first, last = levels[0], levels[-1]
    if len(levels) > 2 and not min(first, last) <= levels[1] <= max(first, last):
        last = levels[1]
    marks = "ᴸᴸᴹᴴᴴ"[first - 1] + "ᴸᴸᴹᴴᴴ"[last - 1]
    if first != last:
        moving = ("ᴸᴹ", "ᴹᴴ") if first < last else ("ᴹᴸ", "ᴴᴹ")
        marks = {"ᴸᴸ": moving[0], "ᴴᴴ": moving[1]}.get(marks, marks)
    return marks


@lru_cache(maxsize=16384)
def nearest_phones(ipa: str, diphthongs: bool = False) -> tuple[str, ...]:
    """The phones of an IPA string; with `diphthongs`, vowels that touch form one nucleus.

    >>> nearest_phones("t͡ʃaɪ̯")
    ('t͡ʃ', 'a', 'ɪ̯')
    >>> nearest_phones("aʊ", diphthongs=True), nearest_phones("vʲˈɛ̃ː")
    (('a', 'ʊ̯'), ('v', 'j', 'ˈɛ', '˜', 'ː'))
    >>> nearest_phones("ma˨˩˦")
    ('m', 'ˈaᴹᴸ')

    Raises:
        NoPhone: a symbol is none of the alphabet.
    """
    phones: list[str] = []
    previous: _Letter | None = None
    stress = ""
    for letter in _letters(unicodedata.normalize("NFD", ipa)):
        stress = letter.stress or stress
        glide = diphthongs and previous is not None and previous.is_vowel and letter.is_vowel
        if glide and previous is not None and previous.base == letter.base:
            phones.append("ː")
        elif glide and letter.base in _FALLING and phones[-1] not in OFF_GLIDES:
            phones += [_FALLING[letter.base], *_endings(letter.marks)]
        elif "̯" in letter.marks and letter.base in _RISING and not _after_vowel(previous):
            phones.append(_RISING[letter.base])
        else:
            new = list(_phones(letter))
            nucleus = next((i for i, p in enumerate(new) if p in _VOWELS), None)
            if nucleus is not None and (stress or letter.contour):
                marks = contour_marks(letter.contour) if letter.contour else ""
                new[nucleus] = make_token(new[nucleus], "ˈ" if marks else stress, marks)
                stress = ""
            phones += new
        previous = letter
    return tuple(phones)


def _after_vowel(previous: _Letter | None) -> bool:
    return previous is not None and previous.is_vowel


def _letters(text: str) -> Iterator[_Letter]:
    letters: list[_Letter] = []
    stress = prenasal = ""
    tied = False
    for c in text:
        if c in "ˈˌ":
            stress = c
        elif c == ":" and letters:
            letters[-1].marks += "ː"
        elif c in _TIES:
            tied = bool(letters)
        elif c in _LEVELS or c in _CONTOUR_MARKS:
            vowel = next((x for x in reversed(letters) if x.is_vowel or "̩" in x.marks), None)
            if vowel is not None:
                vowel.contour += _LEVELS.get(c) or _CONTOUR_MARKS[c]
        elif c in _PRENASAL and not (letters and letters[-1].is_vowel is False and not prenasal):
            prenasal = c
        elif unicodedata.combining(c) or c in _DROPPED or c in _FOLLOWING or c in "ː˞":
            if letters:
                letters[-1].marks += c
        elif tied:
            letters[-1].base += c
            tied = False
        elif letters and not letters[-1].marks and letters[-1].base + c in _AFFRICATES:
            letters[-1].base += c
        elif not c.isspace():
            letters.append(_Letter(c, prenasal=prenasal, stress=stress))
            stress = prenasal = ""
    if prenasal:
        letters.append(_Letter({"ᵐ": "m", "ⁿ": "n", "ᵑ": "ŋ"}[prenasal]))
    yield from letters


def _phones(letter: _Letter) -> tuple[str, ...]:
    base, marks = letter.base, letter.marks
    if "̥" in marks or "̊" in marks:
        base = "".join(_VOICELESS.get(c, c) for c in base)
    if base == "r" and "̝" in marks:
        return ("r", "ʃ" if "̊" in marks or "̥" in marks else "ʒ", *_endings(marks))
    if letter.is_vowel or base in NEAREST and NEAREST[base] in _VOWELS:
        return _vowel(NEAREST.get(base, base), marks)
    if "̩" in marks or "̍" in marks:
        return _syllabic(base, marks)
    return _consonant(base, marks, letter.prenasal)


def _vowel(base: str, marks: str) -> tuple[str, ...]:
    if base not in _VOWELS:
        raise NoPhone(base)
    if "̯" in marks:
        return (_FALLING.get(base, base), *_endings(marks))
    if "˞" in marks and base in _RHOTIC:
        return (_RHOTIC[base], *_endings(marks))
    rhotic = ("ɚ̯",) if "˞" in marks else ()
    return (make_token(base, short="̆" in marks), *rhotic, *_endings(marks))


def _syllabic(base: str, marks: str) -> tuple[str, ...]:
    for mark in "̩̍":
        phone = base + mark
        if phone in _VOWELS:
            return (phone, *_endings(marks))
    if base == "z":
        return ("ɹ̩", *_endings(marks))
    return ("ə", *_consonant(base, marks, ""))


def _consonant(base: str, marks: str, prenasal: str) -> tuple[str, ...]:
    if "̯" in marks and base in ("j", "w", "ɥ", "ɰ"):
        return (_FALLING[base], *_endings(marks))
    if "̃" in marks and base == "l":
        marks = marks.replace("̃", "")  # a velarised l in some tables
    behind: list[str] = []
    plain = _SPLIT.get(base) or NEAREST.get(base) or _known().get(base)
    if plain is None:
        plain = " ".join(_SPLIT.get(c) or NEAREST.get(c) or _known().get(c, "") for c in base)
        if not all(plain.split(" ")):
            raise NoPhone(base)
    *front, last = plain.split(" ")
    for mark in marks:
        if mark == "ʰ" and base[-1] in _VOICELESS:
            mark = "ʱ"
        carried = _known().get(_bare(last) + mark)
        if carried is not None:
            last = carried
        elif mark in _FOLLOWING:
            behind.append(_FOLLOWING[mark])
        elif mark not in _DROPPED and not unicodedata.combining(mark) and mark not in "ː˞":
            raise NoPhone(base + mark)
    if prenasal:
        joined = _known().get(prenasal + _bare(last))
        front = front if joined else [{"ᵐ": "m", "ⁿ": "n", "ᵑ": "ŋ"}[prenasal], *front]
        last = joined or last
    return (*front, last, *dict.fromkeys(behind), *_endings(marks))


def _endings(marks: str) -> tuple[str, ...]:
    nasal, long = MODIFIERS
    return (nasal,) * ("̃" in marks) + (long,) * ("ː" in marks)


def _bare(phone: str) -> str:
    return phone.translate({ord(t): None for t in _TIES})


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Our consonants by their spelling without ties."""
    return {
        _bare(unicodedata.normalize("NFD", c)): unicodedata.normalize("NFD", c) for c in CONSONANTS
    }
