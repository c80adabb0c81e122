"""The table of an ablation: what each part of the model is worth, from finished runs."""

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lhotse.cut import Cut
from torch import Tensor
from tqdm import tqdm

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.corpus import cut_phones, open_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.evaluation.distance import dtw_distance, spoken
from diamoe.flow.duration import utterance_pace
from diamoe.flow.matching import AcousticModel, Batch, FlowMatcher
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.inspect.pinyin import pinyin_cut
from diamoe.inspect.routing import RoutingTable
from diamoe.model.dit import Conditioning
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

log = logging.getLogger(__name__)

DRAWS = 4
"""Draws of noise, time and span for the loss of an utterance."""
EDGE = 10
"""Frames of silence that the recogniser hears before and after what was synthesised."""


@dataclass(frozen=True)
class AblationConfig:
    """Settings of `python -m diamoe.inspect ablation`."""

    runs: str = "runs/ablation"
    """Folder of finished run folders."""
    baseline: str = "baseline"
    """Name of the run that the others are compared with."""
    utterances: int = 120
    """Validation utterances, drawn evenly over the corpora."""
    spoken: int = 40
    """Of these, how many are also synthesised."""
    steps: int = 12
    """Solver steps of the synthesis."""
    guidance: float = 2.0
    """Guidance of the synthesis."""
    recogniser: str = str(bundles.RECOGNISER)
    """Phone recogniser that judges the synthesis; empty for no error rates."""
    out: str = ""
    """Path of the Markdown and JSON files, without ending; empty: `runs`/table."""


@dataclass(frozen=True)
class Sample:
    """A validation utterance in both writings."""

    cut: Cut
    pinyin: Cut
    sequence: PhoneSeq

    def batch(self, vocabulary: PhoneVocabulary, pinyin: bool) -> Batch:
        """It alone, as a model reads it."""
        from diamoe.training.batches import MelBatches

        return MelBatches(vocabulary, MelConfig())[[self.pinyin if pinyin else self.cut]]


@dataclass(frozen=True)
class Run:
    """A finished run."""

    name: str
    model: AcousticModel
    vocabulary: PhoneVocabulary
    pinyin: bool
    valid: tuple[str, ...]


def find_runs(folder: Path) -> list[Run]:
    """The finished runs of a folder.

    Raises:
        ConfigError: there are none, or one of them has no bundle yet.
    """

    runs = []
    for file in sorted(folder.glob("*/config.json")):
        place = file.parent
        if not (place / "bundle").is_dir():
            raise ConfigError(f"{place}: no bundle yet; let the run finish")
        model, vocabulary = bundles.load_own(place / "bundle")
        data = json.loads(file.read_text(encoding="utf-8"))["train"]["data"]
        pinyin = all((Path(f) / "pinyin.json").is_file() for f in _folders(data["valid"]))
        runs.append(Run(place.name, model, vocabulary, pinyin, tuple(data["valid"])))
    if not runs:
        raise ConfigError(f"{folder}: no run folders here")
    return runs


def _folders(patterns: Sequence[str]) -> list[str]:
    from diamoe.training.shards import find_corpora

    return find_corpora(patterns)


def find_samples(corpora: Sequence[str], count: int) -> list[Sample]:
    """Up to `count` utterances, evenly over the corpora, that can be written in pinyin, too."""
    found: list[list[Sample]] = []
    folders = _folders(corpora)
    for folder in folders:
        samples: list[Sample] = []
        for cut in open_corpus(folder):
            if len(samples) >= math.ceil(count / len(folders)):
                break
            try:
                samples.append(Sample(cut, pinyin_cut(cut), cut_phones(cut)))
            except CorpusError:
                continue
        found.append(samples)
    turns = [s for turn in zip(*(_padded(f, count) for f in found), strict=True) for s in turn if s]
    return turns[:count]


def _padded(samples: list[Sample], size: int) -> list[Sample | None]:
    return [*samples, *[None] * (size - len(samples))]


@torch.inference_mode()
def flow_losses(run: Run, batches: Sequence[Batch]) -> np.ndarray:
    """Flow loss of every utterance, (utterances,): every run meets the same noise, times and
    spans, since these come from the utterance's number and its mel's shape alone."""
    matcher = FlowMatcher(run.model)
    losses = []
    for number, batch in enumerate(tqdm(batches, desc=f"{run.name}: loss", unit="utt")):
        draws = [
            matcher.loss(batch, torch.Generator().manual_seed(1000 * number + draw)).flow.item()
            for draw in range(DRAWS)
        ]
        losses.append(np.mean(draws))
    return np.array(losses)


