"""Phone boundaries set right by the speech itself.

A recogniser that was trained without times knows which phone is heard, and says so early: of a
vowel and the nasal behind it, the nasal gets most. Hidden Markov models, three states a phone and
a Gaussian each, are estimated from a speaker's speech and the times so far, and the times from
them, in turns (Viterbi training, as monophones are trained in HTK and Kaldi).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.extras import extra
from diamoe.text.phones import PAUSE, parse_phone

with extra("voices", "finding the times of phones"):
    from numba import njit

MEL = MelConfig(hop=128)
"""Twice as fine as the mels that models are trained on."""
COEFFICIENTS = 16
"""Of the cepstrum, with the first; their slopes are as many."""
STATES = 3
"""Of a phone; of a pause one."""
ROUNDS = 6
"""Turns of estimating and aligning."""
FARTHEST = 0.15
"""No phone is moved farther than this from where the recogniser heard it, seconds."""
FLOOR = 0.05
"""Least variance, as a share of that of all speech."""
PRIOR = 20.0
"""Frames of the usual variance that every state is taken to have been seen in."""


TimedToken = tuple[str, float, float]
"""Its symbol, where it starts and how long it lasts, seconds."""


@dataclass(frozen=True)
class Speech:
    """An utterance: its sound and the phones in it that take time."""

    speaker: str
    features: np.ndarray
    """(frames, 2 * COEFFICIENTS), as `cepstra` makes them."""
    phones: tuple[str, ...]
    """Segments, `PAUSE` for every pause."""
    edges: np.ndarray
    """(phones + 1,) frames at which they begin, and the end of the last."""

    @classmethod
    def of(cls, speaker: str, wave: np.ndarray, times: Sequence[TimedToken]) -> "Speech":
        """`wave`: (samples,) at the models' rate; `times`: every token, its start and length."""
        heard = [(segment(s), start) for s, start, length in times if length > 0]
        starts = [round(start * MEL.frame_rate) for _, start in heard]
        features = cepstra(wave)
        edges = np.array([*starts, len(features)])
        edges[0] = 0
        return cls(speaker, features, tuple(phone for phone, _ in heard), edges)

    @property
    def frame_rate(self) -> float:
        """Frames a second."""
        return MEL.frame_rate

    def retimed(self, times: Sequence[TimedToken], edges: np.ndarray) -> list[TimedToken]:
        """The `times` it was made of with other edges; what takes no time begins with the next."""
        rate, end = MEL.frame_rate, times[-1][1] + times[-1][2]
        starts = iter([0.0, *(min(end, (e - 0.5) / rate) for e in edges[1:-1])])
        begins = [next(starts) if length > 0 else None for _, _, length in times]
        cuts = [end]
        for start in reversed(begins):
            cuts.append(cuts[-1] if start is None else start)
        cuts = [round(c, 5) for c in reversed(cuts)]
        return [
            (symbol, a, round(b - a, 5))
            for (symbol, _, _), a, b in zip(times, cuts[:-1], cuts[1:], strict=True)
        ]


def segment(symbol: str) -> str:
    """What a token is modelled as: its segment, whatever tone and stress, or a pause."""
    phone = parse_phone(symbol)
    return PAUSE if phone.is_pause else phone.segment


def cepstra(wave: np.ndarray) -> np.ndarray:
    """(samples,) -> (frames, 2 * COEFFICIENTS): cepstrum of the log-mel, and its slope."""
    from scipy.fft import dct

    mel = _log_mel()(torch.from_numpy(np.ascontiguousarray(wave))[None])[0].numpy()
    level = dct(mel, axis=1, norm="ortho")[:, :COEFFICIENTS]
    return np.concatenate((level, np.gradient(level, axis=0)), axis=1).astype(np.float32)


@lru_cache(maxsize=1)
def _log_mel() -> LogMel:
    return LogMel(MEL)


