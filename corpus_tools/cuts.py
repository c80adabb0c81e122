"""An utterance as a Lhotse cut in Shar form: its JSON, and its sound as FLAC."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile

from corpus_tools.audio.cleaning import SAMPLE_RATE
from corpus_tools.joining import Joined
from corpus_tools.members import to_int16


def encode_flac(wave: np.ndarray) -> bytes:
    """Samples in [-1, 1], (samples,), as a FLAC file of 16 bits."""
    buffer = io.BytesIO()
    soundfile.write(buffer, to_int16(wave), SAMPLE_RATE, "PCM_16", format="FLAC")
    return buffer.getvalue()


@dataclass(frozen=True)
class Spoken:
    """An utterance with all that is written of it."""

    id: str
    joined: Joined
    speaker: str
    times: dict[str, Any] | None
    """The align stage's record, None where times were not looked for."""
    quality: dict[str, Any]
    """What was measured of it."""
    augmented: dict[str, Any] | None = None
    """Of a perturbed copy: what it is a copy `of`, its `speed` and `semitones`."""


def cut_record(spoken: Spoken) -> dict[str, Any]:
    """The JSON of a whole utterance with one supervision, as `lhotse.shar` reads it."""
    name, joined, aligned = spoken.id, spoken.joined, spoken.times
    duration = len(joined.wave) / SAMPLE_RATE
    custom: dict[str, Any] = {
        "phones": str(joined.phones),
        "words": [[w.phones, round(w.start, 5), round(w.end, 5)] for w in joined.words],
    }
    supervision: dict[str, Any] = {
        "id": name,
        "recording_id": name,
        "start": 0.0,
        "duration": duration,
        "channel": 0,
        "text": joined.text,
        "language": joined.phones.dialect,
        "speaker": spoken.speaker,
        "custom": custom,
    }
    if aligned is not None:
        custom["align_score"] = aligned["score"]
        supervision["alignment"] = {
            tier: [[*item, None] for item in aligned[tier]] for tier in ("phone", "word")
        }
    if spoken.quality:
        custom["quality"] = spoken.quality
    if spoken.augmented:
        custom["augmented"] = spoken.augmented
    return {
        "id": name,
        "start": 0,
        "duration": duration,
        "channel": 0,
        "supervisions": [supervision],
        "recording": recording_record(name, len(joined.wave)),
        "type": "MonoCut",
    }


def recording_record(name: str, samples: int) -> dict[str, Any]:
    """The JSON of a recording whose sound lies beside it in a tar."""
    return {
        "id": name,
        "sources": [{"type": "shar", "channels": [0], "source": ""}],
        "sampling_rate": SAMPLE_RATE,
        "num_samples": samples,
        "duration": samples / SAMPLE_RATE,
        "channel_ids": [0],
    }
