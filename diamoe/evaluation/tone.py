"""F0 of speech against the tones its dialect specifies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diamoe.synthesis.melody import world
from diamoe.synthesis.synthesizer import TimedPhone
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PhoneSeq, parse_phone
from diamoe.text.tones import contours, levels_at

if TYPE_CHECKING:  # F0 is measured where there are no corpora, too
    from lhotse.cut import Cut

PLACES = np.linspace(0.1, 0.9, 7)
"""Where in a syllable, from 0 to 1, F0 and tone are compared; its edges are its neighbours' too."""
FRAME = 0.005
"""Seconds between F0 values."""
JUMP = 7.0
"""Semitones from a syllable's median beyond which F0 is taken for an error, mostly of an octave."""
USUAL_STEP = 2.0
"""Semitones of one level, in men's and women's recordings of Mandarin and Cantonese."""
LEAST_STEP = 0.5
"""Semitones of one level below which a speaker has no tones, whatever the fit says."""
ROUNDS = 5
"""Fits of a speaker's scale, each with less weight for syllables that the one before fits badly."""


@dataclass(frozen=True)
class SyllableTone:
    """Specified levels (1 to 5) and measured semitones at `PLACES` of one syllable."""

    contour: str
    levels: np.ndarray
    semitones: np.ndarray
    marks: str = ""
    """Tone marks; empty for a neutral syllable."""
    final: bool = False
    """Whether it stands last in its phrase."""
    reference: float = 0.0
    """F0 that the semitones are against, Hz."""

    @property
    def height(self) -> np.ndarray:
        """Measured semitones over 1 Hz."""
        return self.semitones + 12 * np.log2(self.reference)


@dataclass(frozen=True)
class PitchScale:
    """The five levels of one speaker."""

    base: float
    """Semitones over 1 Hz of level 0."""
    step: float
    """Semitones from a level to the next."""

    def levels(self, tone: SyllableTone) -> np.ndarray:
        """What was measured of a syllable, as levels."""
        return (tone.height - self.base) / self.step


def pitch_scale(tones: Sequence[SyllableTone]) -> PitchScale:
    """The scale on which all syllables of one speaker come closest to their specified levels.

    A line through heights against levels (Huber's weights, by syllable), drawn to `USUAL_STEP` as
    if by one syllable more: who speaks little has no scale of his own.
    """
    heights = np.stack([tone.height for tone in tones])
    levels = np.stack([tone.levels for tone in tones])
    weight = np.ones(len(tones))
    for _ in range(ROUNDS):
        level = np.average(levels.mean(1), weights=weight)
        height = np.average(heights.mean(1), weights=weight)
        across, along = levels - level, heights - height
        step = (weight @ (across * along).mean(1) + USUAL_STEP) / (
            weight @ (across**2).mean(1) + 1.0
        )
        gap = np.sqrt(((along - step * across) ** 2).mean(1)) + 1e-6
        weight = np.minimum(1.0, 1.5 * np.median(gap) / gap)
    step = max(float(step), LEAST_STEP)
    return PitchScale(float(height - step * level), step)


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
        steady = np.abs(track - np.quantile(track, 0.5, method="lower")) <= JUMP
        places = (times[inside] - start) / (end - start)
        marks = next((p.tone for p in groups[index] if p.tone), "")
        final = index + 1 == len(groups) or groups[index + 1][0].is_pause
        levels = levels_at(contour, PLACES)
        measured = np.interp(PLACES, places[steady], track[steady])
        found.append(SyllableTone(contour, levels, measured, marks, final, float(reference)))
    return found


def cut_times(cut: "Cut") -> list[TimedPhone]:
    """When the phones of an aligned cut are spoken; those that take no time are left out."""
    items = cut.supervisions[0].alignment["phone"]
    return [TimedPhone(item.symbol, item.start, item.end) for item in items if item.duration > 0]


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
