"""One recording and what is said in it, before any sound has been read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diamoe.errors import CorpusError


@dataclass(frozen=True)
class Utterance:
    """A recording and its transcript: `text` in the dialect's script or `romanised`, not both."""

    id: str
    audio_path: Path
    dialect: str
    speaker: str
    text: str = ""
    romanised: str = ""

    @property
    def transcript(self) -> str:
        """Whichever of the two transcripts there is."""
        return self.text or self.romanised


def audio_inside(folder: Path, relative: str, where: str) -> Path:
    """The recording that a table names, checked to exist below the corpus' folder.

    Args:
        where: file and line of the table, for the message.

    Raises:
        CorpusError: the path leaves the folder or there is no such file.
    """
    path = folder / relative
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CorpusError(f"{where}: path {relative!r} leaves the corpus folder {folder}")
    if not path.is_file():
        raise CorpusError(f"{where}: no recording {path}")
    return path


def unique(utterances: Iterable[tuple[str, Utterance]]) -> Iterator[Utterance]:
    """Pass utterances through, given with the place they were read from.

    Raises:
        CorpusError: two have the same id; the message names both places.
    """
    seen: dict[str, str] = {}
    for where, utterance in utterances:
        if utterance.id in seen:
            raise CorpusError(
                f"{where}: duplicate id {utterance.id!r}, first at {seen[utterance.id]}"
            )
        seen[utterance.id] = where
        yield utterance
