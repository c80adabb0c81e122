"""Writing utterances as Lhotse Shar: cuts and FLAC recordings side by side."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import soundfile
from lhotse import AudioSource, MonoCut, Recording, SupervisionSegment
from lhotse.shar import SharWriter

from corpus_tools.audio.cleaning import SAMPLE_RATE
from corpus_tools.joining import Joined
from corpus_tools.members import to_int16


@dataclass(frozen=True)
class Written:
    """How much was written."""

    utterances: int
    seconds: float


def make_cut(name: str, utterance: Joined, speaker: str) -> MonoCut:
    """A whole utterance as a cut with one supervision, its sound in memory."""
    samples = len(utterance.wave)
    buffer = io.BytesIO()
    soundfile.write(buffer, to_int16(utterance.wave), SAMPLE_RATE, "PCM_16", format="WAV")
    duration = samples / SAMPLE_RATE
    recording = Recording(
        id=name,
        sources=[AudioSource(type="memory", channels=[0], source=buffer.getvalue())],
        sampling_rate=SAMPLE_RATE,
        num_samples=samples,
        duration=duration,
    )
    supervision = SupervisionSegment(
        id=name,
        recording_id=name,
        start=0.0,
        duration=duration,
        text=utterance.text,
        language=utterance.phones.dialect,
        speaker=speaker,
        custom={
            "phones": str(utterance.phones),
            "words": [[w.phones, round(w.start, 5), round(w.end, 5)] for w in utterance.words],
        },
    )
    return MonoCut(
        id=name,
        start=0.0,
        duration=duration,
        channel=0,
        recording=recording,
        supervisions=[supervision],
    )


def write_shards(cuts: Iterable[MonoCut], folder: Path, shard_size: int) -> Written:
    """Write cuts to `folder`, so many a shard."""
    folder.mkdir(parents=True, exist_ok=True)
    count, seconds = 0, 0.0
    with SharWriter(str(folder), fields={"recording": "flac"}, shard_size=shard_size) as writer:
        for cut in cuts:
            writer.write(cut)
            count += 1
            seconds += cut.duration
    return Written(count, seconds)
