"""Multilingual LibriSpeech: `{train,dev,test}/transcripts.txt` beside `audio/SPEAKER/BOOK/`.

Lines are `SPEAKER_BOOK_NUMBER TAB text`. (`segments.txt` says where in the audiobook a recording
was cut; it is cut already.) Lhotse's `prepare_mls` opens every recording and holds all of them.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import recording_named
from corpus_tools.recipes.tables import Row, each, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

PARTS = ("train", "dev", "test")


def prepare_mls(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read one language's folder, `mls_german` or `mls_german_opus`.

    Raises:
        CorpusError: none of the parts has transcripts.
    """
    tables = [folder / part / "transcripts.txt" for part in corpus.parts or PARTS]
    there = [table for table in tables if table.is_file()]
    if not there:
        raise CorpusError(f"{folder}: none of {', '.join(str(t) for t in tables)}")
    for table in there:
        rows = read_table(table, (), header=("id", "text"))
        yield from each(
            rows,
            lambda row: row["id"],
            partial(_utterance, corpus, table.parent / "audio"),
        )


def _utterance(corpus: KnownCorpus, audio: Path, row: Row) -> Utterance:
    name = row.need("id")
    parts = name.split("_")
    if len(parts) != 3:
        raise Rejected("malformed row", f"id {name!r}, expected SPEAKER_BOOK_NUMBER")
    return Utterance(
        id=name,
        audio_path=recording_named(audio, f"{parts[0]}/{parts[1]}/{name}"),
        dialect=corpus.dialect_of(),
        speaker=parts[0],
        text=row.need("text"),
    )
