"""The augment stage: perturbed copies of what is trained on, written out beside it."""

from dataclasses import dataclass, replace
from typing import Any

from corpus_tools.audio.cleaning import SAMPLE_RATE
from corpus_tools.cuts import Spoken
from corpus_tools.members import from_int16, to_int16
from diamoe.audio.augment import Change, PerturbConfig, perturb, scale_times


@dataclass(frozen=True)
class Copy:
    """One perturbed copy of every utterance of a shard."""

    number: int
    """Which of an utterance's copies, from 1 on."""
    speed: float
    """Largest change of speed either way: 0.1 is from 1 / 1.1 to 1.1."""
    semitones: float
    """Largest change of pitch either way."""

    def of(self, spoken: Spoken, seed: int) -> Spoken:
        """The copy of an utterance, as its name and the seed draw it: tones keep their contours.

        The sound is perturbed as it was written, in 16 bits; every time goes with the speed.
        """
        name = f"{spoken.id}-aug{self.number}"
        change = PerturbConfig(1.0, self.speed, self.semitones).draw(f"{seed} {name}")
        joined = spoken.joined
        wave = perturb(from_int16(to_int16(joined.wave)), SAMPLE_RATE, change)
        words = tuple(
            replace(w, start=w.start / change.speed, end=w.end / change.speed) for w in joined.words
        )
        return Spoken(
            name,
            replace(joined, wave=wave, words=words),
            spoken.speaker,
            spoken.times and spoken.times | _scaled(spoken.times, change),
            _scaled_figures(spoken.quality, change),
            {"of": spoken.id, "speed": change.speed, "semitones": change.semitones},
        )


def _scaled(times: dict[str, Any], change: Change) -> dict[str, Any]:
    return {
        tier: [
            (symbol, round(start, 5), round(start + length, 5) - round(start, 5))
            for symbol, start, length in scale_times(times[tier], change)
        ]
        for tier in ("phone", "word")
    }


def _scaled_figures(quality: dict[str, Any], change: Change) -> dict[str, Any]:
    """Figures of the original that hold for the copy, too: speech is shorter, its rate higher."""
    factors = {"speech": 1 / change.speed, "rate": change.speed}
    return quality | {k: round(quality[k] * f, 4) for k, f in factors.items() if k in quality}
