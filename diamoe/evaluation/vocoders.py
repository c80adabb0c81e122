"""`python -m diamoe.evaluation.vocoders --corpora FOLDER ... --vocoders FOLDER ...`

Which vocoder is the better one: the weight-free inversion and trained ones, on recordings that
none was trained on and on mels that a bundle generates. Beside the recordings themselves:

- DNSMOS overall, NISQA and NISQA-TTS, as networks predict quality and naturalness (higher is
  better);
- mel-cepstral distortion, dB, and spectral distance at several resolutions, against the recording;
- real-time factor on one thread.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import GriffinLimVocoder, Vocoder, VocosVocoder
from diamoe.bundle import SHIPPED
from diamoe.corpus import open_corpus
from diamoe.demo import SENTENCES
from diamoe.errors import CorpusError, DiamoeError
from diamoe.evaluation.nisqa_tts import NisqaTtsPredictor
from diamoe.evaluation.predicted import DnsmosPredictor, NisqaPredictor
from diamoe.synthesis.steps import mel_cepstral_distortion
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.vocoding.spectra import SpectralDistance

SHORTEST = 1.0
"""Seconds of a recording that is compared at least; the predictors are trained on sentences."""


@dataclass(frozen=True)
class Heard:
    """Figures of one sound; `mcd` and `distance` are None where there is no recording."""

    dnsmos: float
    nisqa: float
    nisqa_tts: float
    mcd: float | None = None
    distance: float | None = None


class Judge:
    """The measures, with the predictors' weights in a folder that holds dnsmos/ and nisqa/."""

    def __init__(self, weights: Path):
        self.dnsmos = DnsmosPredictor(weights / "dnsmos")
        self.nisqa = NisqaPredictor(weights / "nisqa")
        self.nisqa_tts = NisqaTtsPredictor(weights / "nisqa")
        self.log_mel, self.spectra = LogMel(), SpectralDistance()
        self.rate = MelConfig().sample_rate

    def __call__(self, wave: np.ndarray, real: np.ndarray | None = None) -> Heard:
        """`wave` (samples,), as it is compared with `real` (samples,) of the same length."""
        heard = (wave, self.rate)
        opinions = (self.dnsmos(*heard), self.nisqa(*heard), self.nisqa_tts(*heard))
        if real is None:
            return Heard(*opinions)
        made, true = torch.from_numpy(np.stack((wave, real))).split(1)
        mels = [self.log_mel(part)[0].numpy() for part in (made, true)]
        return Heard(*opinions, mel_cepstral_distortion(*mels), float(self.spectra(made, true)))


def recordings(
    folders: Sequence[Path], limit: int, shortest: float = SHORTEST
) -> Iterator[np.ndarray]:
    """At most `limit` of each corpus, whole hops of (samples,), spread evenly over it; none under
    `shortest` seconds."""
    hop = MelConfig().hop
    for folder in folders:
        cuts = [cut for cut in open_corpus(folder) if cut.duration >= shortest]
        if not cuts:
            raise CorpusError(f"{folder}: no recording of {shortest} s or more")
        for cut in cuts[:: max(1, len(cuts) // limit)][:limit]:
            wave = cut.load_audio()[0]
            yield wave[: len(wave) // hop * hop]


def compare(
    vocoders: dict[str, Vocoder], waves: Sequence[np.ndarray], judge: Judge
) -> Iterator[str]:
    """Rows of a table over recordings: (samples,) each, whole hops."""
    yield _row("the recordings", [judge(wave, wave) for wave in waves], None)
    mels = [judge.log_mel(torch.from_numpy(wave)[None]) for wave in waves]
    for name, vocoder in vocoders.items():
        made, factor = _decode(vocoder, mels)
        heard = [judge(a[: len(b)], b) for a, b in zip(made, waves, strict=True)]
        yield _row(name, heard, factor)


def compare_generated(
    vocoders: dict[str, Vocoder], mels: Sequence[torch.Tensor], judge: Judge
) -> Iterator[str]:
    """Rows of a table over mels (1, frames, n_mels) that a model made."""
    for name, vocoder in vocoders.items():
        made, factor = _decode(vocoder, mels)
        yield _row(f"{name}, generated mels", list(map(judge, made)), factor)


def generated_mels(bundle: Path) -> list[torch.Tensor]:
    """Mels of the demo's sentences, (1, frames, n_mels) each, without the silence at the ends."""
    synthesizer = Synthesizer.from_bundle(bundle)
    return [torch.from_numpy(synthesizer(text, dialect).mel)[None] for dialect, text in SENTENCES]


def _decode(vocoder: Vocoder, mels: Sequence[torch.Tensor]) -> tuple[list[np.ndarray], float]:
    """Waves, and seconds of work for a second of sound on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    vocoder.decode(mels[0])  # plans of transforms
    began = time.perf_counter()
    made = [vocoder.decode(mel)[0].numpy() for mel in mels]
    took = time.perf_counter() - began
    torch.set_num_threads(threads)
    return made, took / (sum(map(len, made)) / MelConfig().sample_rate)


def _row(name: str, heard: Sequence[Heard], factor: float | None) -> str:
    def mean(value: Callable[[Heard], float | None], digits: int) -> str:
        values = [v for v in map(value, heard) if v is not None]
        return f"{np.mean(values):.{digits}f}" if values else ""

    cells = [
        mean(lambda h: h.dnsmos, 3),
        mean(lambda h: h.nisqa, 3),
        mean(lambda h: h.nisqa_tts, 3),
        mean(lambda h: h.mcd, 2),
        mean(lambda h: h.distance, 3),
        "" if factor is None else f"{factor:.3f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and print the table; 1 where something is missing."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.vocoders", description=__doc__)
    parser.add_argument("--corpora", type=Path, nargs="+", required=True, help="prepared corpora")
    parser.add_argument("--vocoders", nargs="*", default=[], help="Vocos folders or hub names")
    parser.add_argument("--weights", type=Path, required=True, help="folder of dnsmos/ and nisqa/")
    parser.add_argument("--limit", type=int, default=20, help="recordings of each corpus")
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="makes the generated mels")
    options = parser.parse_args(arguments)
    try:
        vocoders: dict[str, Vocoder] = {"weight-free": GriffinLimVocoder()}
        vocoders |= {str(name): VocosVocoder.load(name) for name in options.vocoders}
        judge, waves = Judge(options.weights), list(recordings(options.corpora, options.limit))
        print("| vocoder | DNSMOS | NISQA | NISQA-TTS | MCD, dB | spectral distance | rtf |")
        print("|---|---|---|---|---|---|---|")
        for row in compare(vocoders, waves, judge):
            print(row, flush=True)
        for row in compare_generated(vocoders, generated_mels(options.bundle), judge):
            print(row, flush=True)
    except DiamoeError as error:
        print(f"vocoders: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
