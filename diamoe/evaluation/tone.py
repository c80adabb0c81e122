"""F0 of speech against the tones its dialect specifies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diamoe.synthesis.melody import world
from diamoe.synthesis.synthesizer import TimedPhone
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PhoneSeq, parse_phone
from diamoe.text.tones import contours, levels_at

POINTS = 7
"""Places of a syllable at which F0 and tone are compared."""
FRAME = 0.005
"""Seconds between F0 values."""


@dataclass(frozen=True)
class SyllableTone:
    """Specified levels (1 to 5) and measured semitones at the same places of one syllable."""

    contour: str
    levels: np.ndarray
    semitones: np.ndarray
    marks: str = ""
    """Tone marks; empty for a neutral syllable."""
    final: bool = False
    """Whether it stands last in its phrase."""
    reference: float = 0.0
    """F0 that the semitones are against, Hz."""


def measure_f0(
    wave: np.ndarray, sample_rate: int, low: float = 60, high: float = 500
) -> np.ndarray:
    """F0 in Hz every 5 ms, 0 where unvoiced (WORLD's DIO, refined by StoneMask)."""
    vocoder = world()
    samples = wave.astype(np.float64)
    f0, times = vocoder.dio(
        samples, sample_rate, f0_floor=low, f0_ceil=high, frame_period=FRAME * 1000
    )
    return vocoder.stonemask(samples, f0, times, sample_rate)


def syllable_tones(
    seq: PhoneSeq, timing: Sequence[TimedPhone], f0: np.ndarray
) -> list[SyllableTone]:
    """What each toned syllable should do and does, over its nucleus and what follows it.

    Semitones are against the utterance's median. Syllables with fewer than four voiced F0 values
    are left out.
    """
    voiced = f0[f0 > 0]
    if not len(voiced):
        return []
    reference = np.median(voiced)
    groups = list(seq.syllables())
    specified = contours(groups, load_dialect(seq.dialect))
    found = []
    for index, (spans, contour) in enumerate(zip(_spans(seq, timing), specified, strict=True)):
        if not contour or not spans:
            continue
        nucleus = next((i for i, s in enumerate(spans) if parse_phone(s.token).is_nucleus), None)
        if nucleus is None:
            continue
        start, end = spans[nucleus].start, spans[-1].end
        times = np.arange(len(f0)) * FRAME
        inside = (times >= start) & (times <= end) & (f0 > 0)
        if inside.sum() < 4:
            continue
        track = 12 * np.log2(f0[inside] / reference)
        places = (times[inside] - start) / (end - start)
        at = np.linspace(places[0], places[-1], POINTS)
        marks = next((p.tone for p in groups[index] if p.tone), "")
        final = index + 1 == len(groups) or groups[index + 1][0].is_pause
        levels, measured = levels_at(contour, at), np.interp(at, places, track)
        found.append(SyllableTone(contour, levels, measured, marks, final, float(reference)))
    return found


def _spans(seq: PhoneSeq, timing: Sequence[TimedPhone]) -> list[list[TimedPhone]]:
    """The timed phones of every syllable and pause, in the order of `seq.syllables()`."""
    rest = [t for t in timing if t.token != "_"]
    position = 0
    rows = []
    for group in seq.syllables():
        row = []
        for phone in group:
            if position < len(rest) and rest[position].token == phone.token:
                row.append(rest[position])
                position += 1
        rows.append(row)
    return rows


def tone_correlation(tones: Sequence[SyllableTone]) -> dict[str, float]:
    """How F0 follows the specified tones.

    `pooled` is Pearson's correlation over all points of all syllables; `contour` the mean over
    the syllables whose specified tone moves, each by itself; `syllables` how many were measured.
    """
    levels = np.concatenate([t.levels for t in tones])
    semitones = np.concatenate([t.semitones for t in tones])
    moving = [
        np.corrcoef(t.levels, t.semitones)[0, 1]
        for t in tones
        if np.ptp(t.levels) > 0 and np.ptp(t.semitones) > 0
    ]
    return {
        "pooled": float(np.corrcoef(levels, semitones)[0, 1]),
        "contour": float(np.mean(moving)),
        "syllables": float(len(tones)),
    }
