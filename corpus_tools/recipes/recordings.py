"""Where the recordings of a corpus are: named by a table, or found by their own name."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from corpus_tools.recipes.archive import is_archive, member_names
from corpus_tools.recipes.lookup import Lookup
from corpus_tools.rejection import Rejected, Rejection

AUDIO_SUFFIXES = (".opus", ".ogg", ".flac", ".wav", ".mp3", ".m4a")
_SEPARATOR = "\n"


def recording_at(folder: Path, relative: str) -> Path:
    """The recording that a table names, checked to lie below the corpus' folder.

    Raises:
        Rejected: the path leaves the folder, or there is no such file.
    """
    path = folder / relative
    try:
        inside = path.resolve().is_relative_to(_resolved(folder))
        found = inside and path.is_file()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise Rejected("bad path", f"{relative!r}: {error}") from error
    if not inside:
        raise Rejected("path leaves the corpus", f"{relative!r} is not below {folder}")
    if not found:
        raise Rejected("no recording", f"no file {path}")
    return path


@lru_cache(maxsize=64)
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def recording_named(folder: Path, name: str) -> Path:
    """The recording `name` with whichever of the known suffixes.

    Raises:
        Rejected: the path leaves the folder, or there is no such file.
    """
    for suffix in AUDIO_SUFFIXES:
        try:
            return recording_at(folder, f"{name}{suffix}")
        except Rejected as reason:
            if reason.kind != "no recording":
                raise
    raise Rejected("no recording", f"no {folder / name} with any of {', '.join(AUDIO_SUFFIXES)}")


def walk(folder: Path) -> Iterator[Path]:
    """Every file below a folder in the order of names; one folder's names are held at a time."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(parent, name)


class RecordingIndex:
    """All recordings below a folder by their names without suffix, those inside archives too."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.rejected: list[Rejection] = []
        """Archives that cannot be read, and members with names that are refused."""
        self._places = Lookup(self._found())

    def find(self, name: str) -> tuple[Path, str]:
        """The file, and the member inside it where it is an archive.

        Raises:
            Rejected: no recording of that name, or several.
        """
        place = self._places.get(name)
        if not place:
            raise Rejected("no recording", f"none named {name!r} below {self.folder}")
        if self._places.times(name) > 1:
            raise Rejected("ambiguous recording", f"several named {name!r} below {self.folder}")
        path, _, member = place.partition(_SEPARATOR)
        return Path(path), member

    def _found(self) -> Iterator[tuple[str, str]]:
        for path in walk(self.folder):
            if path.suffix.lower() in AUDIO_SUFFIXES:
                yield path.stem, str(path)
            elif is_archive(path):
                for member in member_names(path):
                    if isinstance(member, Rejection):
                        self.rejected.append(member)
                    elif member.lower().endswith(AUDIO_SUFFIXES):
                        stem = member.rpartition("/")[2].rpartition(".")[0]
                        yield stem, f"{path}{_SEPARATOR}{member}"
