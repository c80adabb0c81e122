"""The seed project's training files: `id TAB text TAB phones`, and the audio they belong to.

The files name no folder: a recording is found by its id anywhere below the corpus, as the seed
project's own preparation does, and by its id alone.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.phones import read_phones
from corpus_tools.recipes.recordings import AUDIO_SUFFIXES, RecordingIndex
from corpus_tools.recipes.tables import Row, each, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejection
from diamoe.errors import CorpusError


def prepare_seed(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read the `.txt` files in the folder (or the `parts` named); a file's name is its label.

    Phones must be in the vocabulary, after taking the seed's brackets off.

    Raises:
        CorpusError: there is no such file.
    """
    tables = [folder / part for part in corpus.parts] or sorted(folder.glob("*.txt"))
    if not tables:
        raise CorpusError(f"{folder}: no .txt files")
    recordings = RecordingIndex(folder)
    yield from recordings.rejected
    for table in tables:
        yield from each(
            read_table(table, (), header=("id", "text", "phones")),
            _name,
            partial(_utterance, corpus, recordings, table.stem),
        )


def _utterance(corpus: KnownCorpus, recordings: RecordingIndex, label: str, row: Row) -> Utterance:
    dialect = corpus.dialect_of(label)
    path, member = recordings.find(_name(row))
    return Utterance(
        id=_name(row),
        audio_path=path,
        dialect=dialect,
        speaker=corpus.speaker or corpus.name,
        text=row.need("text"),
        member=member,
        phones=read_phones(row.need("phones"), dialect),
        language=label,
    )


def _name(row: Row) -> str:
    name = row["id"].strip()
    return Path(name).stem if name.lower().endswith(AUDIO_SUFFIXES) else name
