"""What is to be spoken and judged: texts with their ids, read from a table or a corpus."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from diamoe.audio.files import write_audio
from diamoe.corpus import open_corpus
from diamoe.errors import CorpusError
from diamoe.text.dialect import load_dialect

SUFFIXES = (".tsv", ".csv", ".jsonl")
EXTREMES = ("one syllable", "500 characters")
"""Kinds of the probes that `extremes=true` adds to a set."""


@dataclass(frozen=True)
class Item:
    """One utterance of a test set."""

    id: str
    """Name of its sound file, without suffix; may hold folders."""
    text: str
    """As written."""
    dialect: str
    """Code of the dialect."""
    phones: str = ""
    """Its phones; empty: the front-end's."""
    voice: str = ""
    """Who speaks: a voice of the bundle, or a name that is the same for one speaker's files."""
    reference: str = ""
    """A recording of the same words."""
    prompt: str = ""
    """A recording of the speaker that the voice should be like."""
    prompt_phones: str = ""
    """What is said in it."""
    kind: str = "sentence"
    """Each kind is also summed up apart; those in `EXTREMES` nowhere else."""


def read_items(path: str | Path, dialect: str = "", limit: int = 0) -> list[Item]:
    """The items of a table (TSV, CSV or JSON lines with `id` and `text`), in its order.

    Paths in it are relative to the table. `dialect` stands for that of rows that name none.
    `limit`: so many of each dialect at most; 0 for all.

    Raises:
        CorpusError: no such table, a column it must not have or lacks, an id that comes twice;
            file and line are named.
        UnknownDialect: with the known ones.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES or not path.is_file():
        raise CorpusError(f"{path}: no table of texts (allowed: a {', '.join(SUFFIXES)} file)")
    items: dict[str, Item] = {}
    counts: dict[str, int] = {}
    for line, row in _rows(path):
        item = _item(row, f"{path}, line {line}", dialect, path.parent)
        if item.id in items:
            raise CorpusError(f"{path}, line {line}: the id {item.id!r} comes twice")
        counts[item.dialect] = counts.get(item.dialect, 0) + 1
        if not limit or counts[item.dialect] <= limit:
            items[item.id] = item
    if not items:
        raise CorpusError(f"{path}: the table holds no text")
    return list(items.values())


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            for number, line in enumerate(file, start=1):
                if line.strip():
                    try:
                        row = json.loads(line)
                    except ValueError as error:
                        raise CorpusError(f"{path}, line {number}: not JSON ({error})") from error
                    if not isinstance(row, dict):
                        raise CorpusError(f"{path}, line {number}: expected an object")
                    yield number, row
            return
        reader = csv.DictReader(file, delimiter="," if path.suffix == ".csv" else "\t")
        yield from enumerate(reader, start=2)


def _item(row: Mapping[str, Any], where: str, dialect: str, folder: Path) -> Item:
    known = [f.name for f in fields(Item)]
    values = {key: str(value).strip() for key, value in row.items() if value not in (None, "")}
    unknown = [key for key in row if key not in known]
    if unknown:
        raise CorpusError(f"{where}: column {unknown[0]!r}; allowed: {', '.join(known)}")
    values.setdefault("dialect", dialect)
    missing = [key for key in ("id", "text", "dialect") if not values.get(key)]
    if missing:
        raise CorpusError(f"{where}: no {missing[0]}; needed: id, text, dialect")
    values["dialect"] = load_dialect(values["dialect"]).code
    for name in ("reference", "prompt"):
        if name in values:
            values[name] = str(folder / values[name])
    return Item(**values)


def corpus_items(folder: str | Path, sounds: str | Path, limit: int = 0) -> list[Item]:
    """The utterances of a prepared corpus; its recordings go to `sounds` as the references.

    Raises:
        CorpusError: the folder is none.
    """
    items: list[Item] = []
    for cut in open_corpus(folder):
        if limit and len(items) >= limit:
            break
        said = cut.supervisions[0]
        target = Path(sounds) / f"{cut.id}.flac"
        write_audio(target, cut.load_audio()[0], cut.sampling_rate)
        items.append(
            Item(
                cut.id,
                said.text or "",
                said.language,
                said.custom["phones"],
                said.speaker or "",
                str(target),
            )
        )
    return items


def match_audio(items: Sequence[Item], folder: str | Path) -> tuple[dict[str, Path], list[str]]:
    """The sound file of every item that has one, and the names of files that belong to none.

    A file belongs to the item whose id is its path in the folder, without suffix.

    Raises:
        CorpusError: no such folder, or no file in it has an item's id.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CorpusError(f"{folder}: no such folder of sound files")
    found = {
        str(path.relative_to(folder).with_suffix("")): path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
    }
    ids = {item.id for item in items}
    matched = {name: path for name, path in found.items() if name in ids}
    if not matched:
        examples = f"files {sorted(found)[:3]}, ids {sorted(ids)[:3]}"
        raise CorpusError(f"{folder}: no file has the id of a text ({examples})")
    return matched, sorted(set(found) - ids)
