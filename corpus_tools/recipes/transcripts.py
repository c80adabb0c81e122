"""Word and syllable lists: `transcripts.tsv` beside a folder `audio/`."""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.utterance import Utterance, audio_inside, unique
from diamoe.errors import CorpusError

ROMANISATIONS = ("pinyin", "jyutping", "romanised")


def prepare_words(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance]:
    """Read a list with the columns path, sentence and, for several speakers, client_id.

    Raises:
        CorpusError: naming file and line.
    """
    return unique(_read(corpus, folder, ("sentence",)))


def prepare_syllables(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance]:
    """Read a list with the columns path and pinyin, jyutping or romanised (`zuo3`).

    Raises:
        CorpusError: naming file and line.
    """
    return unique(_read(corpus, folder, ROMANISATIONS))


def _read(
    corpus: KnownCorpus, folder: Path, transcript_columns: tuple[str, ...]
) -> Iterator[tuple[str, Utterance]]:
    table = folder / "transcripts.tsv"
    for where, row in read_tsv(table):
        column = next((c for c in transcript_columns if c in row), None)
        if column is None or "path" not in row:
            raise CorpusError(
                f"{table}, line 1: found columns {', '.join(row)}; "
                f"needs path and {' or '.join(transcript_columns)}"
            )
        speaker = row.get("client_id") or corpus.speaker
        if not speaker:
            raise CorpusError(f"{where}: no speaker: neither client_id nor a speaker in the table")
        transcript = row[column].strip()
        if not transcript:
            raise CorpusError(f"{where}: column {column} is empty")
        yield (
            where,
            Utterance(
                id=Path(row["path"]).stem,
                audio_path=audio_inside(folder / "audio", row["path"], where),
                dialect=corpus.dialect,
                speaker=speaker,
                text=transcript if column == "sentence" else "",
                romanised="" if column == "sentence" else transcript,
            ),
        )


def read_tsv(table: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows of a tab-separated table with a header, each with its place (`FILE, line N`).

    Raises:
        CorpusError: no such file, not UTF-8, or a line with more or fewer fields than the header.
    """
    if not table.is_file():
        raise CorpusError(f"{table}: no such file")
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise CorpusError(f"{table}: not UTF-8 ({error})") from error
    if not lines:
        raise CorpusError(f"{table}: empty file")
    header = lines[0].split("\t")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        values = line.split("\t")
        if len(values) != len(header):
            raise CorpusError(
                f"{table}, line {number}: {len(values)} tab-separated fields, "
                f"the header has {len(header)} ({', '.join(header)})"
            )
        yield f"{table}, line {number}", dict(zip(header, values, strict=True))
