"""LJSpeech's layout: `metadata.csv` with lines `id|text` beside a folder `wavs/`.

Lhotse's `prepare_ljspeech` wants exactly three fields and wav files, and holds the whole corpus;
the corpora that came after LJSpeech have two fields, and any sound format.
"""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import recording_named
from corpus_tools.recipes.tables import read_lines
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection


def prepare_metadata(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read `metadata.csv`; of `id|text|normalised text` the last field is what is read aloud.

    Raises:
        CorpusError: there is no such table.
    """
    table = folder / "metadata.csv"
    for number, line in read_lines(table):
        if isinstance(line, Rejection):
            yield line
            continue
        name, *texts = line.split("|")
        try:
            if not texts or not texts[-1].strip():
                raise Rejected("malformed row", f"expected id|text, found {line!r}")
            yield Utterance(
                id=name,
                audio_path=recording_named(folder / "wavs", name),
                dialect=corpus.dialect_of(),
                speaker=corpus.speaker or corpus.name,
                text=texts[-1].strip(),
            )
        except Rejected as reason:
            yield Rejection(name, reason.kind, f"{table}, line {number}: {reason.detail}")
