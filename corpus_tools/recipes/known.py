"""The table of corpora: what each one is, read from YAML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from corpus_tools.rejection import Rejected
from diamoe.errors import ConfigError, CorpusError


@dataclass(frozen=True)
class KnownCorpus:
    """A corpus, as a line of the table describes it (see conf/corpus/known.yaml)."""

    name: str
    layout: str
    """Which reader reads it; `LAYOUTS` lists them."""
    dialect: str
    """Dialect code of the recordings; of those alone that `dialects` does not name, if it does."""
    licence: str
    attribution: str
    speaker: str = ""
    """Speaker's name, where the corpus' own table has none."""
    folder: str = ""
    """Folder below the source, `*` for any name; the corpus' name if empty."""
    join: bool = False
    """Join recordings to longer utterances (words and syllables)."""
    gap_mark: str = ""
    """A mark in word patterns that is heard as a gap, as `_` in `一边_一边`."""
    refuse: str = ""
    """Regular expression; recordings whose transcript it finds are left out."""
    dialects: Mapping[str, str] = field(default_factory=dict)
    """Dialect code by the corpus' own label; an empty code leaves the label's recordings out."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the corpus' table calls the fields id, text, speaker, label and phones."""
    parts: tuple[str, ...] = ()
    """The corpus' own parts to read (tables or folders); the layout's usual ones if empty."""
    min_confidence: float = 0.0
    """Least confidence in a transcript, where the corpus states one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))  # YAML knows only lists

    def root(self, source: Path) -> Path:
        """The corpus' folder.

        Raises:
            CorpusError: a pattern stands for several folders.
        """
        pattern = self.folder or self.name
        if "*" not in pattern:
            return source / pattern
        found = sorted(p for p in source.glob(pattern) if p.is_dir())
        if len(found) > 1:
            raise CorpusError(
                f"{self.name}: {source / pattern} stands for several folders: "
                f"{', '.join(str(p) for p in found)}; leave one there"
            )
        return found[0] if found else source / pattern

    def dialect_of(self, *labels: str) -> str:
        """The dialect of a recording with these labels of the corpus, the most exact first.

        >>> corpus = KnownCorpus("c", "kaldi", "", "", "", dialects={"SW": "chengdu", "N": ""})
        >>> corpus.dialect_of("SW/Wuhan", "SW")
        'chengdu'

        Raises:
            Rejected: the label stands for no dialect, or its recordings are left out.
        """
        for label in labels:
            if label in self.dialects:
                if not self.dialects[label]:
                    raise Rejected("dialect left out", f"label {label!r}")
                return self.dialects[label]
        if self.dialect:
            return self.dialect
        given = " or ".join(repr(label) for label in labels if label) or "no label"
        raise Rejected("no dialect", f"{given}; known labels: {', '.join(self.dialects)}")


_KEYS = {f.name: f for f in fields(KnownCorpus) if f.name != "name"}
_REQUIRED = ("layout", "dialect", "licence", "attribution")
_MAPPINGS = ("dialects", "columns")


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
        for key in _MAPPINGS:
            if not isinstance(entry.get(key, {}), dict):
                raise ConfigError(f"{where}: {name}: {key}: expected a mapping")
        if not entry["dialect"] and not entry.get("dialects"):
            raise ConfigError(f"{where}: {name}: neither dialect nor dialects says what is spoken")
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
