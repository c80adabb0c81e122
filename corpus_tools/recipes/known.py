"""The table of corpora: what each one is, read from YAML."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from diamoe.errors import ConfigError


@dataclass(frozen=True)
class KnownCorpus:
    """A corpus, as a line of the table describes it (see conf/corpus/known.yaml)."""

    name: str
    layout: str
    """Which reader reads it: words, syllables, metadata or sidecar."""
    dialect: str
    """Dialect code of every recording."""
    licence: str
    attribution: str
    speaker: str = ""
    """Speaker's name, where the corpus' own table has none."""
    folder: str = ""
    """Folder below the source; the corpus' name if empty."""
    join: bool = False
    """Join recordings to longer utterances (words and syllables)."""
    gap_mark: str = ""
    """A mark in word patterns that is heard as a gap, as `_` in `一边_一边`."""
    refuse: str = ""
    """Regular expression; recordings whose transcript it finds are left out."""

    def root(self, source: Path) -> Path:
        """The corpus' folder."""
        return source / (self.folder or self.name)


_KEYS = {f.name: f for f in fields(KnownCorpus) if f.name != "name"}
_REQUIRED = ("layout", "dialect", "licence", "attribution")


def _parse_table(text: str, where: str) -> Iterator[KnownCorpus]:
    try:
        table: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not valid YAML: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a mapping from corpus names to their description")
    for name, entry in table.items():
        if not isinstance(entry, dict):
            raise ConfigError(f"{where}: {name}: expected a mapping, found {entry!r}")
        unknown = sorted(set(entry) - set(_KEYS))
        missing = [key for key in _REQUIRED if key not in entry]
        if unknown or missing:
            raise ConfigError(
                f"{where}: {name}: unknown keys {unknown}, missing keys {missing}; "
                f"allowed: {', '.join(_KEYS)}"
            )
        yield KnownCorpus(name=str(name), **entry)


def known_corpora(extra: Path | None = None) -> dict[str, KnownCorpus]:
    """The built-in table, plus the user's own; his entries win over built-in ones of that name.

    Raises:
        ConfigError: a table is missing, or an entry has unknown or missing keys.
    """
    built_in = resources.files("conf") / "corpus" / "known.yaml"
    table = {c.name: c for c in _parse_table(built_in.read_text("utf-8"), "known.yaml")}
    if extra is not None:
        if not extra.is_file():
            raise ConfigError(f"table={extra}: no such file")
        table |= {c.name: c for c in _parse_table(extra.read_text("utf-8"), str(extra))}
    return table
