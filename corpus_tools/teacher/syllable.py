"""Toneless syllables as WORLD frames: what espeak-ng says, taken apart once and kept.

A dialect has some hundreds of toneless syllables, so each is spoken and analysed once a voice
and then only re-timed and re-pitched.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from corpus_tools.teacher.errors import TeacherError, UnmappedPhone
from corpus_tools.teacher.espeak import Spoken, espeak
from corpus_tools.teacher.mnemonics import SILENT, STOPS, TABLES, choose_voice, find_mnemonic
from diamoe.text.vocabulary import OFF_GLIDES, VOWELS

SAMPLE_RATE = 24_000
"""Samples per second of everything the teacher makes."""
FRAME = 0.005
"""Seconds from one frame to the next."""
N_FFT = 1024
"""WORLD's transform length, samples."""
_UNASKED = "_|:;' "
"""What events may consist of besides phonemes: stress, pauses, a linking glide `;`."""
_PAD = 0.05
_CLOSURE = 0.045
_SILENCE = -28.0
"""Natural logarithm of the power that stands for silence."""
_VOWELS = frozenset(unicodedata.normalize("NFD", v) for v in VOWELS)
_VOICED = (
    _VOWELS | {unicodedata.normalize("NFD", v) for v in OFF_GLIDES} | set("m n ŋ l j w ɥ".split())
)
_VOICELESS = frozenset(
    ("p", "t", "k", "f", "s", "θ", "ʂ", "ʃ", "ɕ", "ç", "x", "χ", "h", "ħ", "q", "ʔ", "ʍ", "ɬ")
)


@dataclass(frozen=True)
class SyllableSound:
    """A toneless syllable: F frames of WORLD's parameters and where each segment lies."""

    envelope: np.ndarray
    """Natural logarithm of the power spectrum, (F, N_FFT // 2 + 1)."""
    aperiodicity: np.ndarray
    """Coded aperiodicity, (F, bands)."""
    voiced: np.ndarray
    """(F,) bool."""
    spans: tuple[tuple[float, float], ...]
    """Start and end frame of every segment."""
    bursts: bool = False
    """Whether it ends in a stop that is released."""


@dataclass(frozen=True)
class _Unit:
    mnemonics: tuple[str, ...]
    segments: tuple[int, ...]
    shares: tuple[float, ...]


def find_nucleus(segments: tuple[str, ...]) -> int:
    """Position of the nucleus: the first vowel or syllabic consonant.

    >>> find_nucleus(("k", "w", "a", "n"))
    2

    Raises:
        TeacherError: the syllable has none.
    """
    for index, segment in enumerate(segments):
        if segment in _VOWELS:
            return index
    raise TeacherError(f"syllable {' '.join(segments)!r} has no vowel or syllabic consonant")


def is_voiceless(segment: str) -> bool:
    """True for obstruents without voice."""
    body = segment.rstrip("ʰ").replace("͜", " ").replace("͡", " ").split()
    return all(part in _VOICELESS for part in body)


def _plan(segments: tuple[str, ...], voice: str) -> list[_Unit]:
    """Group segments into sounds: a diphthong is one, `˜` and `ː` share their vowel's."""
    nucleus = find_nucleus(segments)
    units: list[_Unit] = []
    index = 0
    where = f"syllable {' '.join(segments)!r}"
    while index < len(segments):
        segment, pair = segments[index], " ".join(segments[index : index + 2])
        if segment in SILENT and index > nucleus and "∅" in segment:
            units.append(_Unit(("?",), (index,), (1.0,)))
        elif segment in SILENT:
            index += 1
            continue
        elif index == nucleus and " " in pair and pair in TABLES[voice]:
            units.append(_Unit((TABLES[voice][pair],), (index, index + 1), (0.5, 0.5)))
            index += 1
        else:
            found = find_mnemonic(segment, voice)
            if found is None:
                raise UnmappedPhone(segment, where)
            units.append(_Unit(tuple(found[0].split()), (index,), (1.0,)))
        index += 1
    return [_with_silent(u, segments, nucleus) for u in units]


def _with_silent(unit: _Unit, segments: tuple[str, ...], nucleus: int) -> _Unit:
    """Give the soundless neighbours of a unit their part of its time."""
    members, shares = list(unit.segments), list(unit.shares)
    before, after = members[0] - 1, members[-1] + 1
    if before >= 0 and before < nucleus and segments[before] in SILENT:
        members.insert(0, before)
        shares = [0.12, *(0.88 * s for s in shares)]
    if after < len(segments) and segments[after] in ("˜", "ː"):
        members.append(after)
        shares = [*(s * 2 / 3 for s in shares), 1 / 3]
    return _Unit(unit.mnemonics, tuple(members), tuple(shares))


def _unit_bounds(spoken: Spoken, units: list[_Unit], text: str) -> list[float]:
    """Start of every unit and the end of the last, seconds.

    Raises:
        TeacherError: the synthesiser spoke more or fewer phonemes than asked.
    """
    starts = [(s, n) for s, n in spoken.phonemes if n.strip(_UNASKED)]
    wanted = sum(len(u.mnemonics) for u in units)
    if len(starts) != wanted:
        said = " ".join(n for _, n in starts)
        raise TeacherError(f"asked for {wanted} phonemes {text!r}, espeak-ng spoke {said!r}")
    times = [s / spoken.sample_rate for s, _ in starts]
    ends = [s for s, n in spoken.phonemes if s > starts[-1][0] and not n.strip("_|: ")]
    bounds, index = [], 0
    for unit in units:
        bounds.append(times[index])
        index += len(unit.mnemonics)
    bounds[0] = max(0.0, bounds[0] - _CLOSURE)
    return [*bounds, (ends[0] if ends else len(spoken.samples)) / spoken.sample_rate]


