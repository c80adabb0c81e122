"""Voices of recordings that users send."""

import asyncio
import secrets
from dataclasses import dataclass

import numpy as np

from diamoe.audio.decode import decode
from diamoe.audio.mel import MelConfig
from diamoe.errors import AudioError, DiamoeError
from diamoe.server.refusals import Refusal
from diamoe.synthesis.cloning import clone_voice
from diamoe.synthesis.prompt import make_prompt
from diamoe.synthesis.voices import Voice

LONGEST = 20.0
"""Seconds of a recording; a longer one is refused before it is decoded to its end."""
_HEADS = {  # formats by their first bytes; playlists and the like, which name other files, are none
    "RIFF": b"RIFF", "FLAC": b"fLaC", "Ogg": b"OggS", "WebM": b"\x1aE\xdf\xa3", "MP3": b"ID3",
}  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """A voice, named so that nobody can guess it, and what speaks against its recording."""

    voice: Voice
    doubts: tuple[str, ...]


async def record_voice(data: bytes, dialect: str, text: str | None) -> Recorded:
    """A voice of a recording.

    Raises:
        Refusal: 400 for what is no recording, too long, or not one of these words.
    """
    if not is_sound(data):
        formats = ", ".join(_HEADS)
        raise Refusal(400, f"not a recording: {formats} or MP4 is expected", "invalid_audio")
    try:
        return await asyncio.to_thread(_record, data, dialect, text)
    except DiamoeError as error:
        raise Refusal(400, str(error), "unusable_recording") from error


def is_sound(data: bytes) -> bool:
    """Whether data begins as a sound file does.

    >>> is_sound(b"RIFF...."), is_sound(b"#EXTM3U")
    (True, False)
    """
    mpeg = len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
    return mpeg or data[4:8] == b"ftyp" or any(data.startswith(head) for head in _HEADS.values())


def _record(data: bytes, dialect: str, text: str | None) -> Recorded:
    name = f"own-{secrets.token_hex(12)}"
    found = decode(data, "the recording", longest=LONGEST)
    if len(found.samples) > (LONGEST + 2) * found.sample_rate:
        raise AudioError(f"the recording is longer than it says; {LONGEST:g} s are allowed")
    rate = MelConfig().sample_rate
    wave = np.asarray(found.samples.mean(axis=1), np.float32)
    prompt = make_prompt(wave, found.sample_rate, rate, "the recording")
    voice = clone_voice(name, prompt, dialect, text or None, "a user's own voice")
    return Recorded(voice, prompt.doubts)
