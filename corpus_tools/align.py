"""The align stage: phone times for prepared corpora that have none."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from diamoe.errors import ConfigError, CorpusError, TooShort

FAILED = -99.0
"""`align_score` of an utterance that could not be aligned; its phones are spread evenly."""


@dataclass(frozen=True)
class AlignSettings:
    """Settings of `python -m corpus_tools align`."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpus folders."""
    recogniser: str = "runs/recogniser"
    """Folder of a trained phone recogniser."""
    again: bool = False
    """Align anew what this stage has aligned before; known times are always kept."""
    batch: int = 8
    """Utterances the recogniser hears at once."""
    threads: int = 2
    """CPU threads."""


def align_corpora(settings: AlignSettings) -> None:
    """Write phone times and `align_score` into the cuts of every corpus, shard by shard.

    A shard's cuts are replaced as a whole when all are done; its sound is not touched. Shards
    whose cuts all have times are skipped, so a run that was stopped goes on.

    Raises:
        ConfigError: no corpora are named.
        CorpusError: a folder holds no prepared corpus, or phones and members disagree.
        BundleError: the recogniser cannot be read.
    """
    if not settings.corpora or settings.batch < 1 or settings.threads < 1:
        raise ConfigError(
            f"corpora {settings.corpora} (allowed: one folder or more), batch {settings.batch} "
            f"and threads {settings.threads} (1 or more)"
        )
    import torch

    from diamoe.recogniser.storage import load_recogniser

    torch.set_num_threads(settings.threads)
    aligner = _Aligner(*load_recogniser(settings.recogniser))
    for folder in map(Path, settings.corpora):
        shards = sorted(folder.glob("cuts.*.jsonl.gz"))
        if not shards:
            raise CorpusError(f"{folder}: no prepared corpus here (cuts.*.jsonl.gz expected)")
        for shard in shards:
            _align_shard(shard, aligner, settings)


class _Aligner:
    """The recogniser and what it needs to hear cuts."""

    def __init__(self, model: Any, labels: Any):
        from diamoe.audio.mel import LogMel

        self.model, self.labels, self.log_mel = model, labels, LogMel()

    def align(self, cuts: Sequence[Any]) -> list[Any]:
        """The `Alignment` of every cut, None for one that is too short for its phones."""
        from diamoe.recogniser.alignment import align_phones, forbid_loud_silence
        from diamoe.recogniser.data import collate, read_utterance
        from diamoe.recogniser.decode import posteriors

        batch = collate([read_utterance(cut, self.log_mel) for cut in cuts])
        found = []
        heard = posteriors(self.model, batch.mel, batch.frames)
        for utterance, scores in zip(batch.utterances, heard, strict=True):
            try:
                alignment = align_phones(
                    forbid_loud_silence(scores.numpy(), utterance.mel),
                    utterance.seq,
                    self.labels,
                    utterance.seconds,
                    utterance.members,
                    self.log_mel.config,
                )
            except TooShort:
                alignment = None
            found.append(alignment)
        return found


def _align_shard(path: Path, aligner: _Aligner, settings: AlignSettings) -> None:
    from lhotse import CutSet
    from tqdm import tqdm

    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    waiting = {r["id"] for r in records if needs_times(r, settings.again)}
    if not waiting:
        return
    sound = path.with_name(path.name.replace("cuts.", "recording.").replace(".jsonl.gz", ".tar"))
    if not sound.is_file():
        raise CorpusError(f"{path}: its sound {sound.name} is missing")
    cuts = CutSet.from_shar(fields={"cuts": [str(path)], "recording": [str(sound)]})
    found: dict[str, Any] = {}
    with tqdm(total=len(waiting), desc=f"{path.parent.name} {path.name[5:11]}") as progress:
        for group in _groups((c for c in cuts if c.id in waiting), settings.batch):
            for cut, alignment in zip(group, aligner.align(group), strict=True):
                found[cut.id] = alignment
            progress.update(len(group))
        failed = sum(alignment is None for alignment in found.values())
        progress.set_postfix(failed=failed)
    for record in records:
        if record["id"] in waiting:
            _write_times(record, found[record["id"]])
    partial = path.with_name(f".{path.name}.partial")
    with gzip.open(partial, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    partial.replace(path)


def needs_times(record: dict[str, Any], again: bool = False) -> bool:
    """True for a cut (as JSON) that has no phone times, or only ones estimated `again`.

    >>> needs_times({"supervisions": [{"custom": {"phones": "m a"}}]})
    True
    """
    supervision = record["supervisions"][0]
    if "phone" not in (supervision.get("alignment") or {}):
        return True
    return again and "align_score" in (supervision.get("custom") or {})


def _write_times(record: dict[str, Any], alignment: Any) -> None:
    """Put an alignment into a cut's JSON, in Lhotse's form: symbol, start, duration, score."""
    supervision = record["supervisions"][0]
    if alignment is None:
        times, score = _even_times(supervision, record["duration"]), FAILED
    else:
        times = [[t.symbol, t.start, t.duration] for t in alignment.times]
        score = round(alignment.score, 4)
    supervision["alignment"] = {"phone": [[*time, None] for time in times]}
    supervision["custom"]["align_score"] = score


def _even_times(supervision: dict[str, Any], seconds: float) -> list[list[Any]]:
    tokens = [t for t in supervision["custom"]["phones"].split() if t != "|"]
    step = seconds / max(len(tokens), 1)
    times = [[t, round(i * step, 5), round(step, 5)] for i, t in enumerate(tokens)]
    return [["_", 0.0, 0.0], *times, ["_", round(seconds, 5), 0.0]]


def _groups(cuts: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while group := list(islice(cuts, size)):
        yield group
