"""Emilia: JSON and mp3 of every utterance, in tars (WebDataset) or as folders with JSON lines.

`ZH/ZH-B000000.tar` holds `NAME.json` and `NAME.mp3` one after the other; the older form has
`raw/DE/DE_B00000.jsonl` beside `raw/DE/DE_B00000/.../mp3/NAME.mp3`. Lhotse's `prepare_emilia`
reads the older form only, one language at a time, holds all of it and skips missing files.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from corpus_tools.recipes.archive import FAULTS, is_archive, members
from corpus_tools.recipes.json_stream import JsonRow, read_objects
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import AUDIO_SUFFIXES, recording_at, walk
from corpus_tools.recipes.tables import each
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

LARGEST_JSON = 1 << 20
"""Bytes of one utterance's description."""


def prepare_emilia(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read every tar and every `.jsonl` below the folder; `language` is the label.

    Raises:
        CorpusError: there are neither.
    """
    found = False
    for path in walk(folder):
        if is_archive(path):
            found = True
            yield from _read_tar(corpus, path)
        elif path.suffix == ".jsonl":
            found = True
            yield from _read_lines(corpus, path)
    if not found:
        raise CorpusError(f"{folder}: no .tar and no .jsonl below it")


def _read_lines(corpus: KnownCorpus, path: Path) -> Iterator[Utterance | Rejection]:
    def make(row: JsonRow) -> Utterance:
        return _utterance(corpus, row, recording_at(path.parent, row.need("wav")))

    yield from each(read_objects(path), _name, make)


def _read_tar(corpus: KnownCorpus, path: Path) -> Iterator[Utterance | Rejection]:
    """Pair the members of a tar by their names; a half waits until its other half comes."""
    described: dict[str, JsonRow | Rejection] = {}
    sounds: dict[str, str] = {}
    for member in members(path):
        if isinstance(member, Rejection):
            yield member
            continue
        name, file = member
        key, _, suffix = name.rpartition(".")
        if suffix == "json":
            described[key] = _describe(path, name, file)
        elif f".{suffix.lower()}" in AUDIO_SUFFIXES:
            sounds[key] = name
        if key in described and key in sounds:
            yield from _pair(corpus, path, described.pop(key), sounds.pop(key))
    for key, row in described.items():
        yield (
            row
            if isinstance(row, Rejection)
            else Rejection(_name(row), "no recording", f"{path}: member {key}.json has no sound")
        )
    for name in sounds.values():
        yield Rejection(Path(name).stem, "missing field", f"{path}: member {name} has no .json")


def _pair(
    corpus: KnownCorpus, path: Path, row: JsonRow | Rejection, sound: str
) -> Iterator[Utterance | Rejection]:
    yield from each([row], _name, lambda r: _utterance(corpus, r, path, sound))


def _describe(path: Path, name: str, file: BinaryIO) -> JsonRow | Rejection:
    where = f"{path}: member {name}"
    try:
        value: Any = json.loads(file.read(LARGEST_JSON))
    except FAULTS as error:
        kind = "malformed row" if isinstance(error, ValueError) else "unreadable archive"
        return Rejection(Path(name).stem, kind, f"{where}: {error}")
    if not isinstance(value, dict):
        return Rejection(Path(name).stem, "malformed row", f"{where}: expected a JSON object")
    return JsonRow(where, {"id": Path(name).stem} | value)


def _utterance(corpus: KnownCorpus, row: JsonRow, path: Path, member: str = "") -> Utterance:
    label = row.get("language")
    dialect = corpus.dialect_of(label)
    if row.number("confidence", default=1.0) < corpus.min_confidence:
        raise Rejected("low confidence", row.get("confidence"))
    return Utterance(
        id=_name(row),
        audio_path=path,
        dialect=dialect,
        speaker=row.need("speaker"),
        text=row.need("text"),
        member=member,
        language=label,
    )


def _name(row: JsonRow) -> str:
    return row.get("id", "_id") or Path(row.get("wav")).stem or row.where
