"""`python -m diamoe.synthesis.steps`: quality against solver steps, as a table and a plot.

Sentences of the dialects are spoken with few and many steps. The built-in recogniser's phone error
rate says what is understood, the correlation of F0 with the tones whether they are right, and the
mel-cepstral distortion how far the sound is from that of the most steps.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from diamoe.audio.mel import LogMel
from diamoe.bundle import SHIPPED
from diamoe.demo import SENTENCES
from diamoe.errors import DiamoeError
from diamoe.evaluation.distance import cepstra
from diamoe.evaluation.tone import measure_f0, syllable_tones, tone_correlation
from diamoe.recogniser.decode import phone_error_rate, recognise
from diamoe.synthesis.cloning import built_in_recogniser
from diamoe.synthesis.synthesizer import Speech, SynthesisOptions, Synthesizer

STEPS = (2, 4, 7, 16, 32)
"""Steps that are compared unless told."""


@dataclass(frozen=True)
class Row:
    """Figures of one number of steps: `per` share of phones wrong, `tone` correlation, `mcd` dB,
    `factor` seconds of work for a second of speech."""

    steps: int
    per: float
    tone: float
    mcd: float
    factor: float


def mel_cepstral_distortion(a: np.ndarray, b: np.ndarray) -> float:
    """dB between two log-mels (frames, n_mels) of one timing (Kubichek 1993)."""
    difference = cepstra(a) - cepstra(b)
    return float(10 / np.log(10) * np.sqrt(2 * np.square(difference).sum(axis=1)).mean())


def compare(synthesizer: Synthesizer, steps: Sequence[int], guidance: float | None) -> list[Row]:
    """Figures of each number of steps; the last one is what the others are compared with."""
    spoken, factors = {}, {}
    for count in sorted(steps):
        began = time.perf_counter()
        options = SynthesisOptions(steps=count, guidance=guidance)
        spoken[count] = [synthesizer(text, dialect, options=options) for dialect, text in SENTENCES]
        took = time.perf_counter() - began
        factors[count] = took / sum(speech.seconds for speech in spoken[count])
    best = spoken[max(steps)]
    return [_row(count, speeches, best, factors[count]) for count, speeches in spoken.items()]


def _row(steps: int, speeches: Sequence[Speech], best: Sequence[Speech], factor: float) -> Row:
    model, labels = built_in_recogniser()
    log_mel, heard, tones = LogMel(), [], []
    for speech in speeches:
        mel = log_mel(torch.from_numpy(speech.wave)[None])
        heard += recognise(model, labels, mel, torch.tensor([mel.shape[1]]))
        f0 = measure_f0(speech.wave, speech.sample_rate)
        tones += syllable_tones(speech.phones, speech.timing, f0)
    wanted = [labels.decode(labels.encode(speech.phones)) for speech in speeches]
    mcd = np.mean(
        [mel_cepstral_distortion(a.mel, b.mel) for a, b in zip(speeches, best, strict=True)]
    )
    per = phone_error_rate(heard, wanted)
    return Row(steps, per, tone_correlation(tones)["pooled"], float(mcd), factor)


def table(rows: Sequence[Row]) -> str:
    """The figures as Markdown."""
    lines = ["| steps | phone error rate | tone correlation | MCD, dB | real-time factor |"]
    lines.append("|---|---|---|---|---|")
    lines += [
        f"| {r.steps} | {r.per:.3f} | {r.tone:.3f} | {r.mcd:.2f} | {r.factor:.3f} |" for r in rows
    ]
    return "\n".join(lines)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Each figure against steps, into a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3), layout="constrained")
    panels = {"per": "phone error rate", "tone": "tone correlation", "mcd": "MCD, dB"}
    panels["factor"] = "real-time factor"
    for axis, (name, title) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        axis.plot([r.steps for r in rows], [getattr(r, name) for r in rows], marker="o")
        axis.set_xscale("log", base=2)
        axis.set_xticks([r.steps for r in rows], [str(r.steps) for r in rows])
        axis.set_xlabel("steps")
        axis.set_title(title)
    figure.savefig(path, dpi=110)


def main() -> int:
    """Parse the command line and compare."""
    parser = argparse.ArgumentParser(prog="diamoe.synthesis.steps", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="bundle folder")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="what is compared")
    parser.add_argument("--guidance", type=float, help="guidance scale (default: the bundle's)")
    parser.add_argument("--plot", type=Path, help="also draw the figures into this PNG")
    arguments = parser.parse_args()
    try:
        synthesizer = Synthesizer.from_bundle(arguments.bundle)
        rows = compare(synthesizer, arguments.steps, arguments.guidance)
    except DiamoeError as error:
        print(f"steps: {error}", file=sys.stderr)
        return 1
    print(table(rows))
    if arguments.plot:
        plot(rows, arguments.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
