"""Recordings with their text in a `.txt` of the same name beside them, in any subfolder."""

from collections.abc import Iterator
from pathlib import Path

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.utterance import Utterance, unique
from diamoe.errors import CorpusError

AUDIO_SUFFIXES = (".opus", ".ogg", ".flac", ".wav", ".mp3")


def prepare_sidecar(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance]:
    """Pair every `.txt` with the recording of its name.

    Raises:
        CorpusError: a text without a recording, an empty text, or no text at all.
    """
    return unique(_read(corpus, folder))


def _read(corpus: KnownCorpus, folder: Path) -> Iterator[tuple[str, Utterance]]:
    texts = sorted(folder.rglob("*.txt"))
    if not texts:
        raise CorpusError(f"{folder}: no .txt files")
    for path in texts:
        text = " ".join(path.read_text(encoding="utf-8-sig").split())
        if not text:
            raise CorpusError(f"{path}, line 1: empty transcript")
        audio = next((a for s in AUDIO_SUFFIXES if (a := path.with_suffix(s)).is_file()), None)
        if audio is None:
            raise CorpusError(
                f"{path}: no recording of that name with any of {', '.join(AUDIO_SUFFIXES)}"
            )
        speaker = corpus.speaker or corpus.name
        yield str(path), Utterance(path.stem, audio, corpus.dialect, speaker, text=text)
