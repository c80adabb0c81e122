"""`python -m diamoe.evaluation.streamed`: is speech that is streamed as good as when it is whole?

Sentences of the built-in test sets are spoken both ways. The built-in recogniser's phone error rate
says whether as much is understood; the level around each seam, against that around every other
place of the same sound, whether a seam can be heard.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diamoe.bundle import RECOGNISER, SHIPPED
from diamoe.demo import SENTENCES
from diamoe.errors import DiamoeError
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import read_items
from diamoe.evaluation.testset import SETS
from diamoe.synthesis.speech import SpeechChunk
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer

WINDOW = 256
"""Samples over which the level is taken, at 24 kHz: as long as two pieces fade into one another."""
QUIET = -50.0
"""dB RMS of full scale; what is quieter counts as this."""


@dataclass(frozen=True)
class Report:
    """`whole` and `streamed` phone error rates of `sentences`; `seams` and `others` dB (n,) by
    which the level jumps around seams and around all other places."""

    sentences: int
    whole: float
    streamed: float
    seams: np.ndarray
    others: np.ndarray

    def __str__(self) -> str:
        at, other = (np.percentile(j, (50, 95, 100)) for j in (self.seams, self.others))
        return (
            f"{self.sentences} sentences, {len(self.seams)} seams: phone error rate whole "
            f"{self.whole:.3f}, streamed {self.streamed:.3f}; level jumps (median, 95 %, most) at "
            f"seams {at[0]:.1f}, {at[1]:.1f}, {at[2]:.1f} dB, elsewhere {other[0]:.1f}, "
            f"{other[1]:.1f}, {other[2]:.1f} dB"
        )


def level_jumps(wave: np.ndarray, seams: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """dB by which the level over `WINDOW` differs from window to window, at most of the two
    changes around a place: at the `seams` (samples), and at every whole window elsewhere.

    >>> at, others = level_jumps(np.repeat([0.1, 0.1, 0.1, 0.2, 0.2, 0.2], 256), [768])
    >>> at.round(1).tolist(), others.max().round(1).tolist()
    ([6.0], 0.0)
    """
    size = WINDOW

    def jump(start: int) -> float:
        parts = wave[start - size : start + 2 * size].reshape(3, size).astype(np.float64)
        levels = np.maximum(10 * np.log10(np.square(parts).mean(axis=1) + 1e-10), QUIET)
        return float(np.abs(np.diff(levels)).max())

    inside = range(size, len(wave) - 2 * size + 1, size)
    others = [jump(i) for i in inside if all(abs(i - seam) >= 2 * size for seam in seams)]
    fits = [seam for seam in seams if size <= seam <= len(wave) - 2 * size]
    return np.array([jump(seam) for seam in fits]), np.array(others or [jump(size)])


def compare(
    synthesizer: Synthesizer,
    sentences: Sequence[tuple[str, str]],
    options: SynthesisOptions | None = None,
) -> Report:
    """Figures of sentences, each a dialect and a text."""
    ear, wanted, voices = Ear(RECOGNISER), [], []
    mels: dict[str, list[np.ndarray]] = {"whole": [], "streamed": []}
    seams, others = [], []
    for dialect, text in sentences:
        whole = synthesizer(text, dialect, options=options)
        chunks = list(synthesizer.stream(text, dialect, options=options))
        wave = np.concatenate([chunk.wave for chunk in chunks])
        voice = synthesizer.voice(None, dialect)
        voices.append(voice.name if voice else "")
        wanted.append(whole.phones)
        for way, sound in (("whole", whole.wave), ("streamed", wave)):
            mels[way].append(ear.analyse(sound))
        at, elsewhere = level_jumps(wave, seam_places(chunks))
        seams.append(at)
        others.append(elsewhere)
    rates = {way: ear.error_rate(said, wanted, voices) for way, said in mels.items()}
    return Report(len(sentences), **rates, seams=joined(seams), others=joined(others))


def seam_places(chunks: Sequence[SpeechChunk]) -> list[int]:
    """Samples at which a chunk follows another; the last chunk is only the fading end."""
    return np.cumsum([len(chunk.wave) for chunk in chunks])[:-2].tolist()


def joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    """All figures, or one of 0 where there are none."""
    return np.concatenate([*parts]) if any(map(len, parts)) else np.zeros(1)


def sentences_of(count: int) -> list[tuple[str, str]]:
    """The longest sentences of the dialects' sets in turn, after the demo's."""
    tables = [sorted(_texts(code), key=len, reverse=True) for code, _ in SENTENCES]
    dealt = [
        (code, table[i])
        for i in range(count)
        for (code, _), table in zip(SENTENCES, tables, strict=True)
        if i < len(table)
    ]
    return [*SENTENCES, *dealt][:count]


def _texts(dialect: str) -> list[str]:
    """Sentences of a dialect's set of 12 to 30 characters."""
    items = read_items(SETS / f"{dialect}@1.tsv", dialect)
    return [item.text for item in items if 12 <= len(item.text) <= 30]


def main() -> int:
    """Parse the command line and compare."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.streamed", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="bundle folder")
    parser.add_argument("--sentences", type=int, default=20, help="how many are spoken")
    parser.add_argument("--steps", type=int, help="solver steps of every piece, the first too")
    arguments = parser.parse_args()
    try:
        synthesizer = Synthesizer.from_bundle(arguments.bundle)
        options = SynthesisOptions(steps=arguments.steps)
        print(compare(synthesizer, sentences_of(arguments.sentences), options))
    except DiamoeError as error:
        print(f"streamed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
