"""Every phone that any dialect can emit is in the vocabulary: the tables, multiplied out."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

import pytest

from diamoe.errors import NotationError
from diamoe.text.backends.hokkien import HokkienBackend
from diamoe.text.backends.jyutping import JyutpingBackend
from diamoe.text.backends.registry import load_backend
from diamoe.text.backends.sinitic import SiniticBackend
from diamoe.text.backends.wu import WuBackend
from diamoe.text.dialect import DIALECT_CODES, available_dialects, load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.hokkien.tailo import CLOSED, INITIALS, OPEN, Tailo
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.nearest import (
    _FALLING,
    _FOLLOWING,
    _RHOTIC,
    _RISING,
    _SPLIT,
    _VOICELESS,
    NEAREST,
    contour_marks,
    nearest_phones,
)
from diamoe.text.phones import parse_phone
from diamoe.text.shanghai.syllable import CLEAR, FINALS, MUDDY, WuSyllable
from diamoe.text.syllable import Syllable
from diamoe.text.vocabulary import CONSONANTS, VOWELS, PhoneVocabulary

BY_BACKEND = {
    name: [c for c in available_dialects() if load_dialect(c).backend == name]
    for name in ("sinitic", "jyutping", "wu", "hokkien", "espeak", "epitran")
}


def emitted(code: str) -> Iterator[tuple[str, ...]]:
    """The phones of every syllable that the dialect's tables can spell."""
    backend = load_backend(code)
    tones = [t.number for t in load_dialect(code).tones]
    if isinstance(backend, SiniticBackend):
        yield from sinitic(backend, tones)
    elif isinstance(backend, JyutpingBackend):
        for initial, final, tone in product(["", *backend.initials], backend.finals, range(1, 7)):
            if initial != "ng" or final[0] in "aeiou":  # ng has no spelling before the others
                yield backend.phones(f"{initial}{final}{tone}")
    elif isinstance(backend, WuBackend):
        for initial, final, tone in product(("", *CLEAR, *MUDDY), FINALS, (0, *tones)):
            yield backend.sounds.phones(WuSyllable(initial, final, tone))
    elif isinstance(backend, HokkienBackend):
        kinds = product((False, True), (False, True))
        rhymes = [(r, n, g) for n, g in kinds for r in OPEN] + [(r, False, False) for r in CLOSED]
        for initial, (rhyme, nasal, glottal), tone in product(INITIALS, rhymes, (0, *tones)):
            yield backend.phones(Tailo(initial, rhyme, tone, nasal, glottal))


def sinitic(backend: SiniticBackend, tones: list[int]) -> Iterator[tuple[str, ...]]:
    """Initials by finals, with and without a rhotic ending; finals by tones."""
    segments = backend.segments
    rhymes = {*segments.finals, *segments.erhua, *segments.neutral}
    rhymes |= {r.removesuffix("q") for r in rhymes} | {
        f for s in segments.special for f in s.finals
    }
    finals = rhymes | {m + r for m in segments.glides for r in rhymes}
    finals |= {f + "q" for f in finals}
    initials = {i.removesuffix("i") for i in segments.initials} | {"", *segments.initials}
    for initial, final, erhua, neutral in product(initials, finals, (False, True), (False, True)):
        try:
            yield segments.phones(Syllable(initial, final, tones[0], neutral, erhua))
        except NotationError:
            continue
    for final, tone, erhua in product(finals, tones, (False, True)):
        try:
            yield segments.phones(Syllable("b", final, tone, False, erhua))
        except NotationError:
            continue


@pytest.mark.parametrize(
    "code", [c for kind in ("sinitic", "jyutping", "wu", "hokkien") for c in BY_BACKEND[kind]]
)
def test_every_syllable(code: str) -> None:
    vocabulary = PhoneVocabulary.default()
    seen: set[str] = set()
    count = 0
    for phones in emitted(code):
        count += 1
        seen.update(phones)
    assert count > 1000
    assert not [p for p in seen if p not in vocabulary]
    marks = {t.marks for t in load_dialect(code).tones}
    assert {p.tone for p in map(parse_phone, seen) if p.tone} <= marks | {m[0] for m in marks}


@pytest.mark.parametrize("code", BY_BACKEND["espeak"] + BY_BACKEND["epitran"])
def test_symbols_words_and_rules(code: str) -> None:
    vocabulary = PhoneVocabulary.default()
    rules = load_dialect(code).rules
    written = [*rules.get("symbols", {}).values(), *rules.get("words", {}).values()]
    written += [re.sub(r"\\\d", "", rule["to"]) for rule in rules.get("rules", [])]
    for phone in unicodedata.normalize("NFD", " ".join(written)).split():
        vocabulary.id(phone)
        if parse_phone(phone).segment in VOWELS and not parse_phone(phone).stress:
            vocabulary.id("ˈ" + phone)
            vocabulary.id("ˌ" + phone)


def test_whatever_ipa_comes_to() -> None:
    vocabulary = PhoneVocabulary.default()
    letters = {*CONSONANTS, *VOWELS, *NEAREST, *_SPLIT, *_FALLING, *_RHOTIC, *_RISING}
    marks = ["", "ː", "̃", "̯", "̆", "˞", "̥", "̩", "̝", "ʲː", "ʰʷ", *_FOLLOWING]
    for letter, mark, stress in product(letters, marks, ("", "ˈ", "ˌ")):
        for phone in nearest_phones(f"a{stress}{letter}{mark}a", diphthongs=True):
            vocabulary.id(phone, where=letter + mark)
    for base in _VOICELESS.values():
        vocabulary.id(base)


@pytest.mark.parametrize(
    "contour", ["".join(c) for n in (1, 2, 3) for c in product("12345", repeat=n)]
)
def test_any_contour_has_marks(contour: str) -> None:
    marks = contour_marks(contour)
    assert "ˈa" + marks in PhoneVocabulary.default()
    if len(contour) == 2 and contour[0] != contour[1]:
        assert (marks[0] != marks[1]) and ("ᴸᴹᴴ".index(marks[0]) < "ᴸᴹᴴ".index(marks[1])) == (
            contour[0] < contour[1]
        )


@pytest.mark.parametrize("code", DIALECT_CODES)
def test_every_letter_of_the_alphabet(code: str) -> None:
    frontend = Frontend(code)
    vocabulary = PhoneVocabulary.default()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        drafts = load_backend(code).read(letter, NO_LEXICON)
        assert any(d.readings for d in drafts), letter
        vocabulary.encode(frontend(letter))
