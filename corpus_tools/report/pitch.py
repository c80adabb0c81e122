"""F0 by tone: what a corpus' speakers do beside what the dialect's file says."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from diamoe.errors import NotationError
from diamoe.text.phones import PhoneSeq
from diamoe.text.tones import levels_at

if TYPE_CHECKING:
    from diamoe.evaluation.tone import SyllableTone

FEWEST = 8
"""Syllables of a tone that are enough to draw it."""


@dataclass(frozen=True)
class MeasuredTone:
    """A tone as specified and as measured, at even places of the syllable, on levels 1 to 5."""

    contour: str
    specified: np.ndarray
    measured: np.ndarray
    spread: np.ndarray
    """Half the distance of the quartiles."""
    syllables: int

    @property
    def likeness(self) -> float:
        """Correlation of the two contours; nan for level ones."""
        if np.ptp(self.specified) == 0 or np.ptp(self.measured) == 0:
            return float("nan")
        return float(np.corrcoef(self.specified, self.measured)[0, 1])

    @property
    def distance(self) -> float:
        """Mean distance of the two contours, levels."""
        return float(np.abs(self.specified - self.measured).mean())


@dataclass
class PitchTally:
    """Syllables by dialect and speaker."""

    found: dict[str, dict[str, list["SyllableTone"]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    foreign: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By dialect: why an utterance could not be measured, its tones not being the dialect's."""

    def add(
        self,
        speaker: str,
        seq: PhoneSeq,
        times: Sequence[tuple[str, float, float]],
        wave: np.ndarray,
        sample_rate: int,
    ) -> None:
        """Measure an utterance's syllables; times: symbol, start and duration, seconds.

        One with a tone that its dialect's file lacks goes to `foreign`.
        """
        from diamoe.evaluation.tone import measure_f0, syllable_tones
        from diamoe.synthesis.synthesizer import TimedPhone

        timing = [TimedPhone(symbol, start, start + length) for symbol, start, length in times]
        try:
            tones = syllable_tones(seq, timing, measure_f0(wave, sample_rate))
        except NotationError as error:
            self.foreign[seq.dialect].append(str(error))
            return
        self.found[seq.dialect][speaker] += tones

    def tones(self, dialect: str) -> list[MeasuredTone]:
        """The tones of a dialect of which there is enough, by contour; levels are those of every
        speaker's own `pitch_scale`."""
        from diamoe.evaluation.tone import pitch_scale

        levels: dict[str, list[np.ndarray]] = defaultdict(list)
        for tones in filter(None, self.found.get(dialect, {}).values()):
            scale = pitch_scale(tones)
            for tone in tones:
                levels[tone.contour].append(scale.levels(tone))
        return [
            _tone(contour, np.stack(tracks))
            for contour, tracks in sorted(levels.items())
            if len(tracks) >= FEWEST
        ]


def _tone(contour: str, tracks: np.ndarray) -> MeasuredTone:
    from diamoe.evaluation.tone import PLACES

    low, middle, high = np.percentile(tracks, (25, 50, 75), axis=0)
    return MeasuredTone(contour, levels_at(contour, PLACES), middle, (high - low) / 2, len(tracks))
