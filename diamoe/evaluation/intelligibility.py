"""`python -m diamoe.evaluation.intelligibility`: can one understand what a bundle says?

Three measures, none of which needs a listener:

1. against the pronunciation teacher, on sentences no training saw: mean DTW distance between our
   speech and the teacher's speech of the same sentence, as a share of the distance between our
   speech and the teacher's speech of other sentences; and a phone recogniser's error rate on both;
2. F0 of our speech against the tones its dialect specifies;
3. the recogniser's error rate on our speech of held-out recorded words, and its tones by F0, beside
   those of the recordings themselves.
"""

import json
import logging
import random
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from diamoe.audio.files import write_audio
from diamoe.audio.mel import LogMel
from diamoe.corpus import cut_speaker, open_corpus
from diamoe.errors import ConfigError
from diamoe.evaluation.distance import dtw_distance, spoken
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.tone import (
    SyllableTone,
    cut_times,
    measure_f0,
    syllable_tones,
    tone_correlation,
)
from diamoe.evaluation.tones import right_tones, tone_accuracy
from diamoe.hydra_command import run_command
from diamoe.synthesis.synthesizer import Speech, SynthesisOptions, Synthesizer
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PhoneSeq

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IntelligibilityConfig:
    """Settings of `python -m diamoe.evaluation.intelligibility`."""

    bundle: str = "diamoe/bundles/tiny"
    """Bundle folder."""
    out: str = "runs/intelligibility"
    """Folder for report.json and, with `keep_audio`, the sound files."""
    teacher: list[str] = field(default_factory=list)
    """Teacher test corpora, one a dialect."""
    teacher_voice: str = "teacher"
    """Bundle voice that speaks the teacher's sentences."""
    words: dict[str, str] = field(default_factory=dict)
    """Held-out corpus folder of recorded words -> bundle voice that speaks them."""
    recogniser: str = ""
    """Recogniser folder; needed where `words` are given; empty leaves error rates out."""
    limit: int = 60
    """Sentences per dialect."""
    word_limit: int = 100
    """Words per held-out corpus."""
    synthesis: SynthesisOptions = field(default_factory=SynthesisOptions)
    """How to speak."""
    keep_audio: bool = False
    """Also write what was spoken."""
    seed: int = 0
    """Which sentences are paired at random."""


