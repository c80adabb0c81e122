"""Whether a sound file ends before its end, from its container alone.

Decoders play what is there of a file whose download broke off; the transcript is then longer than
the sound. Each format says in its own way how long it was to be.
"""

import io
import os
from pathlib import Path
from typing import BinaryIO

_STREAMED = (0, 0xFFFFFFFF)
"""Lengths that a program writes into a wav file when it cannot know them."""
_OGG_TAIL = 65_536 + 512
"""An Ogg page is never longer, bytes."""
_BITRATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""kbit/s by MPEG version (1, or 2 and 2.5) and layer; layer 3 of version 2 is as layer 2."""
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Hz by the version bits of the header."""


def find_truncation(source: Path | bytes) -> str:
    """What shows that a wav, ogg or mp3 file was cut off; empty if nothing does."""
    if isinstance(source, bytes):
        return _find(io.BytesIO(source), len(source))
    with source.open("rb") as file:
        return _find(file, os.fstat(file.fileno()).st_size)


def _find(file: BinaryIO, size: int) -> str:
    head = file.read(12)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _wav(file, size)
    if head[:4] == b"OggS":
        return _ogg(file, size)
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        file.seek(0)
        return _mp3(file.read())
    return ""


def _wav(file: BinaryIO, size: int) -> str:
    position = 12
    while position + 8 <= size:
        file.seek(position)
        chunk = file.read(8)
        length = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"data":
            left = size - position - 8
            if length in _STREAMED or length <= left + 1:
                return ""
            return f"{left} bytes of sound, the header says {length}"
        position += 8 + length + length % 2
    return "no sound in it"


def _ogg(file: BinaryIO, size: int) -> str:
    file.seek(max(0, size - _OGG_TAIL))
    tail = file.read()
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 27:
        return "its last Ogg page is missing"
    segments = tail[page + 27 : page + 27 + tail[page + 26]]
    if len(tail) < page + 27 + tail[page + 26] + sum(segments):
        return "its last Ogg page is not complete"
    return "" if tail[page + 5] & 4 else "no Ogg page marks its end"


def _mp3(data: bytes) -> str:
    """Walk from frame to frame; the last must be whole, and all that Xing's header counts there."""
    end = len(data) - (128 if data[-128:-125] == b"TAG" else 0)
    position = _after_id3(data)
    frames, expected = -1, 0
    while position + 4 <= end:
        length = _mp3_frame(data[position : position + 4])
        if not length:
            return ""  # padding, or a tag that is not known: nothing can be said
        if frames < 0:
            expected = _xing_frames(data[position : position + 200])
            frames = -1 if expected else 0
        frames += 1
        if position + length > end:
            return f"its last frame lacks {position + length - end} bytes"
        position += length
    if expected and frames < expected:
        return f"{frames} frames of sound, its header says {expected}"
    return ""


def _after_id3(data: bytes) -> int:
    if data[:3] != b"ID3":
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _mp3_frame(header: bytes) -> int:
    """Length of the frame with this header, bytes; 0 if it is none."""
    if header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, bitrate_index = header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or layer == 4 or rate_index == 3 or bitrate_index in (0, 15):
        return 0
    table = _BITRATES[1 if version == 3 else 2, layer if version == 3 else min(layer, 2)]
    bits, rate = table[bitrate_index] * 1000, _RATES[version][rate_index]
    padding = header[2] >> 1 & 1
    if layer == 1:
        return (12 * bits // rate + padding) * 4
    samples = 1152 if version == 3 or layer == 2 else 576
    return samples // 8 * bits // rate + padding


def _xing_frames(frame: bytes) -> int:
    """How many frames an encoder's first, silent frame announces; 0 if it says nothing."""
    for mark in (b"Xing", b"Info"):
        place = frame.find(mark, 4)
        if place >= 0 and frame[place + 7] & 1:
            return int.from_bytes(frame[place + 8 : place + 12], "big")
    return 0
