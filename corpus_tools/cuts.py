"""An utterance as a Lhotse cut in Shar form: its JSON, and its sound as FLAC."""

import io
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


def cut_record(
    name: str,
    joined: Joined,
    speaker: str,
    aligned: dict[str, Any] | None,
    quality: dict[str, Any],
) -> dict[str, Any]:
    """The JSON of a whole utterance with one supervision, as `lhotse.shar` reads it.

    Args:
        aligned: the align stage's record, None where times were not looked for.
        quality: what was measured of it.
    """
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
        "speaker": speaker,
        "custom": custom,
    }
    if aligned is not None:
        custom["align_score"] = aligned["score"]
        supervision["alignment"] = {
            tier: [[*item, None] for item in aligned[tier]] for tier in ("phone", "word")
        }
    if quality:
        custom["quality"] = quality
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
