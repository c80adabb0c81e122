"""Samples to the bytes of a sound format, piece by piece."""

import struct
from typing import Any

import numpy as np

from diamoe.errors import ConfigError

MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_FFMPEG = {  # container, codec, sample format, container's options
    "mp3": ("mp3", "libmp3lame", "s16p", {"write_xing": "0", "id3v2_version": "0"}),
    "opus": ("ogg", "libopus", "s16", {"page_duration": "100000"}),
    "aac": ("adts", "aac", "fltp", {}),
    "flac": ("flac", "flac", "s16", {}),
}


def to_pcm(wave: np.ndarray) -> bytes:
    """Samples in [-1, 1] (samples,) as 16-bit little-endian."""
    return (np.clip(wave, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def wav_header(sample_rate: int) -> bytes:
    """A RIFF header of mono 16-bit sound whose length is not known yet.

    >>> len(wav_header(24000))
    44
    """
    unknown = 0xFFFFFFFF
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", unknown, b"WAVE", b"fmt ", 16, 1, 1,
        sample_rate, 2 * sample_rate, 2, 16, b"data", unknown,
    )  # fmt: skip


class Encoder:
    """Bytes of a format, as much as is there after every push.

    Raises:
        ConfigError: the format is none of `MEDIA_TYPES`.
    """

    def __init__(self, format: str, sample_rate: int):
        if format not in MEDIA_TYPES:
            raise ConfigError(f"format {format!r}; allowed: {', '.join(MEDIA_TYPES)}")
        self.format, self.sample_rate = format, sample_rate
        self._out = _Growing()
        self._container: Any = None
        if format in _FFMPEG:
            self._open()
        elif format == "wav":
            self._out.write(wav_header(sample_rate))

    def _open(self) -> None:
        import av

        container, codec, self._kind, options = _FFMPEG[self.format]
        self._container = av.open(self._out, "w", format=container, container_options=options)
        self._stream: Any = self._container.add_stream(codec, rate=self.sample_rate)
        self._stream.layout = "mono"
        self._stream.format = self._kind

    def push(self, wave: np.ndarray) -> bytes:
        """Bytes after more samples (samples,) in [-1, 1]."""
        if self._container is None:
            self._out.write(to_pcm(wave))
            return self._out.take()
        import av

        pcm = np.frombuffer(to_pcm(wave), "<i2")[None]
        if self._kind == "fltp":
            pcm = (pcm / 32768.0).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(pcm, format=self._kind, layout="mono")
        frame.sample_rate = self.sample_rate
        self._container.mux(self._stream.encode(frame))
        return self._out.take()

    def finish(self) -> bytes:
        """The last bytes."""
        if self._container is not None:
            self._container.mux(self._stream.encode(None))
            self._container.close()
        return self._out.take()


class _Growing:
    """A file that is only written to, from its beginning to its end."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
