"""From a file as it was published to mono samples at 24 kHz, or a named refusal."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus_tools.audio.truncation import find_truncation
from corpus_tools.rejection import Rejected
from diamoe.audio.decode import Decoded, LongRecording, decode
from diamoe.audio.files import resample
from diamoe.errors import AudioError

SAMPLE_RATE = 24_000
"""Hz, of everything prepared."""
_SLACK = 0.1
"""Seconds by which a part may end after its recording: tables are rounded."""


@dataclass(frozen=True)
class Sound:
    """A recording as read: `wave` (samples,) at 24 kHz, untouched but for mixing and rate."""

    wave: np.ndarray
    content: str
    """Hash of the decoded samples: two recordings with one hash hold the same sound."""
    sample_rate: int
    """The file's own rate, Hz."""
    channels: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.wave) / SAMPLE_RATE


def read_sound(
    source: Path | bytes,
    longest: float | None = None,
    where: str = "",
    start: float = 0.0,
    end: float | None = None,
) -> Sound:
    """Decode a recording, or its part from `start` to `end` seconds, and mix it down.

    Args:
        source: a file, or the bytes of one inside an archive.
        longest: refuse more seconds than that, before they are decoded.
        where: what to call it in messages; the path if empty.

    Raises:
        Rejected: `missing audio`, `empty`, `not audio`, `unreadable`, `truncated` or `too long`.
    """
    where = where or (source.name if isinstance(source, Path) else "recording")
    head = _head(source, where)
    try:
        decoded = decode(source, where, start, end, longest)
    except LongRecording as error:
        raise Rejected("too long", str(error)) from error
    except AudioError as error:
        raise _not_decoded(head, where, error) from error
    _check_complete(decoded, source, where, start, end)
    mono = decoded.samples.mean(axis=1) if decoded.samples.shape[1] > 1 else decoded.samples[:, 0]
    if not np.isfinite(mono).all():
        raise Rejected("unreadable", f"{where}: samples that are not finite numbers")
    wave = resample(mono, decoded.sample_rate, SAMPLE_RATE).astype(np.float32, copy=False)
    return Sound(wave, content_hash(wave), decoded.sample_rate, decoded.samples.shape[1])


def content_hash(wave: np.ndarray) -> str:
    """A hash of samples (samples,) as 16-bit numbers, so that wav and flac of one sound agree."""
    rounded = np.clip(np.round(wave * 32768.0), -32768, 32767).astype("<i2")
    return hashlib.blake2b(rounded.tobytes(), digest_size=16).hexdigest()


def _head(source: Path | bytes, where: str) -> bytes:
    """The first bytes of a file that is there and holds something."""
    if isinstance(source, bytes):
        head = source[:512]
    elif source.is_file():
        with source.open("rb") as file:
            head = file.read(512)
    else:
        raise Rejected("missing audio", f"{where}: no such file")
    if not head:
        raise Rejected("empty", f"{where}: 0 bytes")
    return head


def _not_decoded(head: bytes, where: str, error: AudioError) -> Rejected:
    start = head.lstrip()[:64].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return Rejected("not audio", f"{where}: a web page, not a recording")
    if start.startswith(b"version https://git-lfs"):
        return Rejected("not audio", f"{where}: a Git LFS pointer; fetch the file it stands for")
    if all(b in b"\t\r\n" or 32 <= b < 127 for b in head):
        return Rejected("not audio", f"{where}: text, not a recording")
    return Rejected("unreadable", str(error))


def _check_complete(
    decoded: Decoded, source: Path | bytes, where: str, start: float, end: float | None
) -> None:
    """Refuse files without samples, cut-off files, and parts that are not inside theirs."""
    if end is not None and (end <= start or end > decoded.seconds + _SLACK):
        raise Rejected(
            "bad part", f"{where}: {start:g} to {end:g} s of a recording of {decoded.seconds:g} s"
        )
    fault = find_truncation(source) if end is None else ""
    if fault:
        raise Rejected("truncated", f"{where}: {fault}")
    if len(decoded.samples) == 0:
        raise Rejected("empty", f"{where}: the recording is empty (0 samples)")
    wanted = (decoded.seconds if end is None else min(end, decoded.seconds)) - start
    found = len(decoded.samples) / decoded.sample_rate
    if found < wanted - _SLACK:
        raise Rejected("truncated", f"{where}: {found:.2f} s of sound where {wanted:.2f} s belong")
