"""The audio stage: every recording of a part decoded, cleaned and kept, or left out by name."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from corpus_tools.audio.cleaning import CleanSettings, clean_wave
from corpus_tools.audio.reading import read_sound
from corpus_tools.members import Sound, store
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.quality.measure import measure_recording
from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.rows import read_rows

SAMPLES, RECORDS = "sound.pcm", "records.jsonl"
"""Files of a part: the samples of all its recordings, and where each one's are."""


def clean_part(job: Job, folder: Path) -> None:
    """Clean the recordings of a part; inputs: its rows; settings: `CleanSettings`."""
    (rows,) = job.inputs
    folder.mkdir()
    with (folder / SAMPLES).open("wb") as stream:
        records = _clean_all(rows, stream, job.settings)
        write_lines(folder / RECORDS, records)


def _clean_all(rows: Path, stream: BinaryIO, settings: CleanSettings) -> Iterator[dict[str, Any]]:
    for row in read_rows(rows):
        if isinstance(row, Utterance):
            try:
                yield {"id": row.id} | _clean(row, stream, settings)
            except Rejected as reason:
                yield Rejection.of(row.id, reason).record


def _clean(row: Utterance, stream: BinaryIO, settings: CleanSettings) -> dict[str, Any]:
    where = f"{row.audio_path.name}{f':{row.member}' if row.member else ''}"
    source = open_audio(row)
    encoded = source if isinstance(source, Path) else source.read()
    read = read_sound(encoded, settings.longest, where, row.start, row.end)
    clean = clean_wave(read.wave, settings, seed=zlib.crc32(row.id.encode()))
    kept = store(clean, stream, Path(SAMPLES))
    return {
        "offset": kept.offset,
        "samples": kept.samples,
        "noise": kept.noise,
        "start": kept.start,
        "end": kept.end,
        "seconds_read": round(read.seconds, 4),
        "sample_rate": read.sample_rate,
        "channels": read.channels,
        "content": read.content,
        "quality": measure_recording(clean).to_dict(),
    }


_PLACE = ("offset", "samples", "noise", "start", "end")


def read_sounds(folder: Path) -> dict[str, Sound]:
    """Where the kept recordings of a part are, by id."""
    return {
        record["id"]: Sound(folder / SAMPLES, **{key: record[key] for key in _PLACE})
        for record in read_lines(folder / RECORDS)
        if "rejected" not in record
    }