@torch.inference_mode()
def routing_of(run: Run, batches: Sequence[Batch]) -> RoutingTable | None:
    """The gate's choices; None for a model without experts."""
    if run.model.dit.moe is None:
        return None
    table = RoutingTable(run.model.config.model.moe.experts)
    for batch in batches:
        _, routing = run.model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        assert routing is not None
        table.add(batch.dialect, routing.weights)
    return table


@torch.inference_mode()
def speak(run: Run, batch: Batch, config: AblationConfig, seed: int) -> np.ndarray:
    """Log-mel (frames, n_mels) of an utterance without a prompt: predicted durations at the
    recording's pace, the same noise for every run."""
    model = run.model
    sounding = model.sounding(batch.ids, batch.token_mask)
    pace = utterance_pace(batch.durations, sounding & ~model.pausing[batch.ids])
    durations = model.duration.predict(batch.ids, batch.token_mask, sounding, batch.dialect, pace)
    frames = durations.sum(dim=1)
    if not int(frames):
        raise ConfigError(f"{run.name}: it gives an utterance no time at all; train it longer")
    mask = torch.ones(1, int(frames), dtype=torch.bool)
    hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    laid = model.token_frames(batch.ids, batch.token_mask, frames, durations)
    text = model.dit.frame_text(hidden, laid, mask)
    shape = (1, mask.shape[1], model.config.model.n_mels)
    conditioning = Conditioning(text, torch.zeros(shape), ~mask, mask, full=True)
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    field = guided(model.dit, conditioning, config.guidance)
    mel: Tensor = sample(field, noise, sway_times(config.steps))
    return model.config.scale.restore(mel)[0].numpy()


def spoken_figures(
    run: Run, samples: Sequence[Sample], batches: Sequence[Batch], config: AblationConfig
) -> dict[str, float]:
    """Distance to the recordings along the best time warp, and phone error rate."""
    mels, distances = [], []
    for number, batch in enumerate(tqdm(batches, desc=f"{run.name}: speech", unit="utt")):
        mels.append(spoken(speak(run, batch, config, number), MelConfig()))
        recorded = spoken(batch.mel[0].numpy(), MelConfig())
        distances.append(dtw_distance(mels[-1], recorded))
    figures = {"dtw": float(np.mean(distances)), "dtw_error": standard_error(np.array(distances))}
    if config.recogniser:
        from diamoe.evaluation.ear import Ear

        sequences = [s.sequence for s in samples]
        silence = math.log(MelConfig().floor)
        heard = [np.pad(m, ((EDGE, EDGE), (0, 0)), constant_values=silence) for m in mels]
        figures["per"] = Ear(config.recogniser).error_rate(heard, sequences)
    return figures


def standard_error(values: np.ndarray) -> float:
    """Standard error of a mean over utterances; 0 for a single one."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else 0.0


def run(config: AblationConfig) -> dict[str, Any]:
    """Measure every run, print the table, and write it with all figures."""
    runs = find_runs(Path(config.runs))
    base = [r for r in runs if r.name == config.baseline]
    if not base or base[0].pinyin:
        names = ", ".join(r.name for r in runs)
        raise ConfigError(f"baseline: no run {config.baseline!r} on IPA among {names}")
    samples = find_samples(base[0].valid, config.utterances)
    order = base + [r for r in runs if r is not base[0]]
    report: dict[str, Any] = {}
    reference = np.zeros(0)
    for one in order:
        batches = [s.batch(one.vocabulary, one.pinyin) for s in samples]
        losses = flow_losses(one, batches)
        reference = losses if one is base[0] else reference
        routing = routing_of(one, batches)
        report[one.name] = {
            "flow": float(losses.mean()),
            "flow_error": standard_error(losses),
            "against_baseline": float((losses - reference).mean()),
            "against_baseline_error": standard_error(losses - reference),
            "routing": routing and routing.report(),
            **spoken_figures(one, samples[: config.spoken], batches[: config.spoken], config),
        }
    table = markdown(report)
    out = Path(config.out or Path(config.runs) / "table")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.with_suffix(".json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    out.with_suffix(".md").write_text(table, encoding="utf-8")
    print(table)
    return report


def markdown(report: dict[str, Any]) -> str:
    """The table; errors are standard errors over utterances, paired for the difference."""
    lines = [
        "| run | flow loss | against the first | routing: I(expert; dialect) / H(dialect) "
        "| phone error rate | DTW distance |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in report.items():
        routing = row["routing"]
        told = f"{routing['first_choice']['share']:.0%}" if routing else "no experts"
        per = f"{row['per']:.3f}" if "per" in row else "not measured"
        lines.append(
            f"| {name} | {row['flow']:.4f} ± {row['flow_error']:.4f} "
            f"| {row['against_baseline']:+.4f} ± {row['against_baseline_error']:.4f} "
            f"| {told} | {per} | {row['dtw']:.2f} ± {row['dtw_error']:.2f} |"
        )
    return "\n".join(lines) + "\n"
