"""Speech through the codecs it meets on telephones and in messengers."""

import io

import numpy as np
import soundfile

from diamoe.audio.files import resample
from diamoe.errors import ConfigError

CODECS = {
    "gsm": (8_000, "WAV", "GSM610", None),
    "law": (8_000, "WAV", "ULAW", None),
    "opus": (24_000, "OGG", "OPUS", 1.0),
    "mp3": (16_000, "MP3", "MPEG_LAYER_III", 0.95),
}
"""Name -> rate in Hz, container, coding, compression (1 the strongest)."""


def through_codec(wave: np.ndarray, sample_rate: int, name: str) -> np.ndarray:
    """A wave (samples,) coded and decoded: as long, at the same rate and place.

    Raises:
        ConfigError: a codec of another name.
    """
    if name not in CODECS:
        raise ConfigError(f"codec: found {name!r}, allowed: {', '.join(CODECS)}")
    rate, container, coding, compression = CODECS[name]
    narrow = resample(wave, sample_rate, rate).clip(-1, 1)
    buffer = io.BytesIO()
    how = {} if compression is None else {"compression_level": compression}
    soundfile.write(buffer, narrow, rate, format=container, subtype=coding, **how)
    buffer.seek(0)
    decoded = resample(soundfile.read(buffer, dtype="float32")[0], rate, sample_rate)
    fitted = np.zeros(len(wave), np.float32)
    fitted[: len(decoded)] = decoded[: len(wave)]
    return fitted