class Evaluation:
    """One bundle under test."""

    def __init__(self, config: IntelligibilityConfig):
        self.config = config
        self.synthesizer = Synthesizer.from_bundle(config.bundle)
        self.log_mel = LogMel(self.synthesizer.bundle.mel)
        self.recogniser = Ear(config.recogniser) if config.recogniser else None

    def run(self) -> dict[str, Any]:
        """All measures; also written to report.json."""
        config = self.config
        report: dict[str, Any] = {"bundle": config.bundle, "teacher": {}, "words": {}}
        for folder in config.teacher:
            dialect, figures = self.against_teacher(Path(folder))
            report["teacher"][dialect] = figures
            log.info("%s: %s", dialect, _line(figures))
        for folder, voice in config.words.items():
            figures = self.against_recordings(Path(folder), voice)
            report["words"][Path(folder).name] = figures
            log.info("%s: %s", Path(folder).name, _line(figures))
        out = Path(config.out)
        out.mkdir(parents=True, exist_ok=True)
        (out / "report.json").write_text(json.dumps(report, indent=1))
        return report

    def speak(self, seq: PhoneSeq, voice: str, name: str) -> tuple[Speech, np.ndarray]:
        """Our speech of a phone sequence and its log-mel, analysed anew from the sound."""
        speech = self.synthesizer.speak_phones(seq, voice, self.config.synthesis)
        if self.config.keep_audio:
            write_audio(Path(self.config.out) / f"{name}.wav", speech.wave, speech.sample_rate)
        return speech, self.analyse(speech.wave)

    def analyse(self, wave: np.ndarray) -> np.ndarray:
        """Log-mel of a wave, (frames, n_mels)."""
        return self.log_mel(torch.from_numpy(wave).unsqueeze(0))[0].numpy()

    def against_teacher(self, folder: Path) -> tuple[str, dict[str, float]]:
        """Dialect, and DTW ratio and tone correlations over a teacher test corpus."""
        mel = self.synthesizer.bundle.mel
        ours, theirs, sequences, dialect = [], [], [], ""
        tones, teacher_tones = [], []
        cuts = list(open_corpus(folder))[: self.config.limit]
        for cut in tqdm(cuts, desc=folder.name, unit="utt"):
            supervision = cut.supervisions[0]
            dialect = supervision.language
            seq = PhoneSeq.parse(supervision.custom["phones"], dialect)
            speech, features = self.speak(seq, self.config.teacher_voice, cut.id)
            ours.append(spoken(features, mel))
            taught = cut.load_audio()[0]
            theirs.append(spoken(self.analyse(taught), mel))
            f0 = measure_f0(speech.wave, speech.sample_rate)
            tones += syllable_tones(seq, speech.timing, f0)
            teacher_tones += syllable_tones(
                seq, cut_times(cut), measure_f0(taught, mel.sample_rate)
            )
            sequences.append(seq)
        same = np.mean([dtw_distance(a, b) for a, b in zip(ours, theirs, strict=True)])
        others = list(range(len(theirs)))
        random.Random(self.config.seed).shuffle(others)
        pairs = [(i, j) for i, j in enumerate(others) if i != j]
        different = np.mean([dtw_distance(ours[i], theirs[j]) for i, j in pairs])
        figures = {"same": float(same), "random": float(different)}
        figures["ratio"] = figures["same"] / figures["random"]
        if self.recogniser:
            judge, own = self.recogniser.error_rate, [self.config.teacher_voice] * len(ours)
            figures["ours_per"] = judge(ours, sequences, own)
            figures["teacher_per"] = judge(theirs, sequences, [cut_speaker(cut) for cut in cuts])
        taught_tones = tone_correlation(teacher_tones)
        figures |= {f"teacher_{name}": taught_tones[name] for name in ("pooled", "contour")}
        return dialect, figures | tone_correlation(tones)

    def against_recordings(self, folder: Path, voice: str) -> dict[str, float]:
        """Phone error rates on recorded words and on our speech of the same words, and of dialects
        with tones their accuracy."""
        if self.recogniser is None:
            raise ConfigError("recogniser: a recogniser folder is needed to judge words")
        sequences, ours, theirs = [], [], []
        tones: list[SyllableTone] = []
        recorded: dict[str, list[SyllableTone]] = defaultdict(list)
        cuts = list(open_corpus(folder))[: self.config.word_limit]
        for cut in tqdm(cuts, desc=folder.name):
            supervision = cut.supervisions[0]
            seq = PhoneSeq.parse(supervision.custom["phones"], supervision.language)
            sequences.append(seq)
            speech, features = self.speak(seq, voice, cut.id)
            wave = cut.load_audio()[0]
            ours.append(features)
            theirs.append(self.analyse(wave))
            tones += syllable_tones(seq, speech.timing, measure_f0(speech.wave, speech.sample_rate))
            recorded[cut_speaker(cut)] += syllable_tones(
                seq, cut_times(cut), measure_f0(wave, speech.sample_rate)
            )
        made = self.recogniser.error_rate(ours, sequences, [voice] * len(ours))
        real = self.recogniser.error_rate(theirs, sequences, [cut_speaker(cut) for cut in cuts])
        figures = {"ours": made, "recordings": real, "ratio": made / max(real, 1e-9)}
        dialect = sequences[0].dialect
        if load_dialect(dialect).tones:
            right = [good for own in recorded.values() for good in right_tones(own, dialect)]
            figures["ours_tones"] = tone_accuracy(tones, dialect)
            figures["recordings_tones"] = float(np.mean(right))
        return figures


def _line(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


def main() -> None:
    """Compose the settings and measure."""
    run_command(
        "diamoe.evaluation.intelligibility",
        "intelligibility",
        IntelligibilityConfig,
        lambda config: Evaluation(config).run(),
    )


if __name__ == "__main__":
    main()
