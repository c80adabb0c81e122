"""Where the speech of a recording is, as Silero's small network hears it."""

from functools import lru_cache
from typing import Any

import numpy as np

from corpus_tools.audio.settings import CleanSettings
from corpus_tools.audio.speech import SpeechRegion, find_contrast
from corpus_tools.rejection import Rejected
from diamoe.audio.files import resample

RATE = 16_000
"""Hz that the network hears."""


def find_speech_neural(wave: np.ndarray, sample_rate: int, settings: CleanSettings) -> SpeechRegion:
    """The stretch from the first to the last speech, as `find_speech`.

    Raises:
        Rejected: silent, or no speech heard.
    """
    import torch
    from silero_vad import get_speech_timestamps

    contrast = find_contrast(wave, sample_rate, settings)
    heard = resample(wave.astype(np.float32), sample_rate, RATE)
    stretches = get_speech_timestamps(
        torch.from_numpy(heard),
        _model(),
        threshold=settings.silero_threshold,
        min_speech_duration_ms=round(settings.min_speech * 1000),
        speech_pad_ms=0,
    )
    if not stretches:
        raise Rejected("no speech", "the voice activity detector heard none")
    return SpeechRegion(stretches[0]["start"] / RATE, stretches[-1]["end"] / RATE, contrast)


@lru_cache(maxsize=1)
def _model() -> Any:
    from silero_vad import load_silero_vad

    return load_silero_vad()
