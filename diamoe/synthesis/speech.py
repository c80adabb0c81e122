"""What synthesis hands out: sound with the times of its phones and words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from diamoe.text.phones import SYLLABLE, PhoneSeq


@dataclass(frozen=True)
class TimedPhone:
    """A token and the seconds it fills."""

    token: str
    start: float
    end: float

    def after(self, seconds: float) -> Self:
        """The same, so much later."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


@dataclass(frozen=True)
class TimedWord:
    """A word as it was written and the seconds it fills."""

    text: str
    start: float
    end: float

    def after(self, seconds: float) -> Self:
        """The same, so much later."""
        return replace(self, start=self.start + seconds, end=self.end + seconds)


@dataclass(frozen=True)
class Speech:
    """What `Synthesizer` returns.

    `wave` (samples,) float32 in [-1, 1]; `mel` (frames, n_mels) log-mel it was made from;
    `timing` every sounding token with its seconds, `words` the words (none where phones were
    given). `remade` pieces were made anew, and `missing` words are still not heard, where
    `SynthesisOptions.verify` asked.
    """

    wave: np.ndarray
    sample_rate: int
    phones: PhoneSeq
    timing: tuple[TimedPhone, ...]
    mel: np.ndarray
    words: tuple[TimedWord, ...] = ()
    remade: int = 0
    missing: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.wave) / self.sample_rate


@dataclass(frozen=True)
class SpeechChunk:
    """A stretch of speech as it comes out of `Synthesizer.stream`.

    `wave` (samples,) float32 follows the chunk before without a gap; `start` is where it begins
    in the whole, seconds; `timing` and `words` count from the beginning of the whole. The last
    chunk, and only it, is `final`.
    """

    wave: np.ndarray
    sample_rate: int
    start: float
    timing: tuple[TimedPhone, ...]
    words: tuple[TimedWord, ...]
    final: bool


class Seams:
    """Joins pieces that each end in `overlap` samples more than they last: what is over fades out
    while the next piece fades in, so that a seam neither clicks nor moves anything in time."""

    def __init__(self, overlap: int):
        self._tail = np.zeros(overlap, np.float32)
        self._rise = np.linspace(0, 1, overlap, dtype=np.float32)
        self._first = True

    def join(self, wave: np.ndarray) -> np.ndarray:
        """(samples + overlap,) -> (samples,) with the end of the piece before in it."""
        overlap = len(self._rise)
        body, tail = wave[:-overlap].copy(), wave[-overlap:]
        if not self._first:
            short = min(overlap, len(body))
            body[:short] = (body[:short] * self._rise[:short]) + self._tail[:short]
        self._first, self._tail = False, tail * self._rise[::-1]
        return body

    def end(self) -> np.ndarray:
        """What is left of the last piece, (overlap,)."""
        return self._tail


def joined(parts: Sequence[Speech], gaps: Sequence[float] = ()) -> Speech:
    """Several pieces of speech one after the other, each after its gap (seconds, none unless
    given)."""
    rate = parts[0].sample_rate
    waves: list[np.ndarray] = []
    starts: list[float] = []
    start = 0.0
    for part, gap in zip(parts, gaps or [0.0] * len(parts), strict=True):
        silence = np.zeros(round(gap * rate), np.float32)
        start += len(silence) / rate
        starts.append(start)
        waves += [silence, part.wave]
        start += part.seconds
    tokens = [t for part in parts for t in (*part.phones.tokens, SYLLABLE)][:-1]
    return Speech(
        wave=np.concatenate(waves),
        sample_rate=rate,
        phones=PhoneSeq(tuple(tokens), parts[0].phones.dialect),
        timing=tuple(
            t.after(s) for part, s in zip(parts, starts, strict=True) for t in part.timing
        ),
        mel=np.concatenate([part.mel for part in parts]),
        words=tuple(w.after(s) for part, s in zip(parts, starts, strict=True) for w in part.words),
        remade=sum(part.remade for part in parts),
        missing=tuple(w for part in parts for w in part.missing),
    )


def limit_peaks(wave: np.ndarray, knee: float = 0.7, peak: float = 0.95) -> np.ndarray:
    """Bend what is louder than `knee` so that nothing passes `peak`; the rest stays as it is.

    Each sample by itself, so that a stream and a whole are treated alike.
    """
    size = np.abs(wave)
    room = peak - knee
    bent = knee + room * np.tanh(np.maximum(size - knee, 0) / room)
    return np.where(size <= knee, wave, np.sign(wave) * bent).astype(np.float32)


def loud_rms(wave: np.ndarray, window: int = 600) -> float:
    """Root mean square over the louder half of the windows (samples each), so that pauses do not
    count."""
    windows = len(wave) // window
    if not windows:
        return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) if len(wave) else 0.0
    power = np.square(wave[: windows * window].astype(np.float64)).reshape(windows, window).mean(1)
    return float(np.sqrt(np.sort(power)[windows // 2 :].mean()))
