"""From text to sound with a bundle."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from diamoe import bundle as bundles
from diamoe.audio.vocoder import GriffinLimVocoder, Vocoder
from diamoe.bundle import Bundle
from diamoe.errors import ConfigError, UnknownVoice
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.synthesis.planning import planner
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend, Script
from diamoe.text.phones import PAUSE, SYLLABLE, PhoneSeq

_ENDS = frozenset("。？！；…")


@dataclass(frozen=True)
class SynthesisOptions:
    """How to speak; every setting has a default that suits the shipped bundle."""

    steps: int = 12
    """Solver steps."""
    guidance: float = 2.0
    """Strength of classifier-free guidance; 0 leaves it out and halves the work."""
    sway: float = -1.0
    """Step schedule, see `sway_times`."""
    speed: float = 1.0
    """Pace against the voice's own; 2 is twice as fast."""
    seed: int = 0
    """Seed of the noise; the same seed gives the same speech."""
    chunk_seconds: float = 12.0
    """Longer texts are spoken in pieces of at most about this length, cut at punctuation."""

    def __post_init__(self) -> None:
        for name, low, high in (("steps", 1, 256), ("guidance", 0, 20), ("speed", 0.25, 4)):
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"{name} must lie between {low} and {high}, found {value!r}")


@dataclass(frozen=True)
class TimedPhone:
    """A token and the seconds it fills."""

    token: str
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    """What `Synthesizer` returns.

    `wave` (samples,) float32 in [-1, 1]; `mel` (frames, n_mels) log-mel it was made from;
    `timing` every sounding token with its seconds.
    """

    wave: np.ndarray
    sample_rate: int
    phones: PhoneSeq
    timing: tuple[TimedPhone, ...]
    mel: np.ndarray

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.wave) / self.sample_rate


