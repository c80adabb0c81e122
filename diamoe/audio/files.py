"""Reading and writing sound files."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile

from diamoe.audio.decode import decode
from diamoe.errors import AudioError


def read_audio(path: str | Path, sample_rate: int | None = None) -> tuple[np.ndarray, int]:
    """Read a recording as mono float32 in [-1, 1], resampled if `sample_rate` is given.

    Returns:
        samples `(n,)` and their rate in Hz.

    Raises:
        AudioError: the file is missing, empty or not audio.
    """
    path = Path(path)
    if not path.is_file():
        raise AudioError(f"{path}: no such file")
    decoded = decode(path)
    samples, rate = decoded.samples, decoded.sample_rate
    if len(samples) == 0:
        raise AudioError(f"{path}: the recording is empty (0 samples)")
    mono = samples.mean(axis=1)
    if sample_rate is not None and rate != sample_rate:
        mono = resample(mono, rate, sample_rate)
        rate = sample_rate
    return np.ascontiguousarray(mono, dtype=np.float32), rate


def resample(wave: np.ndarray, source: int, target: int) -> np.ndarray:
    """`wave` (samples,) from one rate in Hz to another; the same if they are equal."""
    if source == target:
        return wave
    import soxr  # heavy, and most recordings have the right rate

    resampled: np.ndarray = soxr.resample(wave, source, target, quality="HQ")
    return resampled


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
