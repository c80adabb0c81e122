"""A file of small texts that are found by section and character without reading the rest.

The layout: `MAGIC`, the file's key (32 bytes), the number of blocks and the checksum of the index;
the index, three rows of 32-bit numbers (names, ends, checksums); then the blocks, one behind the
other, in UTF-8. Numbers are in the machine's own byte order, which `MAGIC` names: the file is a
cache and never leaves the machine.
"""

import mmap
import os
import struct
import sys
import tempfile
import zlib
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path

SECTIONS = ("about", "words", "jyutping", "simple")
"""What a block can be about; with a character (or none) it is the block's name."""

MAGIC = f"diamoe blocks 1 {sys.byteorder:6}\n".encode()
_HEAD = struct.Struct(f"={len(MAGIC)}s32sII")


class CorruptBlocks(Exception):
    """A file of blocks is damaged, of another make or compiled from other sources."""


class Blocks:
    """The blocks of one file, read where they lie.

    >>> blocks = Blocks(pack_blocks({("words", "重"): "重要", ("about", ""): "x"}, bytes(32)))
    >>> blocks.text("words", "重"), blocks.text("words", "轻")
    ('重要', '')

    Raises:
        CorruptBlocks: the head or the index is wrong, or the key is another one, if one is asked.
    """

    def __init__(self, data: bytes | mmap.mmap, key: bytes | None = None):
        if len(data) < _HEAD.size:
            raise CorruptBlocks("too short")
        magic, found, count, checksum = _HEAD.unpack_from(data)
        if magic != MAGIC or (key is not None and found != key):
            raise CorruptBlocks("of another make")
        start = _HEAD.size + 12 * count
        view = memoryview(data)
        if len(data) < start or zlib.crc32(view[_HEAD.size : start]) != checksum:
            raise CorruptBlocks("damaged index")
        index = view[_HEAD.size : start].cast("I")
        self._names, self._ends = index[:count], index[count : 2 * count]
        self._checksums = index[2 * count :]
        self._bodies = view[start:]
        if count and len(self._bodies) != self._ends[-1]:
            raise CorruptBlocks("cut short")

    def text(self, section: str, character: str = "") -> str:
        """The block's text; empty where there is no such block.

        Raises:
            CorruptBlocks: the block is damaged.
        """
        name = _name(section, character)
        place = bisect_left(self._names, name)
        if place == len(self._names) or self._names[place] != name:
            return ""
        start = self._ends[place - 1] if place else 0
        body = self._bodies[start : self._ends[place]]
        if zlib.crc32(body) != self._checksums[place]:
            raise CorruptBlocks(f"damaged block {section} {character}")
        return str(body, "utf-8")


def _name(section: str, character: str) -> int:
    return SECTIONS.index(section) << 24 | (ord(character) if character else 0)


def pack_blocks(blocks: Mapping[tuple[str, str], str], key: bytes) -> bytes:
    """The bytes of a file of blocks, by (section, character); `key` has 32 bytes."""
    named = sorted((_name(*name), text.encode()) for name, text in blocks.items())
    ends, end = [], 0
    for _, body in named:
        end += len(body)
        ends.append(end)
    numbers = [name for name, _ in named] + ends + [zlib.crc32(body) for _, body in named]
    index = struct.pack(f"={len(numbers)}I", *numbers)
    head = _HEAD.pack(MAGIC, key, len(named), zlib.crc32(index))
    return b"".join([head, index, *(body for _, body in named)])


def open_blocks(path: Path, key: bytes) -> Blocks:
    """Map a file of blocks into memory.

    Raises:
        CorruptBlocks: it is not a file of this make and key.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise CorruptBlocks("empty")
        return Blocks(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), key)


def save_blocks(path: Path, data: bytes) -> None:
    """Write packed blocks so that a reader sees the whole file or none.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(number, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
