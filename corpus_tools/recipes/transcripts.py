"""Word and syllable lists: `transcripts.tsv` beside a folder `audio/`."""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.tables import Row, each, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection

ROMANISATIONS = ("pinyin", "jyutping", "romanised")


def prepare_words(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read a list with the columns path, sentence and, for several speakers, client_id.

    Raises:
        CorpusError: no table, or one without these columns.
    """
    yield from _read(corpus, folder, ("sentence",))


def prepare_syllables(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read a list with the columns path and pinyin, jyutping or romanised (`zuo3`).

    Raises:
        CorpusError: no table, or one without these columns.
    """
    yield from _read(corpus, folder, ROMANISATIONS)


def _read(
    corpus: KnownCorpus, folder: Path, transcripts: tuple[str, ...]
) -> Iterator[Utterance | Rejection]:
    def make(row: Row) -> Utterance:
        speaker = row.get("client_id") or corpus.speaker
        if not speaker:
            raise Rejected("no speaker", "neither client_id nor a speaker in the table of corpora")
        transcript = row.need(*transcripts)
        return Utterance(
            id=Path(row["path"]).stem,
            audio_path=recording_at(folder / "audio", row.need("path")),
            dialect=corpus.dialect_of(),
            speaker=speaker,
            text="" if transcripts == ROMANISATIONS else transcript,
            romanised=transcript if transcripts == ROMANISATIONS else "",
        )

    rows = read_table(folder / "transcripts.tsv", ("path", "|".join(transcripts)))
    yield from each(rows, lambda row: Path(row["path"]).stem, make)
