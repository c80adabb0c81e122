"""From tones to F0: the five-level contours of a dialect's YAML in a speaker's range."""

from dataclasses import dataclass

import numpy as np

from corpus_tools.teacher.errors import TeacherError
from corpus_tools.teacher.syllable import FRAME
from corpus_tools.teacher.voice import TeacherVoice
from diamoe.text.dialect import Dialect
from diamoe.text.phones import Phone

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


def contours(groups: list[tuple[Phone, ...]], dialect: Dialect) -> list[str]:
    """The contour of every syllable; pauses get an empty one.

    A tone's `nonfinal` contour stands before another syllable of the same phrase; a syllable
    without tone takes the neutral level that its dialect has after the preceding tone.

    Raises:
        TeacherError: the dialect has no tone with the marks written.
    """
    found: list[str] = []
    previous: int | None = None
    for index, phones in enumerate(groups):
        if phones[0].is_pause:
            found.append("")
            previous = None
            continue
        nonfinal = index + 1 < len(groups) and not groups[index + 1][0].is_pause
        marks = next((p.tone for p in phones if p.is_nucleus), "")
        if not marks:
            level = dialect.neutral
            if previous is not None:
                level = dialect.neutral_after.get(previous, dialect.neutral)
            found.append(level)
            continue
        try:
            tone = dialect.tone_of_marks(marks)
        except KeyError as error:
            allowed = ", ".join(t.marks for t in dialect.tones) or "none"
            syllable = " ".join(p.token for p in phones)
            raise TeacherError(
                f"{dialect.code} has no tone written {marks!r} (in {syllable!r}); it has {allowed}"
            ) from error
        found.append(tone.nonfinal if nonfinal and tone.nonfinal else tone.contour)
        previous = tone.number
    return found


def levels_at(contour: str, positions: np.ndarray) -> np.ndarray:
    """Levels (1 to 5) of a contour at positions 0 to 1 of the syllable.

    >>> levels_at("214", np.array([0.0, 0.5, 1.0])).tolist()
    [2.0, 1.0, 4.0]
    """
    knots = np.array([float(c) for c in contour])
    if len(knots) == 1:
        return np.full(len(positions), knots[0])
    return np.interp(positions, np.linspace(0, 1, len(knots)), knots)


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
