"""Kaldi data folders: `wav.scp`, `text`, `utt2spk` and, for parts of recordings, `segments`.

Lhotse's `load_kaldi_data_dir` holds everything, reads every recording's header and runs the
commands that `wav.scp` may hold. Commands are never run here: their rows are rejected.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.lookup import Lookup, read_pairs
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.tables import read_lines
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

LABELS = ("utt2subdialect", "utt2dialect", "utt2lang")
"""Tables that may say what is spoken; the first that is there does."""


@dataclass(frozen=True)
class KaldiRow:
    """One utterance, joined from a folder's tables; empty where a table has none."""

    id: str
    source: str
    """The right-hand side of `wav.scp`."""
    text: str
    speaker: str
    label: str
    start: float = 0.0
    end: float | None = None


def prepare_kaldi(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read the folder, or all folders below it that hold a `wav.scp`.

    Paths are relative to the data folder or to the corpus' folder, or absolute inside the latter.

    Raises:
        CorpusError: there is no `wav.scp`, or one without `text` beside it.
    """
    data_folders = [folder / part for part in corpus.parts] or sorted(
        path.parent for path in folder.rglob("wav.scp")
    )
    if not data_folders:
        raise CorpusError(f"{folder}: no wav.scp in it or below it")
    for data in data_folders:

        def make(row: KaldiRow, data: Path = data) -> Utterance:
            return Utterance(
                id=row.id,
                audio_path=_recording(folder, data, row.source),
                dialect=corpus.dialect_of(row.label),
                speaker=row.speaker or corpus.speaker or corpus.name,
                text=_need_text(row),
                start=row.start,
                end=row.end,
                language=row.label,
            )

        yield from kaldi_utterances(data, make)


def kaldi_utterances(
    data: Path, make: Callable[[KaldiRow], Utterance]
) -> Iterator[Utterance | Rejection]:
    """The utterances of one data folder, and what its tables name without a partner.

    Args:
        make: the utterance of a joined row; raises `Rejected`.

    Raises:
        CorpusError: `wav.scp` or `text` is missing.
    """
    texts = Lookup(read_pairs(data / "text"))
    speakers = Lookup(_pairs_if_there(data / "utt2spk"))
    label_tables = [data / name for name in LABELS if (data / name).is_file()]
    labels = Lookup(read_pairs(label_tables[0]) if label_tables else ())
    named = Lookup((row.id, "") for row in _segments(data))
    for row in _segments(data):
        if isinstance(row, Rejection):
            yield row
            continue
        try:
            yield make(
                KaldiRow(
                    row.id,
                    row.source,
                    texts.get(row.id),
                    speakers.get(row.id),
                    labels.get(row.id),
                    row.start,
                    row.end,
                )
            )
        except Rejected as reason:
            yield Rejection(row.id, reason.kind, f"{data}: {reason.detail}")
    for name, _ in read_pairs(data / "text"):
        if name not in named:
            yield Rejection(name, "no recording", f"{data / 'text'}: in no wav.scp or segments")


def _segments(data: Path) -> Iterator[KaldiRow | Rejection]:
    """Ids with their sources: the lines of `segments`, or of `wav.scp` where there are none."""
    if not (data / "segments").is_file():
        for name, source in read_pairs(data / "wav.scp"):
            yield KaldiRow(name, source, "", "", "")
        return
    sources = Lookup(read_pairs(data / "wav.scp"))
    for number, line in read_lines(data / "segments"):
        if isinstance(line, Rejection):
            yield line
            continue
        where = f"{data / 'segments'}, line {number}"
        name, *rest = line.split()
        try:
            recording, (start, end) = rest[0], map(float, rest[1:])
        except (IndexError, ValueError):
            yield Rejection(name, "malformed row", f"{where}: expected id recording start end")
            continue
        if not math.isfinite(start) or start < 0 or end != -1 and not start < end < math.inf:
            yield Rejection(name, "malformed row", f"{where}: from {start} to {end} s")
        elif recording not in sources:
            yield Rejection(name, "no recording", f"{where}: {recording!r} is not in wav.scp")
        else:
            source = sources.get(recording)
            yield KaldiRow(name, source, "", "", "", start, None if end == -1 else end)


def _recording(folder: Path, data: Path, source: str) -> Path:
    """The file that a right-hand side of `wav.scp` stands for, inside the corpus."""
    if source.endswith("|") or source.startswith("|"):
        raise Rejected("command", f"wav.scp holds {source!r}, and commands are never run")
    if not source:
        raise Rejected("no recording", "wav.scp names no file")
    beside = data / source
    relative = (
        str(beside.relative_to(folder))
        if beside.is_file() and beside.is_relative_to(folder)
        else source
    )
    return recording_at(folder, relative)


def _need_text(row: KaldiRow) -> str:
    if not row.text:
        raise Rejected("missing field", "no line in text")
    return row.text


def _pairs_if_there(path: Path) -> Iterator[tuple[str, str]]:
    return read_pairs(path) if path.is_file() else iter(())
