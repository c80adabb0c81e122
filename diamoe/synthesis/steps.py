"""`python -m diamoe.synthesis.steps`: quality against solver steps, as a table and a plot.

Sentences of the dialects are spoken with few and many steps, by one bundle or several (a teacher
and its distilled student, say). The built-in recogniser's phone error rate says what is understood,
the share of syllables whose F0 is nearest to their own tone whether tones are right, and the
mel-cepstral distortion how far the sound is from the first bundle's with the most steps.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from diamoe.bundle import RECOGNISER, SHIPPED
from diamoe.errors import ConfigError, DiamoeError
from diamoe.evaluation.distance import cepstra
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.streamed import sentences_of
from diamoe.evaluation.tone import SyllableTone, measure_f0, syllable_tones
from diamoe.evaluation.tones import right_tones
from diamoe.synthesis.synthesizer import Speech, SynthesisOptions, Synthesizer

STEPS = (2, 4, 7, 16, 32)
"""Steps that are compared unless told."""


@dataclass(frozen=True)
class Row:
    """Figures of one bundle and number of steps: `per` share of phones wrong, `tone` share of
    syllables with the right tone, `mcd` dB, `factor` seconds of work for a second of speech."""

    bundle: str
    steps: int
    per: float
    tone: float
    mcd: float
    factor: float


def mel_cepstral_distortion(a: np.ndarray, b: np.ndarray) -> float:
    """dB between two log-mels (frames, n_mels) of one timing (Kubichek 1993)."""
    difference = cepstra(a) - cepstra(b)
    return float(10 / np.log(10) * np.sqrt(2 * np.square(difference).sum(axis=1)).mean())


def compare(
    synthesizers: Mapping[str, Synthesizer],
    steps: Sequence[int],
    guidance: float | None,
    sentences: Sequence[tuple[str, str]],
) -> list[Row]:
    """Figures of each bundle and number of steps.

    Args:
        synthesizers: by the names that rows get, all with the first one's voices and durations;
            its sound with the most steps is what the others are compared with.
        steps: numbers of solver steps.
        guidance: scale for all; None takes each bundle's own.
        sentences: dialects and texts.

    Raises:
        ConfigError: a bundle gives the phones other durations than the first.
        UnknownVoice: a bundle lacks a voice of the first.
    """
    ear, rows = Ear(RECOGNISER), []
    best: list[Speech] = []
    first = next(iter(synthesizers.values()))
    chosen = [first.voice(None, code) for code, _ in sentences]
    voices = [voice.name if voice else None for voice in chosen]
    plans = [(name, count) for name in synthesizers for count in sorted(steps, reverse=True)]
    for name, count in tqdm(plans, unit="run", desc="steps"):
        options, began = SynthesisOptions(steps=count, guidance=guidance), time.perf_counter()
        speak = synthesizers[name]
        said = [
            speak(text, code, voice, options)
            for (code, text), voice in zip(sentences, voices, strict=True)
        ]
        factor = (time.perf_counter() - began) / sum(speech.seconds for speech in said)
        best = best or said
        rows.append(_row(name, count, said, voices, best, factor, ear))
    return rows


def _row(
    name: str,
    steps: int,
    said: Sequence[Speech],
    voices: Sequence[str | None],
    best: Sequence[Speech],
    factor: float,
    ear: Ear,
) -> Row:
    mels = [ear.analyse(s.wave) for s in said]
    per = ear.error_rate(mels, [s.phones for s in said], voices)
    tones: dict[str, list[SyllableTone]] = defaultdict(list)
    for speech in said:
        f0 = measure_f0(speech.wave, speech.sample_rate)
        tones[speech.phones.dialect] += syllable_tones(speech.phones, speech.timing, f0)
    right = [good for dialect, own in tones.items() for good in right_tones(own, dialect)]
    if any(len(a.mel) != len(b.mel) for a, b in zip(said, best, strict=True)):
        raise ConfigError(
            f"{name}: its durations are not the first bundle's; allowed: its students, or bundles "
            "that differ in what is not durations"
        )
    mcd = [mel_cepstral_distortion(a.mel, b.mel) for a, b in zip(said, best, strict=True)]
    return Row(
        name,
        steps,
        per,
        float(np.mean(right)) if right else float("nan"),
        float(np.mean(mcd)),
        factor,
    )


def table(rows: Sequence[Row]) -> str:
    """The figures as Markdown."""
    lines = ["| bundle | steps | phone error rate | tone accuracy | MCD, dB | real-time factor |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [
        f"| {r.bundle} | {r.steps} | {r.per:.3f} | {r.tone:.3f} | {r.mcd:.2f} | {r.factor:.3f} |"
        for r in rows
    ]
    return "\n".join(lines)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Each figure against steps, a line for every bundle, into a PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3), layout="constrained")
    panels = {"per": "phone error rate", "tone": "tone accuracy", "mcd": "MCD, dB"}
    panels["factor"] = "real-time factor"
    steps = sorted({row.steps for row in rows})
    for axis, (name, title) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
        for bundle in dict.fromkeys(row.bundle for row in rows):
            own = [row for row in rows if row.bundle == bundle]
            values = [getattr(row, name) for row in own]
            axis.plot([row.steps for row in own], values, marker="o", label=bundle)
        axis.set_xscale("log", base=2)
        axis.set_xticks(steps, [str(count) for count in steps])
        axis.set_xlabel("steps")
        axis.set_title(title)
    figure.axes[0].legend()
    figure.savefig(path, dpi=110)


def _name(bundle: Path) -> str:
    """What a bundle is called: its folder, with the run's where that is all it says."""
    return f"{bundle.parent.name}/{bundle.name}" if bundle.name == "bundle" else bundle.name


def main() -> int:
    """Parse the command line and compare."""
    parser = argparse.ArgumentParser(prog="diamoe.synthesis.steps", description=__doc__)
    parser.add_argument("--bundle", type=Path, nargs="+", default=[SHIPPED], help="bundle folders")
    parser.add_argument("--sentences", type=int, default=20, help="how many are spoken")
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS, help="what is compared")
    parser.add_argument("--guidance", type=float, help="guidance scale (default: the bundle's)")
    parser.add_argument("--plot", type=Path, help="also draw the figures into this PNG")
    arguments = parser.parse_args()
    try:
        synthesizers = {
            _name(bundle): Synthesizer.from_bundle(bundle) for bundle in arguments.bundle
        }
        sentences = sentences_of(arguments.sentences)
        rows = compare(synthesizers, arguments.steps, arguments.guidance, sentences)
    except DiamoeError as error:
        print(f"steps: {error}", file=sys.stderr)
        return 1
    print(table(rows))
    if arguments.plot:
        plot(rows, arguments.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
