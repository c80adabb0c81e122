"""Batches of short pieces to sound: the only part of the server that knows the synthesizer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from diamoe.cancelling import Cancelled, cancelled_by
from diamoe.errors import EmptyText, MissingBackend
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import (
    FIRST_PHONES,
    PHONES_A_SECOND,
    STREAM_SECONDS,
    Piece,
    script_pieces,
)
from diamoe.synthesis.speech import Seams, TimedPhone, TimedWord
from diamoe.synthesis.synthesizer import Synthesizer, Task
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend
from diamoe.text.spoken import Word


@dataclass(frozen=True)
class Ask:
    """A piece, and in which voice and how it is to be spoken; `index` counts within a request."""

    piece: Piece
    voice: str | Voice | None
    options: SynthesisOptions
    index: int = 0


@dataclass(frozen=True)
class Sound:
    """A spoken piece.

    `wave` (samples,) float32; from a `Speaker` it is a hop longer than the piece lasts, for
    `Track` to join; `mel` (frames, n_mels) log-mel; times count from the piece's beginning, or
    from the request's once a `Track` has placed it at `start` seconds.
    """

    wave: np.ndarray
    sample_rate: int
    mel: np.ndarray
    words: tuple[TimedWord, ...]
    phones: tuple[TimedPhone, ...]
    start: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.wave) / self.sample_rate


def read(
    text: str,
    dialect: str,
    voice: str | Voice | None = None,
    options: SynthesisOptions | None = None,
) -> list[Ask]:
    """The pieces of a text, the first one short so that it is heard soon.

    Raises:
        TextError: the text cannot be read in the dialect, or nothing in it can be spoken.
    """
    options = options or SynthesisOptions()
    longest = max(1, int(STREAM_SECONDS * PHONES_A_SECOND * options.speed))
    pieces = list(script_pieces(_frontend(dialect).script(text), longest, FIRST_PHONES))
    if not pieces:
        raise EmptyText(f"nothing to speak in {text!r}")
    return [Ask(piece, voice, options, index) for index, piece in enumerate(pieces)]


def read_words(text: str, dialect: str) -> list[Word]:
    """The words of a text, with their syllables and phones.

    Raises:
        TextError: as `read`.
    """
    return _frontend(dialect).words(text)


def load_tables() -> None:
    """Read the tables of every dialect whose libraries are there, so that no request waits."""
    for code in available_dialects():
        with suppress(MissingBackend):
            _frontend(code)


@lru_cache(maxsize=32)
def _frontend(dialect: str) -> Frontend:
    return Frontend(dialect)


class Speaker:
    """Makes the sounds of several pieces at once; used by one thread."""

    def __init__(self, synthesizer: Synthesizer):
        self.synthesizer = synthesizer

    def _voice(self, ask: Ask) -> Voice | None:
        if isinstance(ask.voice, Voice):
            return ask.voice
        return self.synthesizer.voice(ask.voice, ask.piece.dialect)

    def track(self) -> "Track":
        """For the sounds of one request."""
        mel = self.synthesizer.bundle.mel
        return Track(mel.hop, mel.sample_rate)

    def speak(
        self, asks: Sequence[Ask], wanted: Callable[[int], bool]
    ) -> Iterator[tuple[int, Sound]]:
        """Sounds of the pieces, each with its place.

        `wanted` says whether a piece is still to be made; when none is, the model stops in the
        middle of its work.
        """
        tasks = [Task(a.piece, self._voice(a), a.options, a.index) for a in asks]
        places = range(len(tasks))
        try:
            with cancelled_by(_Unwanted(lambda: not any(wanted(i) for i in places))):
                made = self.synthesizer.make(tasks)
            for i in places:
                if wanted(i):
                    with cancelled_by(_Unwanted(partial(_missing, wanted, i))):
                        task, renderer = tasks[i], self.synthesizer.renderer
                        wave = renderer.sound(task.piece, made[i].mel, task.voice, task.options)
                    phones, words = renderer.times(task.piece, made[i], 0.0)
                    rate = self.synthesizer.bundle.mel.sample_rate
                    yield i, Sound(wave, rate, made[i].mel.numpy(), words, phones)
        except Cancelled:
            return


class Track:
    """Joins the sounds of one request, so that neither a gap nor a click is heard."""

    def __init__(self, hop: int, sample_rate: int):
        self._seams = Seams(hop)
        self._rate = sample_rate
        self._start = 0.0

    def place(self, sound: Sound) -> Sound:
        """The sound as it follows those before, with its times in the whole."""
        start = self._start
        placed = Sound(
            self._seams.join(sound.wave),
            sound.sample_rate,
            sound.mel,
            tuple(word.after(start) for word in sound.words),
            tuple(phone.after(start) for phone in sound.phones),
            start,
        )
        self._start += placed.seconds
        return placed

    def end(self) -> Sound:
        """The last samples."""
        none = np.zeros((0, 1), np.float32)
        return Sound(self._seams.end(), self._rate, none, (), (), self._start)


def _missing(wanted: Callable[[int], bool], place: int) -> bool:
    return not wanted(place)


@dataclass(frozen=True)
class _Unwanted:
    """A `Signal`: set as soon as its question is answered with yes."""

    is_set: Callable[[], bool]
