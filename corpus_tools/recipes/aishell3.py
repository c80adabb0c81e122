"""AISHELL-3: `{train,test}/content.txt` with every character's pinyin, beside `wav/SPEAKER/`.

Lhotse's `prepare_aishell3` loses the pinyin (it takes it from the text that it has joined) and
holds the whole corpus; the pinyin is what this corpus is for.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.lookup import Lookup
from corpus_tools.recipes.recordings import recording_at
from corpus_tools.recipes.romanised import spoken_phones
from corpus_tools.recipes.tables import Row, each, read_lines, read_table
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

PARTS = ("train", "test")
SPEAKER_LETTERS = 7
"""`SSB0005` of `SSB00050001.wav`."""
_PINYIN = re.compile(r"[a-zü:]+[1-5]$")


def prepare_aishell3(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read both parts; the label is the speaker's accent in `spk-info.txt` (north, south, others).

    Raises:
        CorpusError: neither part has a `content.txt`.
    """
    tables = [folder / part / "content.txt" for part in corpus.parts or PARTS]
    there = [table for table in tables if table.is_file()]
    if not there:
        raise CorpusError(f"{folder}: none of {', '.join(str(t) for t in tables)}")
    accents = Lookup(_accents(folder / "spk-info.txt"))
    for table in there:
        rows = read_table(table, (), header=("file", "content"))
        yield from each(
            rows,
            lambda row: Path(row["file"]).stem,
            partial(_utterance, corpus, table.parent / "wav", accents),
        )


def _utterance(corpus: KnownCorpus, wav: Path, accents: Lookup, row: Row) -> Utterance:
    name = row.need("file")
    speaker = name[:SPEAKER_LETTERS]
    text, pinyin = split_content(row.need("content"))
    label = accents.get(speaker)
    dialect = corpus.dialect_of(label)
    return Utterance(
        id=Path(name).stem,
        audio_path=recording_at(wav, f"{speaker}/{name}"),
        dialect=dialect,
        speaker=speaker,
        text=text,
        romanised=pinyin,
        phones=spoken_phones(pinyin, dialect),
        language=label,
    )


def split_content(content: str) -> tuple[str, str]:
    """Characters and their pinyin.

    >>> split_content("广 guang3 州 zhou1 女 nv3")
    ('广州女', 'guang3 zhou1 nv3')

    Raises:
        Rejected: something is neither, or a character has no pinyin.
    """
    tokens = content.split()
    pinyin = [token for token in tokens if _PINYIN.match(token)]
    characters = [token for token in tokens if not token.isascii()]
    if len(pinyin) + len(characters) != len(tokens) or not pinyin:
        raise Rejected("malformed row", f"expected characters and pinyin in turn: {content!r}")
    if len(characters) < len(pinyin):
        raise Rejected("malformed row", f"more syllables than characters: {content!r}")
    return "".join(characters), " ".join(pinyin)


def _accents(path: Path) -> Iterator[tuple[str, str]]:
    """Speaker and accent; lines are `speaker TAB age TAB gender TAB accent`."""
    for _, line in read_lines(path) if path.is_file() else ():
        if isinstance(line, str) and not line.startswith("#"):
            fields = line.split("\t")
            yield fields[0].strip(), fields[3].strip() if len(fields) > 3 else ""
