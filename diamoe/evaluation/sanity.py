"""Does each metric tell good speech from bad? Recordings, a bundle, and two kinds of rubbish.

Every figure is taken over the same held-out texts four times: on the recordings, on the bundle's
speech of them, on `noise` (the vocoder's sound of random log-mels with the recording's own mean and
spread in every band) and on `shuffled` (the recording cut into pieces of 60 ms in random order). A
figure `orders` if recordings are better than the bundle and the bundle better than both; it
`rejects` if recordings and bundle are better than both, but the bundle is not worse than the
recordings (its clean synthetic voice may be the easier one to recognise); otherwise it is `unable`
to tell. `sure`: no interval touches the next.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from diamoe import bundle as bundles
from diamoe.audio.files import read_audio, write_audio
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import GriffinLimVocoder
from diamoe.errors import ConfigError
from diamoe.evaluation.bootstrap import Estimate, estimate
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import Item, corpus_items
from diamoe.evaluation.metric import Figure, Row
from diamoe.evaluation.scoring import Backends, make_metrics, score
from diamoe.evaluation.speaking import Speaking
from diamoe.synthesis.synthesizer import SynthesisOptions

PIECE = 0.06
"""Seconds of a piece of shuffled speech."""
KINDS = ("recordings", "bundle", "noise", "shuffled")


@dataclass(frozen=True)
class SanityConfig:
    """Settings of `python -m diamoe.evaluate.sanity`."""

    corpora: list[str] = field(default_factory=list)
    """Held-out prepared corpora of recordings."""
    bundle: str = str(bundles.SHIPPED)
    """Bundle that speaks their texts."""
    limit: int = 20
    """Utterances of each corpus."""
    metrics: list[str] = field(default_factory=list)
    """Names of metrics."""
    recogniser: str = str(bundles.RECOGNISER)
    """Folder of the built-in recogniser."""
    backends: Backends = field(default_factory=Backends)
    """Weights, recognisers and models of those who have them."""
    synthesis: SynthesisOptions = field(default_factory=SynthesisOptions)
    """How the bundle speaks."""
    seed: int = 0
    """Of noise and order."""
    out: str = "runs/sanity"
    """Folder for the sound and sanity.json."""


def sanity(config: SanityConfig) -> dict[str, Any]:
    """Score the four kinds; writes sanity.json and returns what is in it.

    Raises:
        ConfigError: no corpora, or unknown metrics.
    """
    out = Path(config.out)
    named = [config.corpora] if isinstance(config.corpora, str) else config.corpora
    items = [i for folder in named for i in corpus_items(folder, out / "recordings", config.limit)]
    if not items:
        raise ConfigError("corpora: name held-out prepared corpora of recordings")
    items = _with_prompts(items)
    ear = Ear(config.recogniser)
    sounds = {"recordings": {i.id: Path(i.reference) for i in items}}
    speaking = Speaking(config.bundle, config.synthesis)
    voiced = [_in_bundle(item, speaking) for item in items]
    sounds["bundle"], _ = speaking.speak(voiced, out / "bundle")
    sounds |= _rubbish(items, out, config.seed)
    rows: dict[str, list[Row]] = {}
    figures: list[Figure] = []
    unavailable: dict[str, str] = {}
    for kind in KINDS:
        metrics, unavailable = make_metrics(config.metrics, ear, config.backends)
        figures = [f for m in metrics for f in m.figures if f.better]
        # Recordings have no reference but themselves.
        own = [replace(i, reference="") for i in items] if kind == "recordings" else items
        rows[kind] = score(own, sounds[kind], ear, metrics)
    report = {
        "bundle": config.bundle,
        "utterances": len(items),
        "figures": {f.name: judge(f, rows) for f in figures},
        "recogniser": ear.facts,
        "unavailable": unavailable,
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (out / "sanity.json").write_text(text, encoding="utf-8")
    return report


def _with_prompts(items: Sequence[Item]) -> list[Item]:
    """Each item with another recording of its speaker, the longest one, as its prompt."""
    speakers: dict[str, list[Item]] = {}
    for item in items:
        speakers.setdefault(item.voice, []).append(item)
    found = []
    for item in items:
        others = [o for o in speakers[item.voice] if o.id != item.id]
        best = max(others, key=lambda o: Path(o.reference).stat().st_size, default=None)
        found.append(replace(item, prompt=best.reference if best else ""))
    return found


def _in_bundle(item: Item, speaking: Speaking) -> Item:
    """The item in the bundle's voice of its speaker, else in the one of its dialect."""
    voices = speaking.synthesizer.bundle.voices
    return item if item.voice in voices else replace(item, voice="")


