"""One recording and what is said in it, before any sound has been read."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Utterance:
    """A recording and its transcript: `text` in the dialect's script or `romanised`.

    A corpus that gives both gives `phones` too, which then say how it is spoken.

    The sound is `audio_path`, or a part of it: the file `member` inside a tar (`row:N` inside a
    Parquet file), and of that the seconds from `start` to `end` (None: to its end).
    """

    id: str
    audio_path: Path
    dialect: str
    speaker: str
    text: str = ""
    romanised: str = ""
    start: float = 0.0
    """Where in the recording it starts, seconds."""
    end: float | None = None
    """Where it ends, seconds; None for the recording's end."""
    member: str = ""
    """The file inside `audio_path` when that is a tar or Parquet file."""
    licence: str = ""
    """The row's own licence; empty for the corpus's."""
    attribution: str = ""
    """Whom to credit; empty for the corpus's."""
    phones: str = ""
    """Phones given by the corpus, in the notation of `diamoe.text.phones`."""
    language: str = ""
    """The corpus's own label of what is spoken, before it is mapped to a dialect."""

    @property
    def transcript(self) -> str:
        """Whichever of the two transcripts there is."""
        return self.text or self.romanised
