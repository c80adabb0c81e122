"""Reading and writing sound files."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from diamoe.errors import AudioError


def read_audio(path: str | Path, sample_rate: int | None = None) -> tuple[np.ndarray, int]:
    """Read a recording as mono float32 in [-1, 1], resampled if `sample_rate` is given.

    libsndfile cannot open some very short Ogg Opus files that ffmpeg can, so ffmpeg, where it is
    installed, is asked before a file is called unreadable.

    Returns:
        samples `(n,)` and their rate in Hz.

    Raises:
        AudioError: the file is missing, empty or not audio.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        decoded = _decode_with_ffmpeg(path)
        if decoded is None:
            raise AudioError(f"{path}: not a readable audio file ({error})") from error
        samples, rate = decoded
    if len(samples) == 0:
        raise AudioError(f"{path}: the recording is empty (0 samples)")
    mono = samples.mean(axis=1)
    if sample_rate is not None and rate != sample_rate:
        import librosa

        mono = librosa.resample(mono, orig_sr=rate, target_sr=sample_rate)
        rate = sample_rate
    return np.ascontiguousarray(mono, dtype=np.float32), rate


def _decode_with_ffmpeg(path: Path) -> tuple[np.ndarray, int] | None:
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        return None
    run = subprocess.run(
        [ffmpeg, "-v", "error", "-i", str(path), "-f", "wav", "-"], capture_output=True, check=False
    )
    if run.returncode != 0 or not run.stdout:
        return None
    return soundfile.read(io.BytesIO(run.stdout), dtype="float32", always_2d=True)


def write_audio(
    target: str | Path | BinaryIO, samples: np.ndarray, sample_rate: int, format: str | None = None
) -> None:
    """Write mono samples in [-1, 1]; the format follows the file name unless given.

    Raises:
        AudioError: the format is unknown or the file cannot be written.
    """
    if isinstance(target, str | Path):
        Path(target).parent.mkdir(parents=True, exist_ok=True)
    try:
        soundfile.write(target, samples, sample_rate, format=format)
    except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
        raise AudioError(f"cannot write audio to {target}: {error}") from error
