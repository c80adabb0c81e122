"""The output stage: utterances as Lhotse Shar (cuts and FLAC side by side) and as Parquet.

A shard's bytes depend on what is in it and on nothing else: no times, no machine, no order of work.
"""

import gzip
import io
import json
import tarfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from corpus_tools.augmenting import Copy
from corpus_tools.contents import Contents
from corpus_tools.cuts import Spoken, cut_record, encode_flac, recording_record
from corpus_tools.parquet import ParquetFile
from corpus_tools.parts import FORMAT, Job, digest, read_lines
from corpus_tools.settings import JoinSettings
from corpus_tools.utterances import Planned, read_plans

CUTS, SOUND, PARQUET, SUMMARY = "cuts.jsonl.gz", "recording.tar", "data.parquet", "summary.json"
"""Files of a shard."""


@dataclass(frozen=True)
class Slice:
    """Kept utterances `first` to `first + count` of one split of a part."""

    contents: Contents
    plans: Path
    aligned: Path | None
    verdicts: Path | None
    split: str
    first: int
    count: int

    def utterances(self) -> Iterator[tuple[Planned, dict[str, Any] | None, dict[str, Any]]]:
        """The utterances, what is known of their times, and what was measured of them."""
        last = self.first + self.count
        chosen = islice(verdicts_of(self.plans, self.verdicts, self.split), self.first, last)
        verdicts = {v["id"]: v for v in chosen}
        times: dict[str, Any] = {}
        if self.aligned is not None:
            times = {r["id"]: r for r in read_lines(self.aligned) if r["id"] in verdicts}
        for planned in read_plans(self.plans, self.contents):
            if planned.id in verdicts:
                yield planned, times.get(planned.id), verdicts[planned.id].get("quality", {})


def verdicts_of(plans: Path, verdicts: Path | None, split: str) -> Iterator[dict[str, Any]]:
    """The records of a split's utterances that passed all gates, or of all before any gate."""
    for record in read_lines(verdicts or plans):
        if record.get("split") == split and not record.get("reasons"):
            yield record


@dataclass(frozen=True)
class ShardTask:
    """What a shard depends on."""

    slices: tuple[Slice, ...]
    licence: str
    attribution: str
    join: JoinSettings
    seed: int
    parquet: bool
    copy: Copy | None = None
    """Write such copies of the utterances; None for the utterances themselves."""

    def spoken(self, planned: Planned, times: Any, quality: dict[str, Any]) -> Spoken:
        """What is to be written of an utterance."""
        joined = planned.make(self.join, self.seed)
        speaker = planned.plan.members[0].utterance.speaker
        own = Spoken(planned.id, joined, speaker, times, quality)
        return self.copy.of(own, self.seed) if self.copy else own


def shard_key(task: ShardTask) -> str:
    """A fingerprint of what a shard is made from."""
    slices = [
        [
            p.name if isinstance(p, Path) else p
            for p in (*s.contents.paths, s.plans, s.aligned, s.verdicts, s.split, s.first, s.count)
        ]
        for s in task.slices
    ]
    rest = {k: v for k, v in asdict(replace(task, slices=())).items() if k != "slices"}
    return digest("shard", FORMAT, slices, rest)


def write_shard(job: Job, folder: Path) -> None:
    """Write one shard; settings: `ShardTask`, which names the inputs, too."""
    task: ShardTask = job.settings
    folder.mkdir()
    totals = _Totals()
    with ExitStack() as files:
        cuts = files.enter_context(_gzip(folder / CUTS))
        tar = files.enter_context(tarfile.open(folder / SOUND, "w"))
        table = files.enter_context(ParquetFile(folder / PARQUET)) if task.parquet else None
        for piece in task.slices:
            for planned, times, quality in piece.utterances():
                source = planned.plan.members[0].utterance
                spoken = task.spoken(planned, times, quality)
                flac = encode_flac(spoken.joined.wave)
                cut = cut_record(spoken)
                cuts.write(f"{json.dumps(cut, ensure_ascii=False)}\n".encode())
                _add(tar, f"{spoken.id}.flac", flac)
                record = recording_record(spoken.id, len(spoken.joined.wave))
                _add(tar, f"{spoken.id}.json", f"{json.dumps(record)}\n".encode())
                rights = source.licence or task.licence, source.attribution or task.attribution
                totals.add(planned, cut, rights)
                if table is not None:
                    table.add(cut, flac, *rights)
    (folder / SUMMARY).write_text(totals.as_json(), encoding="utf-8")


@contextmanager
def _gzip(path: Path) -> Iterator[gzip.GzipFile]:
    """A compressed file without its name and time in it."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as stream:
        yield stream


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)  # time, owner and rights stay at their fixed defaults
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


class _Totals:
    """What a shard holds in all."""

    def __init__(self) -> None:
        self.utterances = self.recordings = 0
        self.speakers: Counter[str] = Counter()
        self.dialects: Counter[str] = Counter()
        self.rights: dict[tuple[str, str], list[float]] = {}

    def add(self, planned: Planned, cut: dict[str, Any], rights: tuple[str, str]) -> None:
        (supervision,) = cut["supervisions"]
        self.utterances += 1
        self.recordings += len(planned.plan.members)
        self.speakers[supervision["speaker"]] += cut["duration"]
        self.dialects[supervision["language"]] += cut["duration"]
        count, seconds = self.rights.get(rights, (0, 0.0))
        self.rights[rights] = [count + 1, seconds + cut["duration"]]

    def as_json(self) -> str:
        values = {
            "utterances": self.utterances,
            "recordings": self.recordings,
            "speakers": dict(sorted(self.speakers.items())),
            "dialects": dict(sorted(self.dialects.items())),
            "sources": [[*rights, *sums] for rights, sums in sorted(self.rights.items())],
        }
        return json.dumps(values, ensure_ascii=False) + "\n"
