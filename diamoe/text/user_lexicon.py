"""A user's lexicon for a dialect: the file is read with the dialect's own test of a syllable."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from diamoe.text.backends.registry import load_backend
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import reads_han
from diamoe.text.lexicon import Lexicon
from diamoe.text.lexicon_files import Check, Imported, read_lexicon
from diamoe.text.normalize import simplify


def load_lexicon(path: Path, dialect: str) -> Imported:
    """Read a user's lexicon for a dialect: TSV, RIME, a spreadsheet or a folder of them.

    Raises:
        LexiconError: the file cannot be read; single bad rows are listed in the result instead.
    """
    imported = read_lexicon(path, syllable_check(dialect), table_check(dialect))
    if load_dialect(dialect).backend == "sinitic":  # these read simplified characters
        return replace(imported, lexicon=_in_both_scripts(imported.lexicon))
    return imported


def _in_both_scripts(lexicon: Lexicon) -> Lexicon:
    """With the simplified form of every traditional word, unless it has an entry of its own."""
    entries = [entry for group in lexicon.entries.values() for entry in group]
    derived = [replace(entry, word=simplify(entry.word)) for entry in entries]
    return Lexicon.of([*derived, *entries], lexicon.phones)


def syllable_check(dialect: str) -> Check:
    """A test of one syllable: it is returned as the dialect writes it, or NotationError raised."""
    backend = load_backend(dialect)

    @lru_cache(maxsize=16384)
    def check(syllable: str) -> str:
        read = " ".join(r.romanised for d in backend.romanised(syllable) for r in d.readings)
        return read if reads_han(dialect) else syllable

    return check


def table_check(dialect: str) -> Check | None:
    """The same test for syllables as spreadsheets spell them; None where they spell as we do."""
    if load_dialect(dialect).backend != "wu":
        return None
    from diamoe.text.shanghai.tables import parse_table

    return parse_table
