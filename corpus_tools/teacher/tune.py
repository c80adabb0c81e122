"""From tones to F0: the five-level contours of a dialect's YAML in a speaker's range."""

from dataclasses import dataclass

import numpy as np

from corpus_tools.teacher.syllable import FRAME
from corpus_tools.teacher.voice import TeacherVoice
from diamoe.text.tones import levels_at

SMOOTHING = 0.045
"""Seconds over which one tone passes into the next."""


@dataclass(frozen=True)
class Melody:
    """The tone of one syllable: `contour` in five levels over frames `start` to `end`."""

    contour: str
    start: int
    end: int
    sentence: int
    """Which sentence of the utterance: the register is reset between sentences."""


def level_to_hz(levels: np.ndarray, voice: TeacherVoice) -> np.ndarray:
    """Levels to Hz: 1 is the voice's `low`, 5 its `high`, evenly spaced in semitones."""
    return voice.low * (voice.high / voice.low) ** ((levels - 1) / 4)


def draw_f0(melodies: list[Melody], frames: int, voice: TeacherVoice) -> np.ndarray:
    """F0 in Hz of every frame (as if all were voiced): tones, short transitions, declination."""
    if not melodies:
        return np.full(frames, level_to_hz(np.array([3.0]), voice)[0])
    at: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for melody in melodies:
        count = max(1, melody.end - melody.start)
        at.append(melody.start + np.arange(count))
        values.append(levels_at(melody.contour, np.linspace(0, 1, count)))
    levels = np.interp(np.arange(frames), np.concatenate(at), np.concatenate(values))
    window = np.hanning(round(SMOOTHING / FRAME) + 2)
    half = len(window) // 2
    padded = np.pad(levels, half, mode="edge")
    levels = np.convolve(padded, window / window.sum(), mode="valid")[:frames]
    return level_to_hz(levels, voice) * _declination(melodies, frames, voice)


def _declination(melodies: list[Melody], frames: int, voice: TeacherVoice) -> np.ndarray:
    """Factor on F0: half a register step up at a sentence's start, falling slowly."""
    factor = np.ones(frames)
    for sentence in sorted({m.sentence for m in melodies}):
        own = [m for m in melodies if m.sentence == sentence]
        start, end = own[0].start, max(m.end for m in own)
        seconds = (np.arange(start, end) - start) * FRAME
        fall = np.minimum(voice.declination * seconds, 4.0)
        factor[start:end] = 2 ** (-fall / 12)
    return factor