class Synthesizer:
    """Speaks text of any dialect in any of its bundle's voices.

    speech = Synthesizer.from_bundle()("今天天气好", dialect="chengdu")
    """

    def __init__(self, bundle: Bundle, vocoder: Vocoder | None = None):
        self.bundle = bundle
        self.planner = planner(bundle)
        self.vocoder = vocoder or GriffinLimVocoder(bundle.mel)

    @classmethod
    def from_bundle(cls, path: str | Path = bundles.SHIPPED) -> "Synthesizer":
        """Load a bundle folder; the shipped one unless told."""
        return cls(bundles.load(path))

    def voice(self, name: str | None, dialect: str) -> Voice | None:
        """The voice of that name; without one, the first that speaks the dialect or its parent."""
        voices = self.bundle.voices
        if name is not None:
            if name not in voices:
                raise UnknownVoice(name, voices)
            return voices[name]
        wanted = (dialect, load_dialect(dialect).parent)
        native = [v for d in wanted for v in voices.values() if v.phones.dialect == d]
        return next(iter(native or voices.values()), None)

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
        return self.speak(_frontend(dialect).script(text), voice, options)

    def speak(
        self, script: Script, voice: str | None = None, options: SynthesisOptions | None = None
    ) -> Speech:
        """Speak a script: each utterance at its pace, with its pause after it."""
        options = options or SynthesisOptions()
        parts: list[Speech] = []
        for utterance in script.utterances:
            paced = replace(options, speed=options.speed * utterance.rate)
            if utterance.words:
                parts.append(self.speak_phones(utterance.phones, voice, paced))
            if utterance.pause:
                parts.append(self._silence(utterance.pause, utterance.dialect))
        return parts[0] if len(parts) == 1 else joined(parts)

    def _silence(self, seconds: float, dialect: str) -> Speech:
        mel = self.bundle.mel
        frames = round(seconds * mel.sample_rate / mel.hop)
        return Speech(
            wave=np.zeros(frames * mel.hop, np.float32),
            sample_rate=mel.sample_rate,
            phones=PhoneSeq((PAUSE,), dialect),
            timing=(TimedPhone(PAUSE, 0.0, mel.seconds(frames)),),
            mel=np.full((frames, mel.n_mels), math.log(mel.floor), np.float32),
        )

    def speak_phones(
        self, seq: PhoneSeq, voice: str | None = None, options: SynthesisOptions | None = None
    ) -> Speech:
        """Speak a phone sequence."""
        options = options or SynthesisOptions()
        chosen = self.voice(voice, seq.dialect)
        generator = torch.Generator().manual_seed(options.seed)
        mels: list[Tensor] = []
        timing: list[TimedPhone] = []
        start = 0.0
        for piece in self._pieces(seq, options):
            mel, durations = self._mel(piece, chosen, options, generator)
            tokens = piece.with_edges().tokens
            timing += self._timing(tokens, durations, start)
            start += self.bundle.mel.seconds(len(mel))
            mels.append(mel)
        mel = torch.cat(mels)
        with torch.inference_mode():
            wave = self.vocoder.decode(mel.unsqueeze(0))[0]
        return Speech(
            wave=limit_peak(wave.numpy()),
            sample_rate=self.bundle.mel.sample_rate,
            phones=seq,
            timing=tuple(timing),
            mel=mel.numpy(),
        )

    @torch.inference_mode()
    def _mel(
        self,
        seq: PhoneSeq,
        voice: Voice | None,
        options: SynthesisOptions,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Log-mel (frames, n_mels) of one piece and the frames of its tokens (tokens,)."""
        model = self.bundle.model
        durations = self.planner.durations(seq, voice, options.speed)
        conditioning = self.planner.conditioning(seq, durations, voice)
        head = conditioning.text.shape[1] - int(durations.sum())
        noise = torch.randn(conditioning.prompt.shape, generator=generator)
        field = guided(model.dit, conditioning, options.guidance)
        mel = sample(field, noise, sway_times(options.steps, options.sway))
        return model.config.scale.restore(mel[0, head:]), durations[0]

    def _pieces(self, seq: PhoneSeq, options: SynthesisOptions) -> Iterator[PhoneSeq]:
        """The sequence in runs of whole phrases of at most about `chunk_seconds`."""
        longest = int(options.chunk_seconds * 11 * options.speed)  # about 11 phones a second
        piece: list[str] = []
        for phrase in _phrases(seq.tokens):
            if piece and len(piece) + len(phrase) > longest:
                yield PhoneSeq(tuple(piece), seq.dialect)
                piece = []
            piece += phrase
        if piece:
            yield PhoneSeq(tuple(piece), seq.dialect)

    def _timing(
        self, tokens: Sequence[str], durations: Tensor, start: float
    ) -> Iterator[TimedPhone]:
        mel, frame = self.bundle.mel, 0
        for token, length in zip(tokens, durations.tolist(), strict=True):
            if token != SYLLABLE and length:
                begin = start + mel.seconds(frame)
                yield TimedPhone(token, begin, begin + mel.seconds(length))
            frame += length


def joined(parts: Sequence[Speech]) -> Speech:
    """Several pieces of speech one after the other."""
    timing: list[TimedPhone] = []
    start = 0.0
    for part in parts:
        timing += [TimedPhone(t.token, t.start + start, t.end + start) for t in part.timing]
        start += part.seconds
    tokens = [t for part in parts for t in (*part.phones.tokens, SYLLABLE)][:-1]
    return Speech(
        wave=np.concatenate([part.wave for part in parts]),
        sample_rate=parts[0].sample_rate,
        phones=PhoneSeq(tuple(tokens), parts[0].phones.dialect),
        timing=tuple(timing),
        mel=np.concatenate([part.mel for part in parts]),
    )


def _phrases(tokens: Sequence[str]) -> Iterator[list[str]]:
    """Runs of tokens that end in a sentence's or a phrase's last punctuation mark."""
    phrase: list[str] = []
    for token in tokens:
        phrase.append(token)
        if token in _ENDS or token in "，：、" or token == PAUSE:
            yield phrase
            phrase = []
    if phrase:
        yield phrase


def limit_peak(wave: np.ndarray, peak: float = 0.95) -> np.ndarray:
    """Scale a wave down where it would clip; quieter ones stay as they are."""
    top = float(np.abs(wave).max(initial=0.0))
    return (wave if top <= peak else wave * (peak / top)).astype(np.float32)


@lru_cache(maxsize=32)
def _frontend(dialect: str) -> Frontend:
    return Frontend(dialect)
