"""How long each phone takes: a small rule model of syllable-timed speech."""

import unicodedata
from collections.abc import Sequence

import numpy as np

from corpus_tools.teacher.syllable import FRAME, find_nucleus, is_voiceless
from diamoe.text.phones import Phone

PAUSES = {"，": 0.28, "、": 0.2, "；": 0.36, "：": 0.32, "…": 0.45}
"""Seconds of silence a mark inside a sentence stands for."""
SENTENCE_PAUSE = 0.5
"""Seconds of silence between sentences."""
SENTENCE_MARKS = ("。", "？", "！")
_FRICATIVES = frozenset(
    ("f", "v", "s", "z", "θ", "ð", "ʂ", "ʐ", "ʃ", "ʒ", "ɕ", "ʑ", "ç", "ʝ", "x", "ɣ", "χ", "ʁ")
) | {"ħ", "ʕ", "h", "ɦ", "ɬ", unicodedata.normalize("NFD", "ç")}
_REDUCED = ("ə", "ᵻ", "ɚ")
_ZERO = unicodedata.normalize("NFD", "∅")
FINAL_LENGTHENING = 1.35
"""Factor on the rime of the last syllable before a pause."""
TEMPO = 1.22
"""Factor that turns the careful lengths below into everyday speech of 4 to 5 syllables a second."""
WEAK = 0.62
"""Factor on the rime of a weak syllable."""


def onset_seconds(segment: str) -> float:
    """Natural length of a consonant before the nucleus."""
    if segment.startswith(_ZERO):
        return 0.015
    affricate = "͜" in segment or "͡" in segment
    if segment.endswith("ʰ"):
        return 0.125 if affricate else 0.1
    if affricate:
        return 0.095
    if segment in _FRICATIVES:
        return 0.105
    if segment in ("j", "w", "ɥ", "ʍ", "ɰ"):
        return 0.05
    return 0.075 if is_voiceless(segment) else 0.06


def is_weak(phones: Sequence[Phone], tonal: bool) -> bool:
    """True for a syllable without tone; in a language without tones for one whose vowel is reduced.

    >>> from diamoe.text.phones import PhoneSeq
    >>> syllables = PhoneSeq.parse("d ə | f ˈɔ n | d a", "dutch").syllables()
    >>> [is_weak(s, tonal=False) for s in syllables]
    [True, False, False]
    """
    if tonal:
        return not any(p.tone for p in phones)
    return any(p.segment in _REDUCED and not p.stress for p in phones)


def syllable_seconds(
    phones: Sequence[Phone], final: bool, weak: bool, bursts: bool = False
) -> list[float]:
    """Seconds of each phone of one syllable at rate 1.

    `final` is true before a pause, `weak` as `is_weak` says, `bursts` where a stop at its end is
    released.
    """
    segments = tuple(p.segment for p in phones)
    nucleus = find_nucleus(segments)
    coda = len(segments) - 1 - nucleus
    checked = phones[nucleus].short
    rime = 0.19 if coda == 0 else 0.13
    scale = (FINAL_LENGTHENING if final else 1.0) * (WEAK if weak else 1.0)
    lengths = []
    for index, segment in enumerate(segments):
        if index < nucleus:
            lengths.append(onset_seconds(segment) * (0.8 if weak else 1.0))
        elif index == nucleus:
            lengths.append((0.085 if checked else rime) * scale)
        elif is_voiceless(segment) or segment.startswith(_ZERO):
            lengths.append(0.09 if bursts and index == len(segments) - 1 else 0.06)
        else:
            lengths.append((0.05 if checked else 0.075) * scale)
    return [length / TEMPO for length in lengths]


def pause_seconds(mark: str, random: np.random.Generator) -> float:
    """Silence for a punctuation mark inside an utterance."""
    return PAUSES.get(mark, SENTENCE_PAUSE) * random.uniform(0.85, 1.2)


def to_frames(seconds: float) -> int:
    """Whole frames nearest to a time, at least one for a sounding phone."""
    return max(1, round(seconds / FRAME))
