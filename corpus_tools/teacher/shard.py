"""One shard of the teacher's corpus: spoken and written by one process, all or nothing."""

import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import soundfile
from lhotse import AudioSource, MonoCut, Recording, SupervisionSegment
from lhotse.shar import SharWriter
from lhotse.supervision import AlignmentItem

from corpus_tools.teacher.errors import TeacherError
from corpus_tools.teacher.plan import Line
from corpus_tools.teacher.speech import TeacherSpeech, speak
from corpus_tools.teacher.voice import get_voice

FIELDS = {"cuts": "jsonl.gz", "recording": "tar"}


@dataclass(frozen=True)
class ShardTask:
    """A shard to write: its folder, its number and its lines."""

    folder: Path
    number: int
    lines: tuple[Line, ...]

    def path(self, field: str) -> Path:
        """Where a field of this shard lies, `cuts.000000.jsonl.gz`."""
        return self.folder / f"{field}.{self.number:06d}.{FIELDS[field]}"

    @property
    def is_done(self) -> bool:
        """True once the shard is whole: its cuts are moved into place last."""
        return self.path("cuts").is_file()


def make_cut(line: Line, speech: TeacherSpeech) -> MonoCut:
    """The spoken line as a cut: text, dialect, voice, phones and their times."""
    buffer = io.BytesIO()
    soundfile.write(buffer, speech.samples, speech.sample_rate, "PCM_16", format="WAV")
    recording = Recording(
        id=line.id,
        sources=[AudioSource(type="memory", channels=[0], source=buffer.getvalue())],
        sampling_rate=speech.sample_rate,
        num_samples=len(speech.samples),
        duration=speech.duration,
    )
    supervision = SupervisionSegment(
        id=line.id,
        recording_id=line.id,
        start=0.0,
        duration=speech.duration,
        text=line.text,
        language=line.seq.dialect,
        speaker=line.voice,
        custom={"phones": str(line.seq)},
        alignment={"phone": [AlignmentItem(t, s, d) for t, s, d in speech.alignment]},
    )
    return MonoCut(
        id=line.id,
        start=0.0,
        duration=speech.duration,
        channel=0,
        recording=recording,
        supervisions=[supervision],
    )


def write_shard(task: ShardTask) -> int:
    """Speak and write one shard unless it is there already; returns its number of utterances.

    Raises:
        TeacherError: a line cannot be spoken; the message names it.
    """
    if task.is_done:
        return len(task.lines)
    scratch = task.folder / f".shard-{task.number:06d}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    with SharWriter(str(scratch), fields={"recording": "flac"}, shard_size=None) as writer:
        for line in task.lines:
            try:
                speech = speak(line.seq, get_voice(line.voice), line.seed)
            except TeacherError as error:
                raise TeacherError(f"{line.id} ({line.text}): {error}") from error
            writer.write(make_cut(line, speech))
    for field in ("recording", "cuts"):
        os.replace(scratch / f"{field}.{FIELDS[field]}", task.path(field))
    shutil.rmtree(scratch)
    return len(task.lines)
