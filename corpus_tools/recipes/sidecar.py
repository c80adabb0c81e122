"""Recordings with their text in a `.txt` of the same name beside them, in any subfolder."""

from collections.abc import Callable, Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.phones import read_phones
from corpus_tools.recipes.recordings import recording_named, walk
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

LONGEST_TEXT = 1 << 16
"""Bytes; a longer text is not what is said in one recording."""


def prepare_sidecar(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Pair every `.txt` with the recording of its name.

    Raises:
        CorpusError: there is no text at all.
    """
    yield from _pairs(folder, lambda path: _utterance(corpus, path, " ".join(_text(path).split())))


def prepare_prompts(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """The same for texts that hold `TEXT TAB text TAB phones`; the file's name says the dialect.

    `|` between the words of a text is no part of it. The label of `chengdu_female_prompt.txt` is
    `chengdu`.

    Raises:
        CorpusError: there is no text at all.
    """
    yield from _pairs(folder, lambda path: _prompt(corpus, path))


def _pairs(folder: Path, make: Callable[[Path], Utterance]) -> Iterator[Utterance | Rejection]:
    found = False
    for path in walk(folder):
        if path.suffix != ".txt":
            continue
        found = True
        try:
            yield make(path)
        except Rejected as reason:
            yield Rejection(path.stem, reason.kind, f"{path}: {reason.detail}")
    if not found:
        raise CorpusError(f"{folder}: no .txt files")


def _utterance(corpus: KnownCorpus, path: Path, text: str) -> Utterance:
    return Utterance(
        id=path.stem,
        audio_path=recording_named(path.parent, path.stem),
        dialect=corpus.dialect_of(),
        speaker=corpus.speaker or corpus.name,
        text=text,
    )


def _prompt(corpus: KnownCorpus, path: Path) -> Utterance:
    fields = _text(path).strip().split("\t")
    if len(fields) != 3:
        raise Rejected("malformed row", f"{len(fields)} fields, expected TEXT TAB text TAB phones")
    label = path.stem.partition("_")[0]
    dialect = corpus.dialect_of(label)
    return Utterance(
        id=path.stem,
        audio_path=recording_named(path.parent, path.stem),
        dialect=dialect,
        speaker=corpus.speaker or path.stem,
        text=fields[1].replace("|", ""),
        phones=read_phones(fields[2], dialect),
        language=label,
    )


def _text(path: Path) -> str:
    data = path.read_bytes()
    if len(data) > LONGEST_TEXT:
        raise Rejected("malformed row", f"{len(data)} bytes of text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected("malformed row", f"not UTF-8 ({error})") from error
    if not text.strip():
        raise Rejected("missing field", "the transcript is empty")
    return text
