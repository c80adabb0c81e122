"""Work kept on disk in parts: what a stage has made is found again, whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any
from uuid import uuid4

FORMAT = 2
"""Raised when the same settings make different corpora, so that old ones are made anew."""
KEY_LENGTH = 16
"""Hexadecimal digits of a fingerprint."""


@dataclass(frozen=True)
class Part:
    """So many rows of a corpus: its number, and a fingerprint of what its rows say."""

    number: int
    key: str


def digest(*values: Any) -> str:
    """A fingerprint of values that JSON can write.

    >>> digest("audio", {"level": -23.0}) == digest("audio", {"level": -23.0})
    True
    """
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Job:
    """One part's work in one stage; it can be sent to another process or machine."""

    work: Callable[["Job", Path], None]
    """Makes the file or folder it is given from the job's inputs, the same bytes every time."""
    inputs: tuple[Path, ...]
    target: Path
    settings: Any = None


def perform(job: Job) -> float:
    """Do a job unless what it makes is there; returns the processor time it took, seconds."""
    if job.target.exists():
        return 0.0
    begun = process_time()
    with publish(job.target) as partial:
        job.work(job, partial)
    return process_time() - begun


@dataclass(frozen=True)
class Store:
    """A corpus' folder of parts: STAGE/NUMBER-KEY."""

    folder: Path

    def path(self, stage: str, number: int, key: str) -> Path:
        """Where a stage keeps what it made of a part under a fingerprint."""
        return self.folder / stage / f"{number:06d}-{key}"

    def clear_unfinished(self) -> None:
        """Remove what a run that was cut off had not finished."""
        for path in self.folder.glob("*/.*"):
            remove(path)

    def prune(self, used: set[Path]) -> None:
        """Remove the parts that other settings, or other rows, once made."""
        for path in self.folder.glob("*/*"):
            if path not in used:
                remove(path)


@contextmanager
def publish(target: Path) -> Iterator[Path]:
    """A path to write a file or folder to; it appears as `target` when all is written.

    Two that make the same part at once do no harm: they make the same bytes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        yield partial
        for path in [*partial.rglob("*"), partial] if partial.is_dir() else [partial]:
            _sync(path)
        try:
            partial.replace(target)
        except OSError:
            if not target.is_dir():
                raise
        _sync(target.parent)
    finally:
        remove(partial)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk, lest a power cut leave an empty name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file or folder that may not be there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write records as JSON, one a line."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The inverse of `write_lines`."""
    with path.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)
