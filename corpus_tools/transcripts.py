"""The text and phones stages: what is read of every transcript, and how it is spoken."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.labels import Label, load_labeller
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.rows import read_rows
from diamoe.text.phones import PhoneSeq


@dataclass(frozen=True)
class TextSettings:
    """What a corpus' entry says about its transcripts (see `KnownCorpus`)."""

    gap_mark: str = ""
    refuse: str = ""


def normalise_part(job: Job, target: Path) -> None:
    """Transcripts as they are read; inputs: rows; settings: `TextSettings`."""
    (rows,) = job.inputs
    write_lines(target, _normalise_all(rows, job.settings))


def _normalise_all(rows: Path, settings: TextSettings) -> Iterator[dict[str, Any]]:
    for row in read_rows(rows):
        if isinstance(row, Utterance):
            try:
                labeller = load_labeller(row.dialect, settings.gap_mark, settings.refuse)
                text = labeller.transcript(row)
                record = {"id": row.id, "text": text, "dialect": row.dialect}
                yield record | ({"label": row.language} if row.language else {})
            except Rejected as reason:
                yield Rejection.of(row.id, reason).record


def phonemise_part(job: Job, target: Path) -> None:
    """Phones of transcripts; inputs: rows, texts; settings: `TextSettings`."""
    rows, texts = job.inputs
    write_lines(target, _phonemise_all(rows, texts, job.settings))


def _phonemise_all(rows: Path, texts: Path, settings: TextSettings) -> Iterator[dict[str, Any]]:
    found = read_texts(texts)
    for row in read_rows(rows):
        if isinstance(row, Utterance) and row.id in found:
            try:
                labeller = load_labeller(row.dialect, settings.gap_mark, settings.refuse)
                label = labeller.label(row, found[row.id])
                yield {"id": row.id, "phones": str(label.phones), "words": label.words}
            except Rejected as reason:
                yield Rejection.of(row.id, reason).record


def read_texts(path: Path) -> dict[str, str]:
    """The texts of a part that can be read, by id."""
    return {r["id"]: r["text"] for r in read_lines(path) if "rejected" not in r}


def read_labels(path: Path, dialects: dict[str, str]) -> dict[str, Label]:
    """The labels of a part by id, given the dialect of every id."""
    return {
        r["id"]: Label(
            PhoneSeq.parse(r["phones"], dialects[r["id"]]),
            tuple((word, count) for word, count in r["words"]),
        )
        for r in read_lines(path)
        if "rejected" not in r
    }
