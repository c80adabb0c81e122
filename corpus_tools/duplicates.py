"""Recordings that a corpus holds twice under different names, told by their decoded samples."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus_tools.firsts import Firsts
from corpus_tools.parts import Store, digest, publish, read_lines, write_lines
from corpus_tools.rejection import Rejection
from corpus_tools.sounds import RECORDS

STAGE = "duplicates"


def find_duplicates(audio: Sequence[Path], store: Store) -> Iterator[Path]:
    """For every part the list of its recordings that came before, in it or in an earlier part.

    Args:
        audio: what the audio stage made of the parts, in their order.
    """
    with Firsts() as contents:
        for number, folder in enumerate(audio):
            repeated = list(_repeated(folder / RECORDS, contents))
            path = store.path(STAGE, number, digest(STAGE, repeated))
            if not path.exists():
                with publish(path) as partial:
                    write_lines(partial, repeated)
            yield path


def _repeated(records: Path, contents: Firsts) -> Iterator[dict[str, Any]]:
    for record in read_lines(records):
        if "rejected" in record:
            continue
        first = contents.earlier(record["content"], record["id"])
        if first is not None:
            detail = f"the same sound as {first!r}"
            yield Rejection(record["id"], "duplicate sound", detail).record
