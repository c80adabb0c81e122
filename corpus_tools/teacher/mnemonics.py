"""Our phone segments as phoneme mnemonics of espeak-ng's voices.

Each voice has a phone table of its own: all of them share the consonants in `CONSONANTS`, and
their vowels differ. A syllable is spoken with one voice, the one that needs the fewest
approximations. What no voice has is replaced as `APPROXIMATE` says: those are the contrasts the
teacher collapses. Nasalisation, length and the zero initial are no sounds of the synthesiser
(see `syllable.py`).
"""

import unicodedata
from collections.abc import Mapping

from corpus_tools.teacher.errors import UnmappedPhone

CONSONANTS: Mapping[str, str] = {
    unicodedata.normalize("NFD", k): v
    for k, v in {
        "p": "p", "pʰ": "p h", "b": "b", "m": "m", "f": "f", "v": "v", "t": "t", "tʰ": "t h",
        "d": "d", "n": "n", "l": "l", "ɫ": "l/2", "ɾ": "*", "r": "R2", "t͜s": "t s",
        "t͜sʰ": "t s h", "d͜z": "d z", "s": "s", "z": "z", "t͜θ": "t T", "t͜θʰ": "t T h",
        "θ": "T", "ð": "D", "ᵐb": "m b", "ⁿd": "n d", "ⁿd͜z": "n d z", "ᵑɡ": "N g",
        "t͡ʂ": "t s.", "t͡ʂʰ": "t s. h", "d͡ʐ": "d z.", "ʂ": "s.", "ʐ": "z.", "ɻ": "r.",
        "ɹ": "r", "t͡ʃ": "tS", "t͡ʃʰ": "tS h", "d͡ʒ": "dZ", "ʃ": "S", "ʒ": "Z",
        "t͜ɕ": "tS;", "t͜ɕʰ": "tS; h", "d͜ʑ": "dZ;", "ɕ": "S;", "ʑ": "Z;", "ɲ": "n^",
        "ç": "C", "ʝ": "J^", "c": "c", "cʰ": "c h", "ɟ": "J", "k": "k", "kʰ": "k h", "ɡ": "g",
        "ŋ": "N", "x": "x", "ɣ": "Q", "χ": "X", "ʁ": 'Q"', "q": "q",
        "h": "h", "ʔ": "?", "ʍ": "h w", "j": "j", "w": "w",
        "p͡f": "p f", "k͡p": "k p", "ŋ͡m": "N m", "m̩": "m-", "n̩": "n-", "ŋ̍": "N-",
        "l̩": "l-", "r̩": "r-",
    }.items()
}  # fmt: skip
"""What every table holds; `t s h` is three mnemonics in a row and one token of ours."""

TABLES: Mapping[str, Mapping[str, str]] = {
    voice: {unicodedata.normalize("NFD", k): v for k, v in table.items()}
    for voice, table in {
        "cmn-latn-pinyin": {
            "pʰ": "ph", "tʰ": "th", "kʰ": "kh", "t͜s": "ts", "t͜sʰ": "tsh", "t͡ʂ": "ts.",
            "t͡ʂʰ": "ts.h", "t͜ɕʰ": "tS;h",
            "a": "a", "ɑ": "A", "e": "e", "ɛ": "E", "i": "i", "o": "o", "u": "u", "y": "y",
            "ə": "@", "ɤ": "o-", "ɹ̩": "i[", "ɻ̍": "i.", "ɚ": "@r", "ɚ̯": "r",
            "ɥ": "y", "ɪ̯": "i", "ʊ̯": "u", "ə̯": "@", "i̯": "i", "u̯": "u", "y̯": "y",
            "ɛ̯": "E", "o̯": "o",
            "a ɪ̯": "ai", "ɑ ʊ̯": "Au", "e ɪ̯": "ei", "o ʊ̯": "ou",
        },
        "sv": {
            "a": "a", "ɑ": "A:", "æ": "&", "ɛ": "E", "e": "e:", "i": "i:", "ɪ": "I", "o": "o:",
            "ɔ": "O", "u": "u:", "ʊ": "U", "y": "y:", "ø": "Y:", "œ": "W", "ɵ": "8",
            "ʉ": "u-", "ə": "@", "ɥ": "y", "ɪ̯": "I", "ʊ̯": "U", "ə̯": "@", "i̯": "i:",
            "u̯": "u:", "y̯": "y", "ʏ̯": "y", "ɛ̯": "E", "o̯": "o:", "ɚ̯": "r",
        },
        "pt": {
            "ɐ": "&", "a": "a", "ɛ": "E", "e": "e", "i": "i", "o": "o", "ɔ": "O", "u": "u",
            "ɪ": "I", "ʊ": "U", "ɨ": "y", "ɑ": "A", "ɪ̯": "I", "ʊ̯": "U", "i̯": "i",
            "u̯": "u", "ɐ̯": "&", "o̯": "o", "ɛ̯": "E",
        },
        "gd": {
            "ɯ": "u-", "ɤ": "o-", "a": "a", "ɛ": "E", "e": "e:", "i": "i:", "ɪ": "I",
            "ɔ": "O", "o": "o:", "u": "u:", "ə": "@", "ɯ̯": "u-", "ɪ̯": "I",
            "ə̯": "@", "i̯": "i", "u̯": "u", "o̯": "o-",
        },
        "en": {
            "ʌ": "V", "ɒ": "0", "ɜ": "3:", "æ": "a", "ɪ": "I", "ʊ": "U", "ɔ": "O:", "ɑ": "A:",
            "ə": "@", "i": "i:", "u": "u:", "ɛ": "E", "ɪ̯": "I", "ʊ̯": "U",
            "ɝ": "3: r", "ɚ": "@ r",
        },
        "de": {
            "ʏ": "y", "ø": "Y:", "œ": "W", "ɛ": "E", "ɪ": "I", "ʊ": "U", "a": "a", "i": "i:",
            "u": "u:", "y": "y:", "o": "o:", "e": "e:", "ɔ": "O", "ɑ": "A:", "ʏ̯": "y",
            "ɪ̯": "I", "ʊ̯": "U",
        },
    }.items()
}  # fmt: skip
"""Vowels (and better consonants) by voice, in the order of preference. A key of two segments is
a nucleus with its off-glide, spoken as one diphthong."""

