"""MagicData (OpenSLR 68): `{train,dev,test}/TRANS.txt` beside `SPEAKER/UTTERANCE.wav`.

Lhotse's `prepare_magicdata` holds all transcripts and recordings and deletes the marks of noise
and fillers from the text while the noise is heard; rows with such marks are rejected here.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.tables import Row, each, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

PARTS = ("train", "dev", "test")
COLUMNS = ("UtteranceID", "SpeakerID", "Transcription")


def prepare_magicdata(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read the parts.

    Raises:
        CorpusError: none has a `TRANS.txt`, or one lacks a column.
    """
    tables = [folder / part / "TRANS.txt" for part in corpus.parts or PARTS]
    there = [table for table in tables if table.is_file()]
    if not there:
        raise CorpusError(f"{folder}: none of {', '.join(str(t) for t in tables)}")
    for table in there:
        yield from each(
            read_table(table, COLUMNS),
            lambda row: Path(row["UtteranceID"]).stem,
            partial(_utterance, corpus, table.parent),
        )


def _utterance(corpus: KnownCorpus, part: Path, row: Row) -> Utterance:
    name, speaker = row.need("UtteranceID"), row.need("SpeakerID")
    text = row.need("Transcription")
    if "[" in text:
        raise Rejected("noise mark", text)
    return Utterance(
        id=Path(name).stem,
        audio_path=recording_at(part, f"{speaker}/{name}"),
        dialect=corpus.dialect_of(),
        speaker=speaker,
        text=text,
    )
