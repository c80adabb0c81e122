"""Speech to build few-file copies of published corpora from: the teacher's, and people's."""

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.layouts import LAYOUTS
from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejection

RATE = 24_000
FORMATS = {"wav": "WAV", "flac": "FLAC", "mp3": "MP3", "ogg": "OGG", "opus": "OGG"}


@dataclass(frozen=True)
class Speech:
    """A few spoken recordings, (samples,) at 24 kHz each."""

    waves: tuple[np.ndarray, ...]

    def encoded(self, suffix: str, index: int = 0) -> bytes:
        """One of them as a file of that kind."""
        buffer = io.BytesIO()
        subtype = "OPUS" if suffix == "opus" else None
        wave = self.waves[index % len(self.waves)]
        soundfile.write(buffer, wave, RATE, format=FORMATS[suffix], subtype=subtype)
        return buffer.getvalue()

    def write(self, path: Path, index: int = 0) -> None:
        """The same as a file on disk."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.encoded(path.suffix[1:], index))


@pytest.fixture(
    scope="session", params=["teacher", pytest.param("people", marks=pytest.mark.shared)]
)
def speech(request: pytest.FixtureRequest) -> Speech:
    """Three recordings of the teacher, or of people."""
    if request.param == "people":
        folder = request.getfixturevalue("shared") / "data" / "deu_kerstin" / "wavs"
        paths = sorted(folder.iterdir())[:3]
        return Speech(tuple(soundfile.read(path, dtype="float32")[0] for path in paths))
    pytest.importorskip("pyworld")
    pytest.importorskip("espeakng_loader")
    from corpus_tools.teacher import get_voice, speak
    from diamoe.text.frontend import Frontend

    frontend, voice = Frontend("chengdu"), get_voice("teacher_f1")
    return Speech(
        tuple(speak(frontend(t), voice).samples for t in ("你好。", "吃饭了没得？", "要得！"))
    )


@dataclass(frozen=True)
class Read:
    """What a reader gave: utterances by id, and the kind of every rejection by its id."""

    found: dict[str, Utterance]
    rejected: dict[str, str]
    details: dict[str, str]


def read_rows(rows: Iterable[Utterance | Rejection]) -> Read:
    """Sort rows; the sound of every utterance must be there."""
    rows = list(rows)
    found = {row.id: row for row in rows if isinstance(row, Utterance)}
    for utterance in found.values():
        wave, rate = soundfile.read(open_audio(utterance), dtype="float32")
        last = round((utterance.end or len(wave) / rate) * rate)
        assert np.abs(wave[round(utterance.start * rate) : last]).max() > 0.01, utterance
    rejections = [row for row in rows if isinstance(row, Rejection)]
    return Read(found, {r.id: r.kind for r in rejections}, {r.id: r.detail for r in rejections})


@pytest.fixture
def read() -> Callable[..., Read]:
    """Reads a folder with a layout's reader: `read("mls", folder, dialect="german")`."""

    def run(layout: str, folder: Path, dialect: str = "putonghua", **entry: Any) -> Read:
        corpus = KnownCorpus("corpus", layout, dialect, "CC0-1.0", "nobody", **entry)
        return read_rows(LAYOUTS[layout](corpus, folder))

    return run


def write_lines(path: Path, *lines: str) -> None:
    """A text file of these lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.fixture
def write() -> Callable[..., None]:
    """The function `write_lines`."""
    return write_lines
