"""WenetSpeech and its sisters of dialects: -Yue, -Chuan and -Wu.

WenetSpeech has one JSON file whose `audios` are long recordings with `segments`. The sisters
describe short clips, one object each: the published descriptions name them `utt_id`, `utt` or
`wav_utt_id_timestamp` and their text `rover_result` or `text` (`text_punc` with punctuation).
Clips are found by their path, or by their id in any folder or archive below the corpus.
Lhotse's `prepare_wenet_speech` loads the whole JSON and knows the first form only.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus_tools.recipes.json_stream import JsonRow, read_objects
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.recordings import RecordingIndex, recording_at, walk
from corpus_tools.recipes.tables import each
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

IDS = ("utt_id", "utt", "wav_utt_id_timestamp", "sid", "key", "id")
TEXTS = ("text_punc", "rover_result", "text", "txt")
PATHS = ("path", "audio_path", "wav_path", "wav_utt_id_timestamp_path", "filename", "wav")
SPEAKERS = ("speaker_id", "speaker", "speaker_attributes.speaker_id", "spk_id")
LABELS = ("dialect", "sub_dialect", "region", "meta_info.region", "language")


def prepare_wenetspeech(corpus: KnownCorpus, folder: Path) -> Iterator[Utterance | Rejection]:
    """Read every `.json` and `.jsonl` below the folder, or the `parts` named.

    Clips with several speakers, and those whose text's confidence is below `min_confidence`, are
    rejected. Who speaks in a long recording is not stated; its name stands for the speaker.

    Raises:
        CorpusError: there is no JSON file.
    """
    tables = [folder / part for part in corpus.parts] or [
        path for path in walk(folder) if path.suffix in (".json", ".jsonl")
    ]
    if not tables:
        raise CorpusError(f"{folder}: no .json and no .jsonl below it")
    reader = _Reader(corpus, folder)
    for table in tables:
        for row in read_objects(table, array="audios"):
            if isinstance(row, Rejection):
                yield row
            elif "segments" in row.values:
                yield from reader.long_recording(row)
            elif "audio_labels" not in row.values:  # else it lists other tables
                yield from reader.clip(row, table)
    yield from reader.refused


class _Reader:
    """One corpus while it is read."""

    def __init__(self, corpus: KnownCorpus, folder: Path):
        self.corpus, self.folder = corpus, folder
        self.refused: list[Rejection] = []

    @cached_property
    def recordings(self) -> RecordingIndex:
        index = RecordingIndex(self.folder)
        self.refused = index.rejected
        return index

    def clip(self, row: JsonRow, table: Path) -> Iterator[Utterance | Rejection]:
        def make(row: JsonRow) -> Utterance:
            path, member = self._clip_recording(row, table)
            return replace(self._utterance(row, row.need(*IDS)), audio_path=path, member=member)

        yield from each([row], _name, make)

    def long_recording(self, row: JsonRow) -> Iterator[Utterance | Rejection]:
        def make(segment: JsonRow) -> Utterance:
            start = segment.number("begin_time", default=-1)
            end = segment.number("end_time", default=-1)
            if not 0 <= start < end:
                raise Rejected("malformed row", f"from {start} to {end} s")
            path = recording_at(self.folder, row.need("path"))
            utterance = self._utterance(segment, row.need("aid"))
            return replace(utterance, audio_path=path, start=start, end=end)

        given: Any = row.values["segments"]
        segments = [
            JsonRow(f"{row.where}, segment {i}", s if isinstance(s, dict) else {})
            for i, s in enumerate(given if isinstance(given, list) else [], start=1)
        ]
        yield from each(segments, _name, make)

    def _utterance(self, row: JsonRow, speaker: str) -> Utterance:
        """All but the sound; `speaker` is taken where none is stated."""
        if row.get("spk_num") not in ("", "single", "1"):
            raise Rejected("several speakers", f"spk_num is {row.get('spk_num')}")
        if row.number("confidence", default=1.0) < self.corpus.min_confidence:
            raise Rejected("low confidence", row.get("confidence"))
        label = row.get(*LABELS)
        return Utterance(
            id=row.need(*IDS),
            audio_path=self.folder,
            dialect=self.corpus.dialect_of(label),
            speaker=row.get(*SPEAKERS) or self.corpus.speaker or speaker,
            text=row.need(*TEXTS),
            language=label,
        )

    def _clip_recording(self, row: JsonRow, table: Path) -> tuple[Path, str]:
        name = row.get(*PATHS)
        for base in (self.folder, table.parent) if name else ():
            try:
                return recording_at(self.folder, str((base / name).relative_to(self.folder))), ""
            except ValueError as error:
                raise Rejected("path leaves the corpus", f"{name!r}") from error
            except Rejected as reason:
                if reason.kind != "no recording":
                    raise
        return self.recordings.find(Path(name).stem if name else row.need(*IDS))


def _name(row: JsonRow) -> str:
    return row.get(*IDS) or row.where
