"""What is to be said, and the pieces that it is spoken in."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from diamoe.errors import EmptyText, TextError
from diamoe.synthesis.incoming import read_ahead, stretches
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import (
    PHONES_A_SECOND,
    STREAM_SECONDS,
    Piece,
    script_pieces,
)
from diamoe.text.frontend import Frontend, Script

LONGEST_TEXT = 100_000
"""Characters that are spoken as one speech, about seven hours of it held in memory."""
LONG_TEXT = 2_000
"""Characters from which on a stream reads its text a sentence at a time."""


@dataclass(frozen=True)
class Request:
    """One thing to say: a text of `dialect`, or a `Script` that was made of one."""

    text: str | Script
    dialect: str = "putonghua"
    voice: str | None = None
    options: SynthesisOptions | None = None
    adapter: str | None = None
    """An adapter of the bundle that it goes through; None for what `using` says."""

    def pieces(self) -> Iterator[Piece]:
        """What it is spoken in.

        Raises:
            UnknownDialect, EmptyText, UnreadableText: what cannot be spoken, and where.
            TextError: a text of more than `LONGEST_TEXT` characters.
        """
        script = self.text
        if isinstance(script, str):
            script = frontend(self.dialect).script(checked_length(script))
        options = self.options or SynthesisOptions()
        return script_pieces(script, longest(options.chunk_seconds, options))


def checked_length(text: str) -> str:
    """The text, if it can be one speech.

    Raises:
        TextError: it has more than `LONGEST_TEXT` characters.
    """
    if len(text) > LONGEST_TEXT:
        raise TextError(
            f"the text has {len(text)} characters, at most {LONGEST_TEXT} are spoken as one: "
            "stream it, or speak its lines one by one (--lines)"
        )
    return text


@lru_cache(maxsize=32)
def frontend(dialect: str) -> Frontend:
    """The front-end of a dialect, made once."""
    return Frontend(dialect)


def longest(seconds: float, options: SynthesisOptions) -> int:
    """Tokens that last about so long."""
    return max(1, int(seconds * PHONES_A_SECOND * options.speed))


def stream_scripts(
    text: str | Iterable[str], front: Frontend, cancel: threading.Event | None
) -> Iterator[Script]:
    """Scripts of a text that is streamed: a whole one is read at once unless it is long, one that
    is still being written as it comes, until `cancel` is set.

    Raises:
        TextError: what cannot be spoken; of a long or unwritten text, when it is reached.
    """
    if not isinstance(text, str):
        return incoming_scripts(read_ahead(text, cancel), front)
    return incoming_scripts([text], front) if len(text) > LONG_TEXT else iter([front.script(text)])


def incoming_scripts(parts: Iterable[str], front: Frontend) -> Iterator[Script]:
    """Scripts of what can be spoken of a text that is still being written.

    Raises:
        EmptyText: nothing in all of it can be spoken.
    """
    spoken = False
    for stretch in stretches(parts):
        try:
            yield front.script(stretch)
            spoken = True
        except EmptyText:  # marks alone say nothing, unless there is nothing else
            continue
    if not spoken:
        raise EmptyText("nothing to speak in the text")


def stream_pieces(scripts: Iterable[Script], options: SynthesisOptions) -> Iterator[Piece]:
    """Pieces of a stream."""
    most = longest(min(STREAM_SECONDS, options.chunk_seconds), options)
    for script in scripts:
        yield from script_pieces(script, most)
