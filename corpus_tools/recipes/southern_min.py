"""The Taiwanese Ministry of Education's dictionary of Southern Min, with its recordings.

Today's release is a spreadsheet `kautian.ods` whose sheets 詞目 (headwords) and 例句 (example
sentences) give characters, Tâi-lô and the name of a recording, and the recordings in
`sutiau-mp3.zip` and `leku-mp3.zip`. Earlier ones had `詞目總檔.csv` (主編碼, 屬性, 詞目, 音讀) and
recordings named by the entry's number in five digits. Unpacked folders do as well as the zips.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import RecordingIndex, walk
from corpus_tools.recipes.romanised import spoken_phones
from corpus_tools.recipes.spreadsheet import read_sheet
from corpus_tools.recipes.tables import Row, each
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

SHEETS = {"詞目": "羅馬字音檔檔名", "例句": "音檔檔名"}
"""The sheets, and the column that names the recording."""
OLD_TABLE = "詞目總檔"
SUFFIXES = (".ods", ".xlsx", ".csv")
_NOTE = re.compile(r"【[^】]*】|[（(][^）)]*[）)]")


def prepare_southern_min(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read headwords and example sentences; entries without a recording of their own are passed.

    A headword with several readings was recorded in the first.

    Raises:
        CorpusError: no table, or one without its columns.
    """
    recordings = RecordingIndex(folder)
    yield from recordings.rejected
    tables = [path for path in walk(folder) if path.suffix.lower() in SUFFIXES]
    if not tables:
        raise CorpusError(f"{folder}: no table ({', '.join(SUFFIXES)}) below it")
    for table, sheet in _sheets(tables):
        old = table.stem == OLD_TABLE
        columns = ("主編碼", "詞目", "音讀") if old else ("漢字", "羅馬字", SHEETS[sheet])
        yield from each(
            (row for row in read_sheet(table, sheet, columns) if row[columns[0 if old else 2]]),
            partial(_recording_name, columns),
            partial(_utterance, corpus, recordings, columns),
        )


def _sheets(tables: list[Path]) -> Iterator[tuple[Path, str]]:
    """Tables with the sheets to read; a csv is named after its sheet, `kautian-詞目.csv`."""
    for table in tables:
        if table.suffix.lower() != ".csv":
            yield from ((table, sheet) for sheet in SHEETS)
        elif table.stem == OLD_TABLE:
            yield table, OLD_TABLE
        else:
            yield from ((table, sheet) for sheet in SHEETS if table.stem.endswith(sheet))


def _utterance(
    corpus: KnownCorpus, recordings: RecordingIndex, columns: tuple[str, ...], row: Row
) -> Utterance:
    name = _recording_name(columns, row)
    path, member = recordings.find(name)
    text, romanised = (
        (row.need("詞目"), row.need("音讀"))
        if "主編碼" in columns
        else (row.need("漢字"), row.need("羅馬字"))
    )
    romanised = _NOTE.sub("", romanised.split("/")[0]).strip()
    if not romanised:
        raise Rejected("missing field", "no romanisation but a note")
    dialect = corpus.dialect_of()
    return Utterance(
        id=name,
        audio_path=path,
        dialect=dialect,
        speaker=corpus.speaker or corpus.name,
        text=_NOTE.sub("", text).strip(),
        romanised=romanised,
        member=member,
        phones=spoken_phones(romanised, dialect),
    )


def _recording_name(columns: tuple[str, ...], row: Row) -> str:
    number = row.get("主編碼")
    return number.zfill(5) if "主編碼" in columns else row.get(columns[2])
