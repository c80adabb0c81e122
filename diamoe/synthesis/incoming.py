"""Text that is still being written: handed on as soon as a stretch of it can be spoken."""

import queue
import threading
from collections.abc import Iterable, Iterator

from diamoe.cancelling import Cancelled

_ENDS = "。？！；…!?;\n"
_PAUSES = "，、：,"
_LATIN_ENDS = ".:"
FIRST_CHARACTERS = 4
"""A first stretch of at least so many characters is handed on at a comma already."""
LONG_CHARACTERS = 40
"""Later stretches end with a sentence, and at a comma only from this length on."""
_POLL = 0.02
_OPENING, _CLOSING = "{[", "}]"


def stretches(parts: Iterable[str]) -> Iterator[str]:
    """The text of `parts` in stretches that end with a sentence or a phrase.

    >>> list(stretches(["今天天气很", "好，我们出", "去走走。好不", "好？"]))
    ['今天天气很好，', '我们出去走走。', '好不好？']

    SSML is one stretch, given pronunciations are never cut.
    """
    buffer, first = "", True
    for part in parts:
        buffer += part
        while not buffer.lstrip().startswith("<speak"):
            end = _end(buffer, FIRST_CHARACTERS if first else LONG_CHARACTERS)
            if not end:
                break
            yield buffer[:end]
            buffer, first = buffer[end:], False
    if buffer.strip():
        yield buffer


def _end(text: str, comma_from: int) -> int:
    """Where the first stretch ends; 0 if it is not yet complete."""
    depth = 0
    for i, character in enumerate(text):
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth > 0:
            continue
        if character in _ENDS or (character in _PAUSES and i >= comma_from):
            return i + 1
        if character in _LATIN_ENDS and text[i + 1 : i + 2].isspace():
            return i + 1
    return 0


def read_ahead(parts: Iterable[str], cancel: threading.Event | None) -> Iterator[str]:
    """The same parts, read in a thread of their own, so that waiting for them can be cancelled.

    Raises:
        Cancelled: `cancel` was set; what the reader raises, too.
    """
    waiting: queue.Queue[tuple[str, str | BaseException | None]] = queue.Queue(maxsize=64)
    stop = threading.Event()

    def put(item: tuple[str, str | BaseException | None]) -> None:
        while not stop.is_set():
            try:
                return waiting.put(item, timeout=_POLL)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for part in parts:
                put(("part", part))
                if stop.is_set():
                    return
            put(("end", None))
        except BaseException as error:  # handed to the reader's caller
            put(("error", error))

    threading.Thread(target=read, daemon=True, name="text").start()
    try:
        while True:
            if cancel is not None and cancel.is_set():
                raise Cancelled("cancelled while waiting for text")
            try:
                kind, value = waiting.get(timeout=_POLL)
            except queue.Empty:
                continue
            if isinstance(value, BaseException):
                raise value
            if not isinstance(value, str):
                return
            yield value
    finally:
        stop.set()
