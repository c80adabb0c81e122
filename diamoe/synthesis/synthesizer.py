"""From text to sound with a bundle."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from diamoe import bundle as bundles
from diamoe.audio.vocoder import Vocoder, bundle_vocoder
from diamoe.bundle import Bundle
from diamoe.cancelling import Cancelled, cancelled_by, check_cancelled
from diamoe.flow.sampling import Sampling
from diamoe.synthesis.device import compute_device
from diamoe.synthesis.engines import Engine
from diamoe.synthesis.making import Made, Maker, Order
from diamoe.synthesis.melody import Note, score_pitch, sing
from diamoe.synthesis.options import SynthesisOptions, bundle_sampling
from diamoe.synthesis.pieces import Piece, phone_pieces
from diamoe.synthesis.precision import Precision, compute_type
from diamoe.synthesis.rendering import Renderer
from diamoe.synthesis.request import (
    Request,
    frontend,
    longest,
    stream_pieces,
    stream_scripts,
)
from diamoe.synthesis.side_by_side import side_by_side
from diamoe.synthesis.speech import (
    Seams,
    Speech,
    SpeechChunk,
    TimedPhone,
    TimedWord,
    joined,
    limit_peaks,
)
from diamoe.synthesis.task import Task
from diamoe.synthesis.voices import Voice, chosen
from diamoe.text.frontend import Script
from diamoe.text.phones import PAUSE, SYLLABLE, PhoneSeq

__all__ = [
    "Request",
    "Speech",
    "SpeechChunk",
    "SynthesisOptions",
    "Synthesizer",
    "Task",
    "TimedPhone",
    "TimedWord",
    "joined",
]

_SEED_STEP = 1_000_003


class Synthesizer:
    """Speaks text of any dialect in any of its bundle's voices, with the bundle's own vocoder
    and way of sampling unless told, on a `device` of `compute_device`, which its model moves to.

        speech = Synthesizer.from_bundle()("今天天气好", dialect="chengdu")
    """

    def __init__(
        self,
        bundle: Bundle,
        vocoder: Vocoder | None = None,
        sampling: Sampling | None = None,
        precision: Precision = "auto",
        engine: Engine = "torch",
        device: str = "cpu",
    ):
        self.bundle, place = bundle, compute_device(device)
        bundle.model.to(place)
        self.sampling = sampling or bundle_sampling(bundle.folder)
        self.maker = Maker(bundle, compute_type(precision, engine, place), engine)
        self.planner = self.maker.planner
        self.vocoder = vocoder or bundle_vocoder(bundle.folder, bundle.mel)
        self.renderer = Renderer(self.vocoder, bundle.mel, place)
        self.rate = bundle.mel.sample_rate
        for block in bundle.model.dit.blocks:
            block.register_forward_pre_hook(lambda *_: check_cancelled())

    @classmethod
    def from_bundle(
        cls,
        path: str | Path = bundles.SHIPPED,
        vocoder: Vocoder | None = None,
        device: str = "cpu",
    ) -> "Synthesizer":
        """Load a bundle folder; the shipped one unless told."""
        return cls(bundles.load(path), vocoder, device=device)

    def voice(self, name: str | None, dialect: str) -> Voice | None:
        """The voice of that name; without one, the bundle's choice for the dialect, or the first
        that speaks it or its parent."""
        return chosen(self.bundle.voices, self.bundle.casting, name, dialect)

    def __call__(
        self,
        text: str,
        dialect: str = "putonghua",
        voice: str | None = None,
        options: SynthesisOptions | None = None,
    ) -> Speech:
        """Speak `text`.

        Raises:
            UnknownDialect, UnknownVoice: with the known ones.
            EmptyText, UnreadableText, UnknownPhone: what cannot be spoken, and where.
        """
        return self.batch([Request(text, dialect, voice, options)])[0]

    def speak(
        self, script: Script, voice: str | None = None, options: SynthesisOptions | None = None
    ) -> Speech:
        """Speak a script: each utterance at its pace, with its pause after it."""
        return self.batch([Request(script, voice=voice, options=options)])[0]

    def speak_phones(
        self, seq: PhoneSeq, voice: str | None = None, options: SynthesisOptions | None = None
    ) -> Speech:
        """Speak a phone sequence."""
        options = options or SynthesisOptions()
        pieces = phone_pieces(seq, longest(options.chunk_seconds, options))
        return replace(self._whole([list(self._tasks(pieces, voice, options))])[0], phones=seq)

    def batch(self, requests: Sequence[Request]) -> list[Speech]:
        """Speak several things; what is of about one length goes through the model together, on
        every core another part of the batch.

        Each is what it would be alone (within 1e-3 of full scale), and the same requests give the
        same samples every time on one machine.

        Raises: as `__call__`.
        """
        work = []
        for request in requests:
            options = request.options or SynthesisOptions()
            adapter = self.bundle.adapter(request.adapter) if request.adapter else None
            tasks = self._tasks(request.pieces(), request.voice, options)
            work.append([replace(task, adapter=adapter) for task in tasks])
        return side_by_side(self._whole, work, lambda tasks: sum(task.tokens for task in tasks))

    def stream(
        self,
        text: str | Iterable[str],
        dialect: str = "putonghua",
        voice: str | None = None,
        options: SynthesisOptions | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[SpeechChunk]:
        """Speak `text` and hand out the sound as it is made, the first short stretch soon.

        The text may itself be an iterator, of a language model say: what can be spoken of it is
        spoken without waiting for its end. Once `cancel` is set the stream ends within 50 ms,
        wherever it is. A wrong voice, dialect or (whole) text is an error at once; one in a
        text that is long or still being written, when it is reached.

        Raises: as `__call__`.
        """
        options = options or SynthesisOptions()
        self.voice(voice, dialect)
        scripts = stream_scripts(text, frontend(dialect), cancel)
        tasks = self._tasks(stream_pieces(scripts, options), voice, options)
        waited = (replace(task, soon=task.index == 0) for task in tasks)
        return self._chunks(waited, cancel)

    def _tasks(
        self, pieces: Iterable[Piece], voice: str | None, options: SynthesisOptions
    ) -> Iterator[Task]:
        for index, piece in enumerate(pieces):
            yield Task(piece, self.voice(voice, piece.dialect), options, index)

    def _chunks(
        self, tasks: Iterator[Task], cancel: threading.Event | None
    ) -> Iterator[SpeechChunk]:
        seams, start, rate = Seams(self.bundle.mel.hop), 0.0, self.rate
        try:
            for task in tasks:
                parts = self.in_turn([task])
                last = False
                while not last:
                    with cancelled_by(cancel):
                        _, made = next(parts)
                        last = made.last
                        sound, made, _, _ = self._checked(task, made)
                        wave = seams.join(sound)
                    timing, words = self.renderer.times(task.piece, made, start)
                    if cancel is not None and cancel.is_set():
                        return
                    yield SpeechChunk(wave, rate, start, timing, words, False)
                    start += len(wave) / rate
        except Cancelled:
            return
        yield SpeechChunk(seams.end(), rate, start, (), (), True)

    def _whole(self, work: Sequence[Sequence[Task]]) -> list[Speech]:
        """Speech of several lists of tasks, made together."""
        made = iter(self._make([task for tasks in work for task in tasks]))
        return [self._assemble(tasks, [next(made) for _ in tasks]) for tasks in work]

    def _assemble(self, tasks: Sequence[Task], made: Sequence[Made]) -> Speech:
        seams, rate = Seams(self.bundle.mel.hop), self.rate
        waves, tokens, timing, words = [], [], [], []  # type: ignore[var-annotated]
        start, remade, missing, mels = 0.0, 0, [], []  # type: ignore[var-annotated]
        for task, one in zip(tasks, made, strict=True):
            sound, one, again, gone = self._checked(task, one)
            remade, missing = remade + again, [*missing, *gone]
            mels.append(one.mel)
            waves.append(seams.join(sound))
            more, spoken = self.renderer.times(task.piece, one, start)
            timing += more
            words += spoken
            tokens += [*(task.piece.phones.tokens or (PAUSE,)), SYLLABLE]
            start += len(waves[-1]) / rate
        return Speech(
            wave=np.concatenate([*waves, seams.end()]),
            sample_rate=rate,
            phones=PhoneSeq(tuple(tokens[:-1]), tasks[0].piece.dialect),
            timing=tuple(timing),
            mel=torch.cat(mels).numpy(),
            words=tuple(words),
            remade=remade,
            missing=tuple(missing),
        )

    def _checked(self, task: Task, made: Made) -> tuple[np.ndarray, Made, int, tuple[str, ...]]:
        """Sound of a piece, made anew while words are missing in it as often as is allowed: sound,
        what it was made of, how often it was made anew, and the words that are still missing."""
        sound = self.renderer.sound(task.piece, made, task.voice, task.options)
        if not (task.options.verify and task.piece.units):
            return sound, made, 0, ()
        from diamoe.synthesis.checking import missing_words

        best = (missing_words(task.piece, sound, task.voice), sound, made)
        tries = 0
        while best[0] and tries < task.options.verify:
            tries += 1
            other = replace(task.options, seed=task.options.seed + 7919 * tries)
            made = self._make([replace(task, options=other)])[0]
            sound = self.renderer.sound(task.piece, made, task.voice, task.options)
            missing = missing_words(task.piece, sound, task.voice)
            if len(missing) < len(best[0]):
                best = (missing, sound, made)
        return best[1], best[2], tries, best[0]

    def recite(
        self,
        score: Sequence[Note],
        dialect: str = "jingbai",
        voice: str | None = None,
        options: SynthesisOptions | None = None,
    ) -> Speech:
        """Speak phones as long and as high as a score has them: between speech and song.

        Raises:
            UnknownPhone: a note's phone is not in the vocabulary.
        """
        options = options or SynthesisOptions()
        notes = [Note(PAUSE, 0.1), *score, Note(PAUSE, 0.1)]
        seq = PhoneSeq(tuple(note.phone for note in score), dialect)
        times = np.cumsum([note.seconds for note in notes]) * self.bundle.mel.frame_rate
        durations = torch.from_numpy(np.diff(np.round(times).astype(int), prepend=0))
        task = Task(next(phone_pieces(seq, len(seq) + 1)), self.voice(voice, dialect), options, 0)
        made = self.maker.make([replace(self._order(task), durations=durations)])[0]
        sound = self.renderer.sound(task.piece, made, task.voice, options)
        wave = limit_peaks(sing(sound, self.rate, score=score_pitch(notes)))
        timing, _ = self.renderer.times(task.piece, made, 0.0)
        return Speech(wave, self.rate, seq, timing, made.mel.numpy())

    def in_turn(self, tasks: Sequence[Task]) -> Iterator[tuple[int, Made]]:
        """The place and the mel of every task as soon as it is made; silence needs no model.

        For callers with a queue of their own, who render each with `renderer`; several threads
        may do so at once.

        Raises:
            Cancelled: inside `cancelled_by`, once nobody wants them.
            UnknownPhone: a phone is not in the vocabulary.
        """
        spoken = [i for i, task in enumerate(tasks) if task.piece.units]
        for i, task in enumerate(tasks):
            if not task.piece.units:
                yield i, self.renderer.silence(task.piece.pause)
        for place, made in self.maker.in_turn([self._order(tasks[i]) for i in spoken]):
            yield spoken[place], made

    def _make(self, tasks: Sequence[Task]) -> list[Made]:
        return [made for _, made in sorted(self.in_turn(tasks), key=lambda placed: placed[0])]

    def _order(self, task: Task) -> Order:
        piece, options = task.piece, task.options
        sampling = options.sampling(self.sampling)
        if task.voice is not None and task.voice.prompt_from:
            sampling = replace(sampling, prompt_from=task.voice.prompt_from)
        return Order(
            piece.phones,
            task.voice,
            sampling,
            options.speed * piece.rate,
            options.seed + _SEED_STEP * task.index,
            piece.open_start,
            piece.open_end,
            adapter=task.adapter,
            mix=options.mix,
            ends=task.ends,
        )
