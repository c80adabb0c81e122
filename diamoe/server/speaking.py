"""Batches of short pieces to sound: the only part of the server that knows the synthesizer."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from diamoe.cancelling import Cancelled, cancelled_by
from diamoe.errors import EmptyText, MissingBackend
from diamoe.synthesis.making import Made
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.pieces import Piece
from diamoe.synthesis.request import frontend, longest, stream_pieces
from diamoe.synthesis.speech import Seams, TimedPhone, TimedWord
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.synthesis.task import Task
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import available_dialects
from diamoe.text.spoken import Word

CROWD_SECONDS = 8.0
"""Where many wait, pieces last at most about this long."""


@dataclass(frozen=True)
class Ask:
    """A piece, and in which voice and how it is to be spoken; `index` counts within a request.

    `soon`: somebody waits for its sound alone, so that its head is made before the rest.
    """

    piece: Piece
    voice: str | Voice | None
    options: SynthesisOptions
    index: int = 0
    soon: bool = False


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
    """The pieces of a text, as a stream has them.

    Raises:
        TextError: the text cannot be read in the dialect, or nothing in it can be spoken.
    """
    options = options or SynthesisOptions()
    pieces = list(stream_pieces([frontend(dialect).script(text)], options))
    if not pieces:
        raise EmptyText(f"nothing to speak in {text!r}")
    return [Ask(piece, voice, options, index) for index, piece in enumerate(pieces)]


def take(asks: deque[Ask], crowded: bool) -> Ask:
    """The next of `asks`, taken from it.

    The head of the first piece of a request is handed out before the rest, as by
    `Synthesizer.stream`. Where there are more requests than workers (`crowded`) it is not, and the
    piece takes those with it that fit into `CROWD_SECONDS`: every piece costs the voice's prompt
    anew, and who waits for others anyway hears little sooner by a head.
    """
    ask = asks.popleft()
    if not crowded:
        return replace(ask, soon=ask.index == 0)
    most = longest(CROWD_SECONDS, ask.options)
    while asks and (asks[0].voice, asks[0].options) == (ask.voice, ask.options):
        both = ask.piece.followed_by(asks[0].piece)
        if both is None or len(both.phones) > most:
            break
        ask = replace(ask, piece=both)
        asks.popleft()
    return ask


def read_words(text: str, dialect: str) -> list[Word]:
    """The words of a text, with their syllables and phones.

    Raises:
        TextError: as `read`.
    """
    return frontend(dialect).words(text)


def load_tables() -> None:
    """Read the tables of every dialect whose libraries are there, so that no request waits."""
    for code in available_dialects():
        with suppress(MissingBackend):
            frontend(code)


class Speaker:
    """Makes the sounds of several pieces at once; several threads may use it side by side, and
    share so many `threads` of the processor (0: torch's choice)."""

    def __init__(self, synthesizer: Synthesizer, threads: int = 0):
        self.synthesizer = synthesizer
        self._threads = threads or torch.get_num_threads()

    def _task(self, ask: Ask) -> Task:
        voice = ask.voice
        if not isinstance(voice, Voice):
            voice = self.synthesizer.voice(voice, ask.piece.dialect)
        return Task(ask.piece, voice, ask.options, ask.index, soon=ask.soon)

    def track(self) -> "Track":
        """For the sounds of one request."""
        mel = self.synthesizer.bundle.mel
        return Track(mel.hop, mel.sample_rate)

    def speak(
        self, asks: Sequence[Ask], wanted: Callable[[int], bool], sides: int = 1
    ) -> Iterator[tuple[int, Sound]]:
        """Sounds of the pieces as soon as they are made, each with its place.

        `wanted` says whether a piece is still to be made; when none is, the model stops in the
        middle of its work. `sides`: how many threads speak side by side, so that each takes its
        share of the processor's cores.
        """
        torch.set_num_threads(max(1, self._threads // sides))  # of this thread alone
        tasks = [self._task(ask) for ask in asks]
        left = set(range(len(tasks)))
        unwanted = _Unwanted(lambda: not any(wanted(i) for i in left))
        made = self.synthesizer.in_turn(tasks)
        try:
            while left:
                with cancelled_by(unwanted):
                    place, one = next(made)
                if one.last:
                    left.remove(place)
                if wanted(place):
                    with cancelled_by(_Unwanted(partial(_missing, wanted, place))):
                        sound = self._sound(tasks[place], one)
                    yield place, sound
        except Cancelled:
            return

    def _sound(self, task: Task, made: Made) -> Sound:
        renderer = self.synthesizer.renderer
        wave = renderer.sound(task.piece, made, task.voice, task.options)
        phones, words = renderer.times(task.piece, made, 0.0)
        rate = self.synthesizer.bundle.mel.sample_rate
        mel = made.mel[made.begin : made.end].numpy()
        return Sound(wave, rate, mel, words, phones)


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
