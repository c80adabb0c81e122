"""Metrics over clips: one row an utterance, one summary, and nothing that stops a long run."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from diamoe.audio.files import read_audio
from diamoe.errors import AudioError, ConfigError, DiamoeError
from diamoe.evaluation.bootstrap import estimate
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import EXTREMES, Item
from diamoe.evaluation.metric import Figure, Metric, NotScored, Row, Unavailable
from diamoe.evaluation.naturalness import Dnsmos, Nisqa, Utmos, Utmosv2
from diamoe.evaluation.prosody import Prosody
from diamoe.evaluation.recognition import Recognition
from diamoe.evaluation.robustness import Robustness
from diamoe.evaluation.similarity import Similarity, SpeakerEmbedding
from diamoe.evaluation.tones import Tones
from diamoe.evaluation.transcription import AsrConfig, Transcription
from diamoe.recogniser.model import Bands

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SpeakerConfig:
    """A model of speakers' voices."""

    kind: str = "wavlm"
    """`wavlm` (transformers) or `ecapa` (speechbrain)."""
    folder: str = ""
    """Folder of its files; empty leaves embeddings out."""


@dataclass(frozen=True)
class Backends:
    """What metrics need beside the sound."""

    weights: str = ""
    """Folder with `dnsmos/` and `nisqa/`; where torchmetrics keeps its own is looked at too."""
    asr: AsrConfig = field(default_factory=AsrConfig)
    """A recogniser of words."""
    speaker: SpeakerConfig = field(default_factory=SpeakerConfig)
    """A model of speakers."""


METRICS: Mapping[str, Callable[[Ear, Backends], Metric]] = {
    "per": lambda ear, _: Recognition(ear),
    "tone": lambda *_: Tones(),
    "prosody": lambda *_: Prosody(),
    "robustness": lambda *_: Robustness(),
    "similarity": lambda ear, _: Similarity(ear),
    "dnsmos": lambda _, b: Dnsmos(b.weights),
    "nisqa": lambda _, b: Nisqa(b.weights),
    "utmos": lambda *_: Utmos(),
    "utmosv2": lambda *_: Utmosv2(),
    "wer": lambda _, b: Transcription(b.asr),
    "speaker": lambda _, b: SpeakerEmbedding(b.speaker.kind, b.speaker.folder),
}
"""Every metric, by its name in settings."""


def make_metrics(
    names: Sequence[str], ear: Ear, backends: Backends
) -> tuple[list[Metric], dict[str, str]]:
    """Metrics that can run here, and for each other one what it needs.

    Raises:
        ConfigError: a name that is no metric's, or settings that cannot work.
    """
    unknown = [name for name in names if name not in METRICS]
    if unknown or not names:
        raise ConfigError(f"metrics: found {unknown or 'none'}, allowed: {', '.join(METRICS)}")
    metrics: list[Metric] = []
    unavailable: dict[str, str] = {}
    for name in names:
        try:
            metrics.append(METRICS[name](ear, backends))
        except Unavailable as error:
            log.warning("left out: %s", error)
            unavailable[name] = str(error)
    return metrics, unavailable


def score(
    items: Sequence[Item],
    audio: Mapping[str, Path],
    ear: Ear,
    metrics: Sequence[Metric],
    extra: Mapping[str, Row] | None = None,
    progress: bool = True,
) -> list[Row]:
    """One row for every item, in their order; `problems` says what could not be scored, and why.

    Items of one `voice` are heard by one who knows it from all of them (`Bands`).

    Args:
        audio: the sound file of each item by its id; an item without one gets a row all the same.
        extra: more columns by id, such as the speed it was made with.
    """
    rows: dict[str, Row] = {}
    speakers = known_speakers(items, audio, ear)
    for item in tqdm(items, desc="score", unit="utt", disable=not progress):
        row: Row = {
            "id": item.id,
            "dialect": item.dialect,
            "kind": item.kind,
            "voice": item.voice,
            "text": item.text,
            "audio": str(audio.get(item.id, "")),
            "seconds": None,
        }
        row |= dict((extra or {}).get(item.id, {}))
        problems = [row.pop("problem")] if "problem" in row else []
        if item.id not in audio:
            problems = problems or ["no sound file"]
        else:
            speaker = speakers.get(item.voice)
            problems += _score_one(item, audio[item.id], ear, speaker, metrics, row)
        rows[item.id] = row | {"problems": "; ".join(problems)}
    for metric in metrics:
        for name, columns in metric.finish().items():
            rows[name] |= columns
    return list(rows.values())


def known_speakers(items: Sequence[Item], audio: Mapping[str, Path], ear: Ear) -> dict[str, Bands]:
    """What the bands of each named voice usually are, over all its files that can be read."""
    files: dict[str, list[Path]] = {}
    for item in items:
        if item.voice and item.id in audio:
            files.setdefault(item.voice, []).append(audio[item.id])
    found = {}
    for voice, paths in files.items():
        sounds = _readable(paths, ear.log_mel.config.sample_rate)
        first = next(sounds, None)
        if first is not None:
            found[voice] = ear.bands(chain([first], sounds))
    return found


def _readable(paths: Sequence[Path], rate: int) -> Iterator[np.ndarray]:
    """The waves of all files but those of which scoring will say what is wrong with them."""
    for path in paths:
        with suppress(AudioError):
            wave, _ = read_audio(path, rate)
            if np.isfinite(wave).all():
                yield wave


def _score_one(
    item: Item,
    path: Path,
    ear: Ear,
    speaker: Bands | None,
    metrics: Sequence[Metric],
    row: Row,
) -> list[str]:
    """Fill a row; returns what went wrong."""
    try:
        clip = Clip(item, path, ear, speaker)
    except DiamoeError as error:
        return [str(error)]
    row["seconds"] = clip.seconds
    problems = []
    for metric in metrics:
        try:
            row |= metric.score(clip)
        except NotScored:
            continue  # nothing is wrong: the item has no prompt, the dialect no tones
        except DiamoeError as error:
            problems.append(f"{metric.name}: {error}")
        except Exception as error:  # a library's fault must not lose the other rows
            log.exception("%s: %s", item.id, metric.name)
            problems.append(f"{metric.name}: {type(error).__name__}: {error}")
    return problems


def summarise(rows: Sequence[Row], figures: Sequence[Figure]) -> dict[str, Any]:
    """Every figure with its interval: over all sentences, by dialect, kind of item and voice.

    `EXTREMES` (one syllable, very long) count by kind alone.
    """
    sentences = [row for row in rows if row["kind"] not in EXTREMES]
    groups = {
        "dialects": {d: [r for r in sentences if r["dialect"] == d] for d in _of(rows, "dialect")},
        "kinds": {k: [r for r in rows if r["kind"] == k] for k in _of(rows, "kind")},
        "voices": {v: [r for r in sentences if r.get("voice") == v] for v in _of(rows, "voice")},
    }
    summary = {}
    for figure in figures:
        whole = estimate(figure, sentences)
        entry: dict[str, Any] = {
            "better": figure.better,
            "meaning": figure.meaning,
            "all": asdict(whole) if whole else None,
        }
        for name, parts in groups.items():
            found = {key: estimate(figure, part) for key, part in parts.items()}
            entry[name] = {key: asdict(value) for key, value in found.items() if value}
        summary[figure.name] = entry
    return summary


def _of(rows: Sequence[Row], column: str) -> list[str]:
    return list(dict.fromkeys(row[column] for row in rows if column in row))
