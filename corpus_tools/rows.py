"""The first stage: what a recipe reads from a corpus' tables, in parts on disk."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import islice
from pathlib import Path
from typing import Any

from corpus_tools.firsts import Firsts
from corpus_tools.parts import KEY_LENGTH, Part, Store, publish, read_lines
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejection

ROWS = "rows"
_DEFAULTS = {f.name: f.default for f in fields(Utterance)}


def write_rows(rows: Iterable[Utterance | Rejection], size: int, store: Store) -> Iterator[Part]:
    """Keep a corpus' rows, `size` in a part, and name the parts.

    The tables are read anew in every run, for they may have grown; what they say decides the
    part's fingerprint, and so whether later stages have anything to do. A second row of an id is
    left out.
    """
    with Firsts() as names:
        upcoming = iter(rows)
        number = 0
        while group := list(islice(upcoming, size)):
            lines = [dump_row(_checked(row, names)) for row in group]
            text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in lines)
            key = hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]
            path = store.path(ROWS, number, key)
            if not path.exists():
                with publish(path) as partial:
                    partial.write_text(text, encoding="utf-8")
            yield Part(number, key)
            number += 1


def _checked(row: Utterance | Rejection, names: Firsts) -> Utterance | Rejection:
    if isinstance(row, Rejection):
        return row
    where = f"{row.audio_path}{f' {row.member}' if row.member else ''}"
    first = names.earlier(row.id, where)
    if first is not None:
        return Rejection(row.id, "duplicate id", f"{where}; first: {first}")
    if not row.audio_path.is_file():
        return Rejection(row.id, "no recording", f"{row.audio_path}: no such file")
    return row


def dump_row(row: Utterance | Rejection) -> dict[str, Any]:
    """A line of a part's rows."""
    values = asdict(row)
    if isinstance(row, Rejection):
        return {"rejected": values}
    values["audio_path"] = str(row.audio_path)
    values = {k: v for k, v in values.items() if v != _DEFAULTS[k]}
    return values | {"bytes": row.audio_path.stat().st_size}


def read_rows(path: Path) -> list[Utterance | Rejection]:
    """The rows of a part."""
    return [_load(record) for record in read_lines(path)]


def _load(record: dict[str, Any]) -> Utterance | Rejection:
    if "rejected" in record:
        return Rejection(**record["rejected"])
    values = {k: v for k, v in record.items() if k != "bytes"}
    return Utterance(**values | {"audio_path": Path(values["audio_path"])})
