"""The cuts of prepared corpora without their sound, which is read from its shard when needed.

Only the manifests are held in memory, each compressed (about 0.7 kB an utterance), so that a
corpus may be far larger than the memory, and any utterance can be had at once, in any order.
"""

import glob
import gzip
import hashlib
import json
import tarfile
import zlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lhotse.cut import Cut
from lhotse.serialization import deserialize_item
from lhotse.shar.utils import fill_shar_placeholder

from diamoe.corpus import corpus_shards
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.dialect import load_dialect

REPAIR = "restore this shard or build the corpus again, then start the same command again"


def find_corpora(patterns: Iterable[str]) -> list[str]:
    """Corpus folders by name or pattern (`corpora/teacher_*_train`), each once, in order.

    Raises:
        ConfigError: a pattern matches nothing.
    """
    folders: list[str] = []
    for pattern in patterns:
        found = [pattern]
        if glob.has_magic(pattern):
            found = sorted(f for f in glob.glob(pattern) if Path(f).is_dir())
        if not found:
            raise ConfigError(f"data: no folder matches {pattern!r}")
        folders += [f for f in found if f not in folders]
    return folders


@dataclass
class ShardStore:
    """Cuts by number: length, dialect, corpus, manifest, and where the sound is."""

    folders: list[str] = field(default_factory=list)
    """The corpora, in order."""
    seconds: array = field(default_factory=lambda: array("d"))
    """Length of every cut."""
    dialects: array = field(default_factory=lambda: array("h"))
    """Dialect id of every cut."""
    corpora: array = field(default_factory=lambda: array("l"))
    """Place of every cut's corpus in `folders`."""
    tars: list[Path] = field(default_factory=list)
    """The files that hold the sound."""
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """Of every cut's sound: its file's place in `tars`, first byte, number of bytes."""
    manifests: list[bytes] = field(default_factory=list)
    """Every cut's JSON, compressed."""
    digests: list[str] = field(default_factory=list)
    """SHA-256 of every corpus' manifests."""

    def __len__(self) -> int:
        return len(self.manifests)

    def add(self, folder: str) -> None:
        """Take in all cuts of one prepared corpus.

        Raises:
            CorpusError: there are no shards, or one is corrupt, cut short or does not match its
                manifest; it is named.
        """
        self.folders.append(folder)
        digest = hashlib.sha256()
        for cuts, tar in corpus_shards(folder):
            places = read_places(tar)
            self.tars.append(tar)
            for line in read_lines(cuts):
                digest.update(line)
                self._add(line, places, cuts)
        self.digests.append(digest.hexdigest()[:16])

    def _add(self, line: bytes, places: dict[str, tuple[int, int]], file: Path) -> None:
        try:
            data = json.loads(line)
            name, language = data["id"], data["supervisions"][0]["language"]
            seconds = float(data["duration"])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise CorpusError(f"{file}: not a manifest of cuts ({error!r}); {REPAIR}") from error
        if name not in places:
            raise CorpusError(f"{self.tars[-1]}: the sound of {name} is not there; {REPAIR}")
        self.seconds.append(seconds)
        self.dialects.append(load_dialect(language).id)
        self.corpora.append(len(self.folders) - 1)
        self.places.append((len(self.tars) - 1, *places[name]))
        self.manifests.append(zlib.compress(line, 1))

    def manifest(self, number: int) -> dict[str, Any]:
        """The JSON of one cut."""
        return json.loads(zlib.decompress(self.manifests[number]))

    def cut(self, number: int) -> Cut:
        """One cut with its sound in memory, still encoded.

        Raises:
            CorpusError: the shard ends too early or cannot be read.
        """
        cut = deserialize_item(self.manifest(number))
        shard, start, size = self.places[number]
        tar = self.tars[shard]
        try:
            with tar.open("rb") as file:
                file.seek(start)
                data = file.read(size)
        except OSError as error:
            raise CorpusError(f"{tar}: cannot read the sound of {cut.id}: {error}") from error
        if len(data) < size:
            raise CorpusError(f"{tar}: ends within the sound of {cut.id}; {REPAIR}")
        fill_shar_placeholder(manifest=cut.recording, data=data, tarpath=Path(f"{cut.id}.sound"))
        return cut

    def tar_of(self, number: int) -> Path:
        """The file that holds a cut's sound."""
        return self.tars[self.places[number][0]]

    def fingerprint(self) -> list[dict[str, object]]:
        """Of every corpus: name, cuts, hours, and a digest of its manifests."""
        count, seconds = [0] * len(self.folders), [0.0] * len(self.folders)
        for corpus, length in zip(self.corpora, self.seconds, strict=True):
            count[corpus] += 1
            seconds[corpus] += length
        rows = zip(self.folders, count, seconds, self.digests, strict=True)
        return [
            {"name": Path(f).name, "cuts": n, "hours": round(s / 3600, 3), "digest": d}
            for f, n, s, d in rows
        ]


def read_lines(file: Path) -> Iterator[bytes]:
    """The lines of a compressed manifest.

    Raises:
        CorpusError: it is corrupt or cut short.
    """
    try:
        with gzip.open(file, "rb") as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{file}: corrupt ({error}); {REPAIR}") from error


def read_places(tar: Path) -> dict[str, tuple[int, int]]:
    """First byte and number of bytes of every sound in a shard, by cut.

    Raises:
        CorpusError: the file is no tar, or ends too early.
    """
    places: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(tar, "r:") as members:
            for member in members:
                name = Path(member.name)
                if member.offset_data + member.size > tar.stat().st_size:
                    raise CorpusError(f"{tar}: ends within {name}; {REPAIR}")
                if name.suffix not in (".json", ".nometa", ".nodata"):
                    places[str(name.with_suffix(""))] = (member.offset_data, member.size)
    except (OSError, tarfile.TarError) as error:
        raise CorpusError(f"{tar}: corrupt ({error}); {REPAIR}") from error
    return places