class PhoneStates:
    """Gaussians of the phones' states, and the scale of each speaker's features."""

    def __init__(self, gaussians: dict[str, np.ndarray], scales: dict[str, np.ndarray]):
        """`gaussians`: by segment, (2, states, features) means and variances; `scales`: by speaker
        and "" for all, (2, features) means and deviations."""
        self.gaussians, self.scales = gaussians, scales

    @classmethod
    def estimate(cls, heard: Iterable[Speech], rounds: int = ROUNDS) -> "PhoneStates":
        """From utterances whose edges are roughly right."""
        speech = list(heard)
        groups = {"": speech} | {
            who: [s for s in speech if s.speaker == who] for who in {s.speaker for s in speech}
        }
        states = cls({}, {who: _scale(own) for who, own in groups.items()})
        paths = [_evenly(s) for s in speech]
        for turn in range(rounds):
            states._fit(speech, paths)
            if turn < rounds - 1:
                paths = [states._path(s) for s in speech]
        return states

    def edges(self, speech: Speech) -> np.ndarray:
        """Where the phones of an utterance begin, as `Speech.edges`."""
        counts = [_states(phone) for phone in speech.phones]
        path = self._path(speech)
        firsts = np.cumsum([0, *counts])
        return np.array([*np.searchsorted(path, firsts[:-1]), len(path)])

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        named = {f"phone {name}": value for name, value in self.gaussians.items()}
        save_file(named | {f"speaker {n}": v for n, v in self.scales.items()}, path)

    @classmethod
    def load(cls, path: Path) -> "PhoneStates":
        """Read what `save` wrote."""
        parts: dict[str, dict[str, np.ndarray]] = {"phone": {}, "speaker": {}}
        for name, value in load_file(path).items():
            kind, _, key = name.partition(" ")
            parts[kind][key] = value
        return cls(parts["phone"], parts["speaker"])

    def _scaled(self, speech: Speech) -> np.ndarray:
        mean, deviation = self.scales.get(speech.speaker, self.scales[""])
        scaled: np.ndarray = (speech.features - mean) / deviation
        return scaled

    def _fit(self, speech: Sequence[Speech], paths: Sequence[np.ndarray]) -> None:
        sums: dict[str, np.ndarray] = {}
        for said, path in zip(speech, paths, strict=True):
            x = self._scaled(said)
            moments = np.stack((np.ones_like(x), x, x * x), axis=1).cumsum(0, np.float64)
            moments = np.concatenate((np.zeros_like(moments[:1]), moments))
            counts = [_states(phone) for phone in said.phones]
            bounds = np.searchsorted(path, np.arange(sum(counts) + 1))
            of_states = np.split(moments[bounds[1:]] - moments[bounds[:-1]], np.cumsum(counts)[:-1])
            for phone, found in zip(said.phones, of_states, strict=True):
                sums[phone] = sums.get(phone, 0.0) + found
        for phone, found in sums.items():
            seen = np.maximum(found[:, 0], 1.0)
            mean = found[:, 1] / seen
            spread = np.maximum(found[:, 2] / seen - mean**2, FLOOR)
            sure = seen / (seen + PRIOR)
            self.gaussians[phone] = np.stack((mean, sure * spread + (1 - sure)))

    def _path(self, speech: Speech) -> np.ndarray:
        """The state of every frame, (frames,); as evenly as before where they do not fit."""
        counts = np.array([_states(phone) for phone in speech.phones])
        if any(phone not in self.gaussians for phone in speech.phones):
            return _evenly(speech)
        mean, variance = np.concatenate([self.gaussians[p] for p in speech.phones], axis=1)
        x = self._scaled(speech).astype(np.float64)
        precision = 1 / variance
        scores = x @ (2 * mean * precision).T - (x * x) @ precision.T
        scores -= (mean**2 * precision - np.log(precision)).sum(1)
        far = round(FARTHEST * MEL.frame_rate)
        first = np.repeat(speech.edges[:-1], counts) - far
        last = np.repeat(speech.edges[1:], counts) + far
        entries = _best_path(0.5 * scores, first, last)
        if entries[0] < 0:
            return _evenly(speech)
        return np.searchsorted(entries, np.arange(len(x)), side="right") - 1


def _states(phone: str) -> int:
    return 1 if phone == PAUSE else STATES


def _scale(speech: Sequence[Speech]) -> np.ndarray:
    features = np.concatenate([s.features for s in speech])
    return np.stack((features.mean(0), features.std(0) + 1e-3))


def _evenly(speech: Speech) -> np.ndarray:
    """The state of every frame where each phone's states share its time, (frames,)."""
    path = np.zeros(len(speech.features), np.int64)
    first = 0
    for phone, begin, end in zip(speech.phones, speech.edges[:-1], speech.edges[1:], strict=True):
        count = _states(phone)
        path[begin:end] = first + np.arange(end - begin) * count // max(1, end - begin)
        first += count
    return path


@njit(cache=True)
def _best_path(scores, first, last):  # type: ignore[no-untyped-def]
    """The frame at which each of a chain of states is entered, (states,), by dynamic programming;
    -1 where there is no path. `first`, `last`: frames that each state lies between."""
    frames, states = scores.shape
    entries = np.full(states, -1, np.int64)
    best = np.full(states, -np.inf)
    stepped = np.zeros((frames, states), np.bool_)
    for t in range(frames):
        for s in range(states - 1, -1, -1):
            value = best[s]
            if t == 0:
                value = 0.0 if s == 0 else -np.inf
            elif s > 0 and best[s - 1] > value:
                value = best[s - 1]
                stepped[t, s] = True
            if t < first[s] or t >= last[s]:
                value = -np.inf
            best[s] = value + scores[t, s]
    if best[states - 1] == -np.inf:
        return entries
    s = states - 1
    for t in range(frames - 1, 0, -1):
        if stepped[t, s]:
            entries[s] = t
            s -= 1
    entries[0] = 0
    return entries
