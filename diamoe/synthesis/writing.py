"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from diamoe.audio.files import write_audio
from diamoe.errors import AudioError, DiamoeError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; it becomes `path` at the end, or nothing if that fails.

    Raises:
        DiamoeError: it cannot be written (no room, no permission); nothing is left behind.
    """
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise DiamoeError(f"cannot write {path}: {error.strerror or error}") from error


def write_sound(path: str | Path, wave: np.ndarray, sample_rate: int) -> None:
    """Write a sound file; the format follows its name.

    Raises:
        AudioError: the format is unknown.
        DiamoeError: it cannot be written.
    """
    path = Path(path)
    if path.suffix.lstrip(".").upper() not in soundfile.available_formats():
        raise AudioError(
            f"{path}: sound files end in .wav, .flac, .ogg or .mp3; found {path.suffix!r}"
        )
    with whole(path) as part:
        write_audio(part, wave, sample_rate)


def write_text(path: str | Path, text: str) -> None:
    """Write a text file.

    Raises:
        DiamoeError: it cannot be written.
    """
    with whole(Path(path)) as part:
        part.write_text(text, encoding="utf-8")
