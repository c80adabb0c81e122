"""All figures of one utterance."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from corpus_tools.audio.cleaning import CleanRecording
from corpus_tools.audio.reading import SAMPLE_RATE
from corpus_tools.quality.rate import speech_rate
from corpus_tools.quality.sound import bandwidth, signal_to_noise
from diamoe.text.phones import PhoneSeq


@dataclass(frozen=True)
class Quality:
    """What is known of an utterance; None for what has not been measured (yet)."""

    speech: float | None = None
    """Length of the speech, seconds."""
    snr: float | None = None
    """Speech over background, dB."""
    bandwidth: float | None = None
    """Where its spectrum ends, Hz."""
    clipped: float | None = None
    """Share of samples at full scale, as recorded."""
    rate: float | None = None
    """Phones a second, pauses left out."""
    align_score: float | None = None
    """Mean log-likelihood of its phones' frames; low for a wrong transcript."""
    dnsmos: float | None = None
    """Predicted naturalness, 1 to 5."""
    nisqa: float | None = None
    """The same by NISQA."""

    def to_dict(self) -> dict[str, float]:
        """The figures that are known, rounded, for a cut's or a record's JSON."""
        return {k: round(v, 4) for k, v in asdict(self).items() if v is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Quality":
        """The inverse of `to_dict`.

        >>> Quality.from_dict(Quality(snr=30.0).to_dict())
        Quality(speech=None, snr=30.0, bandwidth=None, clipped=None, rate=None, align_score=None, \
dnsmos=None, nisqa=None)
        """
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


def measure(
    wave: np.ndarray,
    start: float,
    end: float,
    noise: np.ndarray | None = None,
    clipped: float | None = None,
) -> Quality:
    """What sound tells: (samples,) at 24 kHz, levelled, with speech from `start` to `end` seconds.

    Args:
        noise: background of the same recording, where some is known.
        clipped: share of samples at full scale before it was levelled.
    """
    return Quality(
        speech=end - start,
        snr=signal_to_noise(wave, SAMPLE_RATE, start, end, noise),
        bandwidth=bandwidth(wave, SAMPLE_RATE),
        clipped=clipped,
    )


def measure_recording(recording: CleanRecording) -> Quality:
    """The same of a cleaned recording."""
    r = recording
    return measure(r.wave, r.start, r.end, r.noise, r.clipped)


def measure_speech(
    quality: Quality,
    seq: PhoneSeq,
    times: Iterable[tuple[str, float, float]] = (),
    align_score: float | None = None,
) -> Quality:
    """The same figures with those that phones and their times tell.

    Args:
        times: symbol, start and duration of every token, seconds; without them the rate is that
            of the whole speech, pauses and all.
    """
    rate = speech_rate(seq, times, quality.speech or 0.0)
    return replace(quality, rate=rate, align_score=align_score)
