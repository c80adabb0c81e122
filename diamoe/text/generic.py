"""Every other language that espeak-ng or epitran reads: `espeak:es`, `epitran:ron-Latn`."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diamoe.errors import MissingBackend, UnknownDialect
from diamoe.text.dialect import Dialect, Tone, load_dialect
from diamoe.text.nearest import contour_marks

_SCRIPTS = {
    "ARABIC": "ar fa sd ug ur", "ARMENIAN": "hy hyw", "BENGALI": "as bn bpy",
    "CYRILLIC": "ba be bg cv kk ky mk nog ru sr tt uk", "DEVANAGARI": "hi kok mr ne",
    "ETHIOPIC": "am ti", "GEORGIAN": "ka", "GREEK": "el grc", "GUJARATI": "gu",
    "GURMUKHI": "pa", "HANGUL": "ko", "HEBREW": "he", "KANNADA": "kn", "MALAYALAM": "ml",
    "MYANMAR": "my shn", "ORIYA": "or", "SHAVIAN": "en-shaw", "SINHALA": "si", "TAMIL": "ta",
    "TELUGU": "te", "THAI": "th", "CJK": "cmn yue", "HIRAGANA": "ja", "KATAKANA": "ja",
    "KATAKANA-HIRAGANA": "ja",
}  # fmt: skip
"""Scripts that a voice reads besides the Latin one, by the code or language of the voice."""

_FAMILIES = {"en": "english", "de": "german", "fr": "french", "nl": "dutch", "cmn": "putonghua",
             "yue": "cantonese"}  # fmt: skip
_EPITRAN_FAMILIES = {"eng": "english", "deu": "german", "fra": "french", "nld": "dutch",
                     "cmn": "putonghua", "yue": "cantonese", "wuu": "shanghai",
                     "nan": "hokkien"}  # fmt: skip
"""Dialects of the package in the same language: their places in a model serve the generic one."""

# Five-level contours of the tone digits of a voice, chosen so that tones stay apart in two marks.
# Mandarin and Cherokee write the contour itself; Thai, Burmese, Shan and Hakka are uncertain.
_VOICE_TONES: dict[str, dict[str, str]] = {
    "cmn": {c: c for c in ("55", "35", "214", "21", "51", "53", "22", "33", "44")} | {"11": ""},
    "yue": {"1": "55", "2": "25", "3": "33", "4": "21", "5": "13", "6": "22", "7": "55"},
    "vi": {"0": "33", "1": "33", "2": "21", "3": "35", "4": "13", "5": "25", "6": "41", "7": "33"},
    "th": {"1": "33", "2": "21", "3": "51", "4": "45", "5": "24"},
    "my": {"1": "22", "2": "55", "3": "53"},
    "shn": {"1": "24", "2": "11", "3": "33", "4": "55", "5": "42", "6": "33"},
    "hak": {"1": "24", "2": "31", "3": "55", "4": "11", "5": "55", "6": "33"},
    "chr": {"43": "43", "4": "44", "3": "33", "2": "22", "1": "11", "23": "23", "32": "32"},
}

# Symbols of voices that write their romanisation where other voices write IPA.
_MANDARIN = {
    "i̪": "ɹ̩", "i.": "ɻ̍", "s.": "ʂ", "ts.": "t͡ʂ", "ts.h": "t͡ʂʰ", "o-": "ɤ", "əː": "ɤ", "ər": "ɚ",
    "iɛ": "j ɛ", "iɑ": "j ɑ", "iɑu": "j ɑ ʊ̯", "iou": "j o ʊ̯", "io": "j o", "onɡ": "ʊ ŋ",
    "ua": "w a", "uo": "w o", "uei": "w e ɪ̯", "uai": "w a ɪ̯", "uə": "w ə", "yɛ": "ɥ œ",
    "yæ": "ɥ œ", "yə": "y",
}  # fmt: skip
_CANTONESE_ONSETS = {"b": "p", "p": "pʰ", "d": "t", "t": "tʰ", "ɡ": "k", "k": "kʰ", "z": "t͜s",
                     "c": "t͜sʰ", "nɡ": "ŋ̍"}  # fmt: skip
_CANTONESE_RULES = [
    {"match": "(?<=.) ([ptk])ʰ$", "to": r" \1"},
    {"match": "(?<=j )y|(?<=j )ˈy", "to": "ˈy"},
]


def generic_codes() -> tuple[str, ...]:
    """The codes of all languages that can be read with what is installed.

    Raises:
        MissingBackend: phonemizer or espeak-ng is not installed.
    """
    from diamoe.text.backends.espeak_voice import voices

    installed = epitran_mappings() if find_spec("epitran") else ()
    epitran = (code for code in installed if code not in EXTERNAL)
    return (*(f"espeak:{v}" for v in voices()), *(f"epitran:{m}" for m in epitran))


def generic_dialect(code: str) -> Dialect:
    """The dialect behind a generic code.

    Raises:
        UnknownDialect: there is no such voice or mapping.
        MissingBackend: the library is not installed, or the mapping needs a program that is not
            part of it.
    """
    library, _, name = code.partition(":")
    if library == "espeak":
        return _espeak(code, name)
    if library == "epitran":
        return _epitran(code, name)
    raise UnknownDialect(code, ["espeak:VOICE", "epitran:LANGUAGE-SCRIPT"])


def _espeak(code: str, voice: str) -> Dialect:
    from diamoe.text.backends.espeak_voice import voices

    names = voices()
    if voice not in names:
        raise UnknownDialect(code, [f"espeak:{v}" for v in names])
    base = voice.split("-")[0]
    family = _FAMILIES.get(base)
    tones = _VOICE_TONES.get(base, {})
    rules: dict[str, Any] = {"voice": voice, "scripts": ["LATIN", *_scripts(voice, base)]}
    if tones:
        rules["voice_tones"] = tones
    rules |= _own_rules(voice, base, family)
    return Dialect(code, names[voice], names[voice], "espeak", family, tones=_tones(tones),
                   rules=rules)  # fmt: skip


def _own_rules(voice: str, base: str, family: str | None) -> Mapping[str, Any]:
    if base == "cmn":
        return {"symbols": _MANDARIN}
    if base == "yue" and family:
        finals = load_dialect(family).rules["segments"]["finals"]
        symbols = {final.replace("g", "ɡ"): phones for final, phones in finals.items()}
        return {"symbols": symbols | _CANTONESE_ONSETS, "rules": _CANTONESE_RULES}
    if family is None:
        return {}
    rules = load_dialect(family).rules
    american = base != "en" or voice.startswith("en-us")
    return {k: v for k, v in rules.items() if k != "voice" and (american or k != "symbols")}


def _scripts(voice: str, base: str) -> list[str]:
    return [s for s, codes in _SCRIPTS.items() if voice in codes.split() or base in codes.split()]


def _tones(contours: Mapping[str, str]) -> tuple[Tone, ...]:
    """One tone for each pair of marks that the contours come to."""
    by_marks: dict[str, str] = {}
    for contour in contours.values():
        if contour:
            by_marks.setdefault(contour_marks(contour), contour)
    return tuple(Tone(n, c, marks) for n, (marks, c) in enumerate(by_marks.items(), 1))


EXTERNAL = {
    "eng-Latn": "lex_lookup, a program of flite; english and espeak:en-us need none",
    "cmn-Hans": "a copy of CC-CEDICT; putonghua needs none",
    "cmn-Hant": "a copy of CC-CEDICT; putonghua needs none",
    "jpn-Jpan": "a Japanese dictionary; espeak:ja reads kana",
    "yue-Hant": "a Cantonese dictionary; cantonese needs none",
}
"""Codes of epitran that need more than its own files, and what."""


def _epitran(code: str, name: str) -> Dialect:
    mappings = epitran_mappings()
    if name in EXTERNAL:
        raise MissingBackend(f"{code}: epitran reads {name} through {EXTERNAL[name]}")
    if name not in mappings:
        raise UnknownDialect(code, [f"epitran:{m}" for m in mappings])
    family = _EPITRAN_FAMILIES.get(name.split("-")[0])
    return Dialect(code, name, name, "epitran", family, rules={"mapping": name})


def epitran_mappings() -> tuple[str, ...]:
    """The codes of epitran's mappings, found without importing it.

    Raises:
        MissingBackend: epitran is not installed.
    """
    spec = find_spec("epitran")
    if spec is None or not spec.submodule_search_locations:
        raise MissingBackend("epitran is not installed: pip install 'diamoe[epitran]'")
    folder = Path(spec.submodule_search_locations[0]) / "data" / "map"
    names = {f.stem for f in folder.glob("*.csv") if not f.stem.endswith(("_rev", "-rev"))}
    return tuple(sorted(names | set(EXTERNAL)))
