"""Melody of finished speech: shifted, widened, or as a score has it (WORLD, Morise et al. 2016)."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from diamoe.config import build
from diamoe.errors import ConfigError

FRAME = 0.005
"""Seconds between two pitch values."""


@dataclass(frozen=True)
class Note:
    """One phone of a score."""

    phone: str
    """Token of the notation; `_` is silence."""
    seconds: float
    """How long it lasts."""
    hz: float = 0.0
    """Its pitch where it has a voice; 0 leaves the voice's own."""


def parse_score(source: str) -> list[Note]:
    """A JSON list of `{phone, seconds, hz}`.

    Raises:
        ConfigError: it is none, or a note cannot be sung; its number is named.
    """
    try:
        content = json.loads(source)
    except ValueError as error:
        raise ConfigError(f"the score is no JSON: {error}") from error
    if not isinstance(content, list) or not content:
        raise ConfigError("the score is a list of {phone, seconds, hz}, at least one")
    notes = [build(Note, item, f"note {i}") for i, item in enumerate(content, start=1)]
    for number, note in enumerate(notes, start=1):
        if not 0.02 <= note.seconds <= 20 or not (note.hz == 0 or 50 <= note.hz <= 1200):
            raise ConfigError(
                f"note {number}: seconds must lie between 0.02 and 20 and hz between 50 and 1200 "
                f"(or be 0), found {note.seconds} and {note.hz}"
            )
    return notes


def score_pitch(notes: list[Note]) -> np.ndarray:
    """Pitch every `FRAME`, (frames,) Hz; 0 where the score names none. Notes glide into one
    another over 40 ms, as voices do."""
    values = [np.full(round(note.seconds / FRAME), note.hz) for note in notes]
    pitch = np.concatenate(values)
    log = np.log(np.maximum(pitch, 1.0))
    kernel = np.hanning(10)[1:-1]
    smooth = np.convolve(np.pad(log, 4, mode="edge"), kernel / kernel.sum(), mode="same")[4:-4]
    near_rest = np.convolve(pitch == 0, np.ones(9), mode="same") > 0.5
    return np.where(near_rest, pitch, np.exp(smooth))


def sing(
    wave: np.ndarray,
    sample_rate: int,
    semitones: float = 0.0,
    width: float = 1.0,
    score: np.ndarray | None = None,
) -> np.ndarray:
    """The same speech with another melody, (samples,) -> (samples,).

    `semitones` shift it, `width` scales its distance from its median; `score` (frames,) Hz every
    `FRAME` replaces it where it is above 0. Length, words and timbre stay.
    """
    vocoder = world()
    samples = np.ascontiguousarray(wave, dtype=np.float64)
    f0, times = vocoder.harvest(samples, sample_rate, frame_period=1000 * FRAME)
    envelope = vocoder.cheaptrick(samples, f0, times, sample_rate)
    roughness = vocoder.d4c(samples, f0, times, sample_rate)
    voiced = f0 > 0
    if voiced.any():
        middle = math.log(float(np.median(f0[voiced])))
        log = np.log(np.maximum(f0, 1.0))
        f0 = np.where(
            voiced, np.exp(middle + width * (log - middle) + semitones / 12 * math.log(2)), 0
        )
    if score is not None:
        asked = np.pad(score, (0, max(0, len(f0) - len(score))))[: len(f0)]
        f0 = np.where(voiced & (asked > 0), asked, f0)
    sound = vocoder.synthesize(f0, envelope, roughness, sample_rate, frame_period=1000 * FRAME)
    sound = np.pad(sound, (0, max(0, len(wave) - len(sound))))[: len(wave)]
    return sound.astype(np.float32)


def world() -> Any:
    """The pyworld module.

    Raises:
        ConfigError: it is not installed; says how to.
    """
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyworld asks setuptools for its own version
        try:
            import pyworld
        except ImportError as error:
            raise ConfigError(
                "what measures or changes the pitch needs pyworld: pip install 'diamoe[voices]'"
            ) from error
    return pyworld
