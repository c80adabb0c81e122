"""Mozilla Common Voice, any release: `LOCALE/{validated,train,...}.tsv` beside `clips/`.

Releases differ in their columns (`accent` became `accents`, `variant` came later) and the first
left `.mp3` out of the names. Lhotse's `prepare_commonvoice` knows the columns of one release and
neither yue, zh-HK, nan-tw nor fy-NL, opens every clip, and skips those that are missing.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.romanised import spoken_phones
from corpus_tools.recipes.tables import Row, each, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

TABLES = ("validated", "train")
"""Tables to read, where the table of corpora names none: the first that is there."""
_TAILO = re.compile(r"^(.*?)\s*[(（]([^()（）]*)[)）]\s*$")


def prepare_commonvoice(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read one locale's folder.

    A row's label is its variant, accents or locale, whichever `dialects` names. Rows that more
    listeners voted down than up are rejected. Sentences of nan-tw have their Tâi-lô in brackets,
    which gives the phones.

    Raises:
        CorpusError: no table, or one without path, sentence and client_id.
    """
    tables = [folder / f"{part.removesuffix('.tsv')}.tsv" for part in corpus.parts or TABLES]
    there = [table for table in tables if table.is_file()]
    if not there:
        raise CorpusError(f"{folder}: none of {', '.join(t.name for t in tables)}")
    for table in there if corpus.parts else there[:1]:
        rows = read_table(table, ("path", "sentence", "client_id"))
        make = partial(_utterance, corpus, folder)
        yield from each(rows, lambda row: Path(row["path"]).stem, make)


def _utterance(corpus: KnownCorpus, folder: Path, row: Row) -> Utterance:
    up, down = (_votes(row, column) for column in ("up_votes", "down_votes"))
    if down > up:
        raise Rejected("voted down", f"{up} for, {down} against")
    name = row.need("path")
    labels = [label for c in ("variant", "accents", "accent", "locale") if (label := row.get(c))]
    dialect = corpus.dialect_of(*labels)
    sentence = row.need("sentence")
    text, romanised = _split_tailo(sentence) if dialect == "hokkien" else (sentence, "")
    return Utterance(
        id=Path(name).stem,
        audio_path=recording_at(folder / "clips", name if Path(name).suffix else f"{name}.mp3"),
        dialect=dialect,
        speaker=row.need("client_id"),
        text=text,
        romanised=romanised,
        phones=spoken_phones(romanised, dialect) if romanised else "",
        language=labels[0] if labels else "",
    )


def _votes(row: Row, column: str) -> int:
    given = row.get(column) or "0"
    if not given.isdecimal():
        raise Rejected("malformed row", f"{column} is {given!r}, expected a number")
    return int(given)


def _split_tailo(sentence: str) -> tuple[str, str]:
    """Characters and romanisation.

    >>> _split_tailo("壁虎 (siān-thâng-á)")
    ('壁虎', 'siān-thâng-á')
    """
    match = _TAILO.match(sentence)
    return (match[1], match[2].strip()) if match and match[1] else (sentence, "")