@lru_cache(maxsize=2500)
def analyse_syllable(
    segments: tuple[str, ...], variant: str, released: bool = False
) -> SyllableSound:
    """Let espeak-ng say a toneless syllable and take it apart with WORLD.

    A stop that ends it is closed and fades out, unless such stops are `released`.

    Raises:
        UnmappedPhone: no voice has a segment.
        TeacherError: the syllable has no nucleus, or is spoken with other phonemes.
    """
    import pyworld  # slow to load
    from scipy.signal import resample_poly

    voice = choose_voice(segments, released)
    units = _plan(segments, voice)
    nucleus = find_nucleus(segments)
    text = "|".join(("'" if nucleus in u.segments else "") + "|".join(u.mnemonics) for u in units)
    spoken = _say(text, voice, variant)
    bounds = [(b + _PAD) / FRAME for b in _unit_bounds(spoken, units, text)]
    wave = resample_poly(spoken.samples.astype(np.float64), 160, 147)
    wave = np.pad(wave, round(_PAD * SAMPLE_RATE))
    f0, times = pyworld.dio(wave, SAMPLE_RATE, f0_floor=71, f0_ceil=400, frame_period=FRAME * 1000)
    spans, voiced = _spread(units, bounds, segments, f0 > 0)
    heard = np.median(f0[f0 > 0]) if f0.any() else measure_pitch(voice, variant)
    f0 = np.where(voiced, np.where(f0 > 0, f0, heard), 0.0)
    power = pyworld.cheaptrick(wave, f0, times, SAMPLE_RATE, fft_size=N_FFT)
    noise = pyworld.d4c(wave, f0, times, SAMPLE_RATE, threshold=0.0, fft_size=N_FFT)
    envelope = np.log(np.maximum(power, np.exp(_SILENCE)))
    bursts = released and len(segments) > 1 and segments[-1] in STOPS
    if bursts:
        spans = _with_closure(spans)
    elif not released and _ends_in_stop(segments):
        _fade_out(envelope, spans[-1][0])
    coded = pyworld.code_aperiodicity(noise, SAMPLE_RATE).astype(np.float32)
    return SyllableSound(envelope.astype(np.float16), coded, voiced, spans, bursts)


def _say(text: str, voice: str, variant: str) -> Spoken:
    synthesiser = espeak()
    synthesiser.set_voice(f"{voice}+{variant}" if variant else voice)
    return synthesiser.say(text)


@lru_cache(maxsize=64)
def measure_pitch(voice: str, variant: str) -> float:
    """F0 in Hz of a monotone voice: for syllables too short to be measured themselves.

    Raises:
        TeacherError: the voice whispers.
    """
    import pyworld

    spoken = _say("'a|'a", voice, variant)
    wave = spoken.samples.astype(np.float64)
    f0, _ = pyworld.dio(wave, spoken.sample_rate, f0_floor=71, f0_ceil=400)
    if not f0.any():
        raise TeacherError(f"espeak-ng's voice {voice}+{variant} has no pitch")
    return float(np.median(f0[f0 > 0]))


def _spread(
    units: list[_Unit], bounds: list[float], segments: tuple[str, ...], heard: np.ndarray
) -> tuple[tuple[tuple[float, float], ...], np.ndarray]:
    """Spans of all segments, and which frames are voiced: by the kind of phone where that is
    certain, as `heard` in the wave elsewhere."""
    spans: list[tuple[float, float]] = [(0.0, 0.0)] * len(segments)
    voiced = heard.copy()
    for unit, start, end in zip(units, bounds[:-1], bounds[1:], strict=True):
        position = start
        for member, share in zip(unit.segments, unit.shares, strict=True):
            spans[member] = (position, position + share * (end - start))
            position = spans[member][1]
        first, last = round(start), min(round(end), len(voiced))
        spoken = [segments[m] for m in unit.segments if segments[m] not in SILENT]
        if any(s in _VOICED for s in spoken):
            voiced[first:last] = True
        elif all(is_voiceless(s) for s in spoken):
            voiced[first:last] = False
    return tuple(spans), voiced


def _ends_in_stop(segments: tuple[str, ...]) -> bool:
    last = segments[-1]
    is_coda = find_nucleus(segments) < len(segments) - 1
    return is_coda and (last in SILENT[:2] or is_voiceless(last))


def _fade_out(envelope: np.ndarray, start: float) -> None:
    """Fade a final stop out within a few frames, in place: it is closed and not released."""
    first = round(start)
    fade = 4.0 * np.arange(len(envelope) - first)[:, None]
    envelope[first:] = np.maximum(envelope[first:] - fade, _SILENCE)


def _with_closure(spans: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Spans whose last one begins with the closure; espeak-ng's event is its burst."""
    (before, _), (burst, end) = spans[-2:]
    start = max(before + 1, burst - _CLOSURE / FRAME)
    return (*spans[:-2], (before, start), (start, end))
