"""Hugging Face datasets as Parquet files, the sound in a column of `{bytes, path}`."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.phones import read_phones
from corpus_tools.recipes.recordings import recording_at, walk
from corpus_tools.recipes.tables import Row, check_columns, each
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import ConfigError, CorpusError

FIELDS = {
    "text": ("text", "sentence", "transcription", "transcript", "normalized_text"),
    "id": ("id", "audio_id", "utt_id", "utterance_id", "segment_id"),
    "speaker": ("speaker_id", "speaker", "client_id", "spk_id", "speaker_name"),
    "label": ("dialect", "variant", "accent", "locale", "language", "lang"),
    "phones": ("phones", "ipa"),
}
"""What the columns of a field are usually called; `columns` in the table of corpora says it
exactly."""
BATCH = 256


def prepare_parquet(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read every `.parquet` below the folder; no sound is read.

    Raises:
        CorpusError: no such file, or one without sound or text.
        ConfigError: pyarrow is not installed, or `columns` names an unknown field.
    """
    unknown = set(corpus.columns) - set(FIELDS)
    if unknown:
        raise ConfigError(
            f"{corpus.name}: columns: unknown {sorted(unknown)}; allowed: {', '.join(FIELDS)}"
        )
    found = False
    for path in walk(folder):
        if path.suffix == ".parquet":
            found = True
            yield from _read(corpus, folder, path)
    if not found:
        raise CorpusError(f"{folder}: no .parquet below it")


def audio_bytes(path: Path, member: str) -> bytes:
    """The encoded sound of one row, `row:N` of a Parquet file.

    Raises:
        Rejected: the file cannot be read, or the row holds no sound.
    """
    try:
        number = int(member.removeprefix("row:"))
        file, starts = _open(path, path.stat().st_mtime_ns)
        group = bisect_right(starts, number) - 1
        column = _sounds(path, path.stat().st_mtime_ns, group)
        data: bytes | None = column[number - starts[group]].as_py()
    except (OSError, ValueError, IndexError) as error:  # pyarrow's errors are ValueErrors
        raise Rejected("unreadable archive", f"{path}, {member}: {error}") from error
    if not data:
        raise Rejected("no recording", f"{path}, {member}: the row holds no sound")
    return data


def _read(corpus: KnownCorpus, folder: Path, path: Path) -> Iterator[Utterance | Rejection]:
    try:
        file, _ = _open(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        yield Rejection(path.name, "unreadable archive", f"{path}: {error}")
        return
    names = file.schema_arrow.names
    sound = audio_column(file.schema_arrow, str(path))
    fields = {k: (corpus.columns[k],) if k in corpus.columns else v for k, v in FIELDS.items()}
    for field in ("text", *corpus.columns):
        check_columns(names, ["|".join(fields[field])], str(path))
    embedded = _holds_bytes(file, sound)

    def make(row: Row) -> Utterance:
        label = row.get(*fields["label"])
        dialect = corpus.dialect_of(label)
        given = row.get(*fields["phones"])
        name = _name(row, fields["id"])
        outside = "" if embedded else row.need(f"{sound}.path")
        return Utterance(
            id=name,
            audio_path=recording_at(folder, outside) if outside else path,
            dialect=dialect,
            speaker=row.get(*fields["speaker"]) or corpus.speaker or corpus.name,
            text=row.need(*fields["text"]),
            member="" if outside else row["member"],
            phones=read_phones(given, dialect) if given else "",
            language=label,
        )

    rows = _rows(file, path, sound, {c for columns in fields.values() for c in columns})
    yield from each(rows, lambda row: _name(row, fields["id"]), make)


def audio_column(schema: Any, where: str) -> str:
    """The column that holds the sound: `audio`, or the only one of `{bytes, path}`.

    Raises:
        CorpusError: none, or several of which none is called `audio`.
    """
    found = [
        field.name
        for field in schema
        if {"bytes", "path"} <= {field.type.field(i).name for i in range(field.type.num_fields)}
    ]
    if "audio" in found:
        return "audio"
    if len(found) != 1:
        raise CorpusError(
            f"{where}: {len(found)} columns of {{bytes, path}} ({', '.join(found)}), wanted one or "
            f"one called audio; found columns {', '.join(schema.names)}"
        )
    return str(found[0])


def _rows(file: Any, path: Path, sound: str, wanted: set[str]) -> Iterator[Row]:
    columns = [name for name in file.schema_arrow.names if name in wanted]
    number = 0
    for batch in file.iter_batches(batch_size=BATCH, columns=[*columns, f"{sound}.path"]):
        for values in batch.to_pylist():
            sound_path = (values.pop(sound, None) or {}).get("path") or ""
            texts = {k: "" if v is None else str(v) for k, v in values.items()}
            texts |= {f"{sound}.path": sound_path, "member": f"row:{number}"}
            texts["name"] = Path(sound_path).stem or f"{path.stem}-{number:08d}"
            yield Row(f"{path}, row {number}", texts)
            number += 1


def _name(row: Row, columns: tuple[str, ...]) -> str:
    return row.get(*columns) or row["name"]


def _holds_bytes(file: Any, sound: str) -> bool:
    """Whether the sound is in the file, by the counts of empty values that Parquet keeps."""
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        for i in range(meta.num_columns):
            column = meta.column(i)
            if column.path_in_schema == f"{sound}.bytes" and column.statistics is not None:
                return bool(column.statistics.null_count < meta.num_rows)
    return True


@lru_cache(maxsize=4)
def _open(path: Path, modified: int) -> tuple[Any, list[int]]:
    """A Parquet file, and the first row of each of its row groups."""
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ConfigError(f"{path}: reading Parquet needs `pip install pyarrow`") from error
    file = ParquetFile(path)
    starts, total = [], 0
    for group in range(file.metadata.num_row_groups):
        starts.append(total)
        total += file.metadata.row_group(group).num_rows
    return file, starts


@lru_cache(maxsize=1)
def _sounds(path: Path, modified: int, group: int) -> Any:
    file, _ = _open(path, modified)
    sound = audio_column(file.schema_arrow, str(path))
    table = file.read_row_group(group, columns=[f"{sound}.bytes"])
    return table.column(sound).combine_chunks().field("bytes")
