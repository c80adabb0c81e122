"""LJSpeech's layout: `metadata.csv` with lines `id|text` beside a folder `wavs/`."""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.sidecar import AUDIO_SUFFIXES
from corpus_tools.recipes.utterance import Utterance, audio_inside, unique
from diamoe.errors import CorpusError


def prepare_metadata(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance]:
    """Read `metadata.csv`; of `id|text|normalised text` the last field is what is read aloud.

    Raises:
        CorpusError: naming file and line.
    """
    return unique(_read(corpus, folder))


def _read(corpus: KnownCorpus, folder: Path) -> Iterator[tuple[str, Utterance]]:
    table = folder / "metadata.csv"
    if not table.is_file():
        raise CorpusError(f"{table}: no such file")
    for number, line in enumerate(table.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{table}, line {number}"
        name, *texts = line.split("|")
        if not texts or not texts[-1].strip():
            raise CorpusError(f"{where}: expected id|text, found {line!r}")
        yield (
            where,
            Utterance(
                id=name,
                audio_path=_recording(folder / "wavs", name, where),
                dialect=corpus.dialect,
                speaker=corpus.speaker or corpus.name,
                text=texts[-1].strip(),
            ),
        )


def _recording(folder: Path, name: str, where: str) -> Path:
    for suffix in AUDIO_SUFFIXES:
        if (folder / f"{name}{suffix}").is_file():
            return audio_inside(folder, f"{name}{suffix}", where)
    raise CorpusError(
        f"{where}: no recording {folder / name} with any of {', '.join(AUDIO_SUFFIXES)}"
    )
