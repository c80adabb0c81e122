"""Sound files of any kind to samples: libsndfile first, then FFmpeg's libraries (PyAV)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from diamoe.errors import AudioError


@dataclass(frozen=True)
class Decoded:
    """Samples (samples, channels) at `sample_rate` Hz; the file says it lasts `seconds`."""

    samples: np.ndarray
    sample_rate: int
    seconds: float


class LongRecording(AudioError):
    """A recording is longer than what was asked for."""


def decode(
    source: Path | bytes,
    where: str = "",
    start: float = 0.0,
    end: float | None = None,
    longest: float | None = None,
) -> Decoded:
    """Samples of a recording, or of its part from `start` to `end` seconds.

    libsndfile knows wav, flac, ogg, mp3; it cannot open m4a, nor some very short Ogg Opus files.
    What it refuses is given to FFmpeg's libraries before it is called unreadable. Whole Ogg Opus
    files go there first, for these decode them three times as fast.

    Args:
        where: name in messages; the path if empty.
        longest: a longer part is refused before it is decoded, seconds.

    Raises:
        LongRecording: the part is longer than `longest`.
        AudioError: not audio, or corrupt.
    """
    where = where or (str(source) if isinstance(source, Path) else f"{len(source)} bytes")
    whole = not start and end is None
    first, second = (_by_av, _by_soundfile) if whole and _is_opus(source) else _IN_TURN
    try:
        return first(source, where, start, end, longest)
    except _Refused:
        try:
            return second(source, where, start, end, longest)
        except _Refused as error:
            raise AudioError(f"{where}: not a readable audio file ({error})") from error


class _Refused(Exception):
    """One decoder cannot read a file; the other may."""


def _is_opus(source: Path | bytes) -> bool:
    if isinstance(source, bytes):
        head = source[:64]
    else:
        with source.open("rb") as file:
            head = file.read(64)
    return head.startswith(b"OggS") and b"OpusHead" in head


def _by_soundfile(
    source: Path | bytes, where: str, start: float, end: float | None, longest: float | None
) -> Decoded:
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with soundfile.SoundFile(file) as sound:
            rate, total = sound.samplerate, sound.frames
            first = round(start * rate)
            last = total if end is None else min(total, round(end * rate))
            _check_length(where, (last - first) / rate, longest)
            if first:
                sound.seek(min(first, total))
            samples = sound.read(max(0, last - first), dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise _Refused(str(error)) from error
    return Decoded(samples, rate, total / rate)


def _by_av(
    source: Path | bytes, where: str, start: float, end: float | None, longest: float | None
) -> Decoded:
    try:
        import av
    except ModuleNotFoundError as error:
        raise _Refused(
            "PyAV, which knows more formats, is not installed: pip install 'diamoe[voices]'"
        ) from error

    file: Any = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with av.open(file, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise _Refused("no sound in it")
            seconds = (container.duration or 0) / av.time_base
            stop = seconds if end is None else min(end, seconds)
            _check_length(where, stop - start, longest)
            rate = container.streams.audio[0].rate
            parts = list(_av_frames(container, rate, end, longest))
    except (av.error.FFmpegError, ValueError) as error:
        raise _Refused(str(error)) from error
    samples = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
    last = None if end is None else round(end * rate)
    return Decoded(samples[round(start * rate) : last], rate, seconds or len(samples) / rate)


def _av_frames(
    container: Any, rate: int, end: float | None, longest: float | None
) -> Iterator[np.ndarray]:
    """Decoded frames (samples, channels); stops past `end`, or a little past `longest`."""
    import av

    resampler = av.AudioResampler(format="fltp")
    limit = end if end is not None else (None if longest is None else longest + 1)
    count = 0
    for frame in container.decode(audio=0):
        for piece in resampler.resample(frame):
            samples = piece.to_ndarray().T
            yield samples
            count += len(samples)
        if limit is not None and count >= limit * rate:
            return


_IN_TURN = (_by_soundfile, _by_av)


def _check_length(where: str, seconds: float, longest: float | None) -> None:
    if longest is not None and seconds > longest:
        raise LongRecording(f"{where}: {seconds:.1f} s, at most {longest:g} s are read at once")
