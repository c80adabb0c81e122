"""The last step: shards become the finished folders of a corpus, with all that is said about it."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from corpus_tools.card import REJECTED, merge_sources, write_card, write_manifest, write_readme
from corpus_tools.made import MadePart
from corpus_tools.parts import read_lines, remove, write_lines
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rows import read_rows
from corpus_tools.shards import CUTS, PARQUET, SOUND, SUMMARY
from corpus_tools.splits import HELDOUT, TRAIN
from diamoe.errors import CorpusError


@dataclass(frozen=True)
class Finished:
    """A corpus whose stages are done."""

    corpus: KnownCorpus
    parts: Sequence[MadePart]
    shards: Mapping[str, Sequence[Path]]
    """Folders of the shards, by split."""
    copies: Sequence[Path]
    """Those of perturbed copies of what is trained on."""
    mark: str
    """Fingerprint of the settings and rows it was made from."""
    aligner: str
    """What found the times: `shipped`, `train`, `none` or a folder."""


def finish_corpus(made: Finished, folders: tuple[Path, Path]) -> None:
    """Put the corpus and its held-out part in place, the corpus last.

    Each folder is filled under another name and renamed when it is complete, so its presence
    means that it is.

    Raises:
        CorpusError: nothing is left to train on.
    """
    main, heldout = folders
    partial = main.with_name(f".{main.name}.unfinished")
    partial_heldout = main.with_name(f".{heldout.name}.unfinished")
    for path in (partial, partial_heldout):
        remove(path)
        path.mkdir(parents=True)
    try:
        tally = _Tally()
        write_lines(partial / REJECTED, tally.count(_left_out(made)))
        if not made.shards[TRAIN]:
            raise CorpusError(_nothing_left(made, tally))
        common = {
            "source": made.corpus.name,
            "licence": made.corpus.licence,
            "attribution": made.corpus.attribution,
            "recordings_read": tally.rows,
            "hours_read": round(tally.seconds / 3600, 4),
            "aligner": made.aligner,
            "fingerprint": made.mark,
        }
        tested, trained = (made.shards[split] for split in (HELDOUT, TRAIN))
        _fill(partial_heldout, heldout.name, "test", (tested, ()), common, {})
        _fill(partial, main.name, "train", (trained, made.copies), common, tally.as_dict())
        for source, target in ((partial_heldout, heldout), (partial, main)):
            remove(target)
            source.rename(target)
    finally:
        remove(partial)
        remove(partial_heldout)


def _fill(
    folder: Path,
    name: str,
    split: str,
    shards: tuple[Sequence[Path], Sequence[Path]],
    common: dict[str, Any],
    rejected: dict[str, Any],
) -> None:
    """Shards, manifest and cards of one folder; copies count apart from what was recorded."""
    summaries, copied = (
        [json.loads((shard / SUMMARY).read_text("utf-8")) for shard in group] for group in shards
    )
    for number, shard in enumerate(chain(*shards)):
        for part in (CUTS, SOUND):
            stem, _, suffix = part.partition(".")
            _place(shard / part, folder / f"{stem}.{number:06d}.{suffix}")
        if (shard / PARQUET).is_file():
            _place(shard / PARQUET, folder / "parquet" / f"{split}-{number:06d}.parquet")
    seconds, dialects = _sums(summaries, "speakers"), _sums(summaries, "dialects")
    sources = merge_sources(source for summary in summaries for source in summary["sources"])
    card: dict[str, Any] = {
        "name": name,
        "dialect": max(dialects, key=lambda d: dialects[d], default=""),
        "speakers": sorted(seconds),
        "hours": round(sum(dialects.values()) / 3600, 4),
        "hours_by_dialect": {d: round(s / 3600, 4) for d, s in sorted(dialects.items())},
        "utterances": sum(summary["utterances"] for summary in summaries),
        "recordings": sum(summary["recordings"] for summary in summaries),
        "augmented": {
            "utterances": sum(summary["utterances"] for summary in copied),
            "hours": round(sum(_sums(copied, "dialects").values()) / 3600, 4),
        },
    }
    card = card | common | {"rejected": rejected.get("count", {})}
    card["rejected_hours"] = rejected.get("hours", {})
    write_readme(folder, card, sources)
    write_manifest(folder, name, sources, card["augmented"])
    write_card(folder, card)


def _place(source: Path, target: Path) -> None:
    """Link a file to its final place; copy it where the file system knows no links."""
    target.parent.mkdir(exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _sums(summaries: Sequence[dict[str, Any]], key: str) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for summary in summaries:
        for name, seconds in summary[key].items():
            sums[name] += seconds
    return dict(sums)


def _left_out(made: Finished) -> Iterator[dict[str, Any]]:
    """Every row: those that were left out with the stage and the reason, the others with none."""
    for part in made.parts:
        rows = [r for r in read_rows(part.contents.rows) if isinstance(r, Utterance)]
        seconds = part.contents.seconds_read()
        known = {r.id: r for r in rows}
        gone: set[str] = set()
        for record in _reasons(part):
            name = record["id"]
            row = known.get(name)
            if record["stage"] != "rows":
                if name in gone:
                    continue
                gone.add(name)
            own = {"seconds": seconds.get(name, 0.0)} if row and record["stage"] != "rows" else {}
            about = (row.dialect, row.speaker, row.transcript) if row else ("", "", "")
            named = dict(zip(("dialect", "speaker", "text"), about, strict=True))
            yield record | {"seconds": 0.0} | own | named
        for row in rows:
            if row.id not in gone:
                yield {"id": row.id, "seconds": seconds[row.id]}


def _reasons(part: MadePart) -> Iterator[dict[str, Any]]:
    for stage, reason in part.contents.left_out():
        yield _reason(reason.id, stage, reason.kind, reason.detail, reason.character)
    for record in read_lines(part.plans):
        if "rejected" in record:
            found = record["rejected"]
            yield _reason(record["id"], "join", found["kind"], found["detail"])
    if part.verdicts is not None:
        for record in read_lines(part.verdicts):
            for stage, kind, detail in record["reasons"]:
                where = f"{record['id']}: {detail}"
                for member in record["members"]:
                    yield _reason(member, stage, kind, where)


def _reason(name: str, stage: str, kind: str, detail: str, character: str = "") -> dict[str, Any]:
    return {
        "id": name,
        "stage": stage,
        "kind": kind,
        "detail": detail,
        "character": character,
    }


class _Tally:
    """Counts rows and what was left out of them, while they pass by."""

    def __init__(self) -> None:
        self.rows = 0
        self.seconds = 0.0
        self.counts: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.first = ""

    def count(self, records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for record in records:
            self.rows += 1
            self.seconds += record["seconds"]
            if "kind" in record:
                self.counts[record["kind"]] += 1
                self.lost[record["kind"]] += record["seconds"]
                self.first = self.first or f"{record['id']}: {record['kind']}: {record['detail']}"
                yield record

    def as_dict(self) -> dict[str, dict[str, float]]:
        return {
            "count": dict(sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))),
            "hours": {kind: round(s / 3600, 4) for kind, s in sorted(self.lost.items())},
        }


def _nothing_left(made: Finished, tally: _Tally) -> str:
    return (
        f"{made.corpus.name}: nothing left to train on: of {tally.rows} recordings "
        f"{tally.counts.total()} were rejected, the others are held out; "
        f"the first rejected: {tally.first}"
    )
