"""A part as the later stages see it: its recordings with sound, text and phones together."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus_tools.members import Member
from corpus_tools.parts import read_lines
from corpus_tools.quality.measure import Quality
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejection
from corpus_tools.rows import read_rows
from corpus_tools.sounds import RECORDS, read_sounds
from corpus_tools.transcripts import read_labels, read_texts


@dataclass(frozen=True)
class Contents:
    """What the first stages made of a part."""

    rows: Path
    audio: Path
    text: Path
    phones: Path
    duplicates: Path

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of it, as the inputs of a job."""
        return self.rows, self.audio, self.text, self.phones, self.duplicates

    def members(self) -> Iterator[Member]:
        """The recordings that no stage has left out, in the order of the corpus."""
        rows = [r for r in read_rows(self.rows) if isinstance(r, Utterance)]
        sounds, texts = read_sounds(self.audio), read_texts(self.text)
        labels = read_labels(self.phones, {r.id: r.dialect for r in rows})
        repeated = {r["id"] for r in read_lines(self.duplicates)}
        for row in rows:
            if row.id in sounds and row.id in labels and row.id not in repeated:
                label = labels[row.id]
                yield Member(row, texts[row.id], label.phones, sounds[row.id], label.words)

    def seconds_read(self) -> dict[str, float]:
        """The length of every recording that could be decoded, by id."""
        records = read_lines(self.audio / RECORDS)
        return {r["id"]: r["seconds_read"] for r in records if "rejected" not in r}

    def qualities(self) -> dict[str, Quality]:
        """What was measured of every recording's sound, by id."""
        records = read_lines(self.audio / RECORDS)
        return {r["id"]: Quality.from_dict(r["quality"]) for r in records if "rejected" not in r}

    def left_out(self) -> Iterator[tuple[str, Rejection]]:
        """What was left out, and by which stage."""
        for row in read_rows(self.rows):
            if isinstance(row, Rejection):
                yield "rows", row
        stages = ("audio", self.audio / RECORDS), ("text", self.text), ("phones", self.phones)
        for stage, path in (*stages, ("audio", self.duplicates)):
            for record in read_lines(path):
                if "rejected" in record:
                    yield stage, Rejection(**record["rejected"])