APPROXIMATE: Mapping[str, str] = {
    unicodedata.normalize("NFD", k): unicodedata.normalize("NFD", v)
    for k, v in {
        "ɘ": "ɵ", "ɵ": "œ", "ɞ": "ɵ", "ɜ": "ə", "ɝ": "ɚ", "ᵻ": "ɨ", "ɨ": "i", "ʉ": "y",
        "ɯ": "ɤ", "ɤ": "ə", "ʏ": "y", "œ": "ɛ", "ø": "œ", "æ": "ɛ", "ɐ": "a", "ɒ": "ɔ",
        "ɔ": "o", "ʌ": "ɐ", "ɪ": "i", "ʊ": "u", "ɑ": "a", "ɹ̻̍": "ɹ̩", "ɻ̍ʷ": "ɻ̍",
        "ɹ̻": "ɹ", "l̻": "l", "ɻʷ": "ɻ",
        "ɯ̯": "ə̯", "ɐ̯": "ə̯", "ʏ̯": "y̯", "v̩": "v", "ʋ": "v", "ɓ": "b", "ɗ": "d",
        "ɺ": "l", "ɬ": "ʂ", "ȵ": "ɲ", "ħ": "χ", "ʕ": "ʁ", "ɦ": "h", "ɰ": "ɣ", "ɥ": "j",
        "m̤": "m", "n̤": "n", "l̤": "l", "ŋ̤": "ŋ", "ȵ̤": "ɲ", "j̤": "j", "w̤": "w", "ɥ̤": "ɥ",
    }.items()
}  # fmt: skip
"""Contrasts the teacher collapses: a segment and the nearest one that is spoken instead where
the syllable's voice lacks it."""

SILENT = tuple(unicodedata.normalize("NFD", s) for s in ("∅", "∅̤", "˜", "ː"))
"""Segments that are no sound of their own: zero initial, nasalisation, length."""

MAX_STEPS = 4
"""Longest chain of approximations followed."""


def find_mnemonic(segment: str, voice: str) -> tuple[str, int] | None:
    """The mnemonics of a segment in a voice's table and how many approximations that takes.

    >>> find_mnemonic("ʂ", "sv"), find_mnemonic("ɔ", "cmn-latn-pinyin")
    (('s.', 0), ('o', 1))
    """
    for steps in range(MAX_STEPS + 1):
        found = TABLES[voice].get(segment) or CONSONANTS.get(segment)
        if found is not None:
            return found, steps
        if segment not in APPROXIMATE:
            return None
        segment = APPROXIMATE[segment]
    return None


STOPS = ("p", "t", "k")
"""What may be released at the end of a syllable."""
UNRELEASED = "cmn-latn-pinyin"
"""The voice whose final stops have hardly a burst."""


def choose_voice(segments: tuple[str, ...], released: bool = False) -> str:
    """The voice whose table speaks these segments with the fewest approximations; where a stop at
    the end is to be `released`, of those that do.

    >>> choose_voice(("m", "a")), choose_voice(("l", "œ"))
    ('cmn-latn-pinyin', 'sv')

    Raises:
        UnmappedPhone: no voice has a segment.
    """
    costs: dict[str, int] = {}
    missing = ""
    for voice in TABLES:
        if voice == UNRELEASED and released and segments[-1] in STOPS:
            continue
        found = [find_mnemonic(s, voice) for s in segments if s not in SILENT]
        if all(f is not None for f in found):
            costs[voice] = sum(f[1] for f in found if f is not None)
        else:
            missing = next(s for s in segments if s not in SILENT and not find_mnemonic(s, voice))
    if not costs:
        raise UnmappedPhone(missing, where=f"syllable {' '.join(segments)!r}")
    return min(costs, key=lambda voice: costs[voice])


def collapsed(segments: tuple[str, ...]) -> dict[str, str]:
    """The segments of a syllable that are approximated, with what is spoken instead."""
    voice = choose_voice(segments)
    found: dict[str, str] = {}
    for segment in segments:
        spoken = segment
        while spoken not in SILENT and spoken not in TABLES[voice] and spoken not in CONSONANTS:
            spoken = APPROXIMATE[spoken]
        if spoken != segment:
            found[segment] = spoken
    return found