def _rubbish(items: Sequence[Item], out: Path, seed: int) -> dict[str, dict[str, Path]]:
    """Sound files of noise and of shuffled speech for every item."""
    config = MelConfig()
    vocoder = GriffinLimVocoder(config)
    rng = np.random.default_rng(seed)
    log_mel = LogMel(config)
    found: dict[str, dict[str, Path]] = {"noise": {}, "shuffled": {}}
    for item in items:
        wave, rate = read_audio(item.reference, config.sample_rate)
        mel = log_mel(torch.from_numpy(wave)[None])[0].numpy()
        random = mel.mean(0) + mel.std(0) * rng.standard_normal(mel.shape)
        noise = vocoder.decode(torch.from_numpy(random.astype(np.float32))[None])[0].numpy()
        for kind, sound in (("noise", noise), ("shuffled", shuffle(wave, rate, rng))):
            found[kind][item.id] = out / kind / f"{item.id}.wav"
            peak = max(1.0, float(np.abs(sound).max(initial=0.0)) / 0.95)
            write_audio(found[kind][item.id], sound / peak, rate)
    return found


def shuffle(wave: np.ndarray, rate: int, rng: np.random.Generator) -> np.ndarray:
    """A wave (samples,) in pieces of 60 ms in random order."""
    size = int(PIECE * rate)
    pieces = [wave[i : i + size] for i in range(0, len(wave), size)]
    return np.concatenate([pieces[i] for i in rng.permutation(len(pieces))])


def judge(figure: Figure, rows: dict[str, list[Row]]) -> dict[str, Any]:
    """A figure of each kind, and whether it puts them in the right order."""
    found = {kind: estimate(figure, rows[kind]) for kind in KINDS}
    good, made = found["recordings"], found["bundle"]
    bad = [e for e in (found["noise"], found["shuffled"]) if e]
    real = [g for g in (good, made) if g]
    pairs = [(g, b) for g in real for b in bad] if made else []
    verdict = "unable"
    if pairs and all(_better(figure, a, b) for a, b in pairs):
        verdict = "rejects"
        if good is None or made is None or _better(figure, good, made):
            verdict = "orders"
            pairs += [(good, made)] if good and made else []
    sure = verdict != "unable" and all(_better(figure, a, b, apart=True) for a, b in pairs)
    return {
        "better": figure.better,
        "meaning": figure.meaning,
        **{kind: asdict(e) if e else None for kind, e in found.items()},
        "verdict": verdict,
        "sure": sure,
    }


def _better(figure: Figure, a: Estimate, b: Estimate, apart: bool = False) -> bool:
    """Whether `a` is better than `b`, or better by more than both intervals."""
    if figure.better == "higher":
        return a.low > b.high if apart else a.value > b.value
    return a.high < b.low if apart else a.value < b.value


def lines(report: dict[str, Any]) -> list[str]:
    """The report as a table for a terminal."""
    head = f"{'figure':18}" + "".join(f"{kind:>12}" for kind in KINDS)
    found = [head + "  verdict"]
    for name, entry in report["figures"].items():
        cells = "".join(f"{entry[k]['value']:12.3f}" if entry[k] else " " * 12 for k in KINDS)
        found.append(f"{name:18}{cells}  {entry['verdict']}{', sure' if entry['sure'] else ''}")
    return found + [f"left out: {line}" for line in report["unavailable"].values()]
