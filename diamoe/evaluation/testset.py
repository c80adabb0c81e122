"""Test sets that come with the package, frozen by version: `xian@1`, `hard@1`, `dialects@1`.

A set is a table `sets/NAME@VERSION.tsv` with `id`, `kind` and `text`. One of a dialect has its
name and 100 sentences, 20 of each kind, in turn, so that a limit of five takes one of each.
`hard@1` holds 500 texts that synthesis stumbles over, to be read in any dialect that reads Chinese
characters. `dialects@1` is every dialect's set at that version.

A version never changes: figures of different days must mean the same. Better sentences are a new
version.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from diamoe.errors import CorpusError
from diamoe.evaluation.items import Item, read_items
from diamoe.text.dialect import DIALECT_CODES

SETS = Path(__file__).parent / "sets"
"""Where the tables are; `SHA256SUMS` there freezes them (`sha256sum -c` reads it, too)."""
KINDS = ("everyday", "numbers", "polyphones", "sandhi", "words")
"""Of the sentences of a dialect. In European languages heteronyms and irregular spellings stand
for polyphones; liaison, assimilation and compounds for sandhi; regional words for words."""
EVERY = "dialects"
"""Name of all dialects' sets together."""
_NAME = re.compile(r"[a-z]+@\d+")


def is_set_name(name: str) -> bool:
    """Whether a setting names a shipped set, not a file.

    >>> is_set_name("xian@1"), is_set_name("xian.tsv")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def set_sums() -> Mapping[str, str]:
    """SHA-256 of every shipped table by the set's name."""
    lines = (SETS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name.removesuffix(".tsv"): digest for digest, name in map(str.split, lines)}


def read_set(name: str, dialect: str = "", limit: int = 0) -> list[Item]:
    """The items of a shipped set.

    >>> [item.kind for item in read_set("xian@1", limit=5)]
    ['everyday', 'numbers', 'polyphones', 'sandhi', 'words']

    Args:
        dialect: who reads a set that is of no one dialect (`hard@1`).
        limit: so many of each dialect at most; 0 for all.

    Raises:
        CorpusError: there is no such set, its table is not the frozen one, or it needs a dialect.
    """
    sums = set_sums()
    if name.startswith(f"{EVERY}@"):
        version = name.partition("@")[2]
        names = [f"{code}@{version}" for code in DIALECT_CODES]
        names = [n for n in names if n in sums]
    else:
        names = [name] if name in sums else []
    if not names:
        versions = sorted({f"{EVERY}@{n.partition('@')[2]}" for n in sums})
        raise CorpusError(f"set: found {name!r}, allowed: {', '.join([*sums, *versions])}")
    return [item for n in names for item in _read(n, sums[n], dialect, limit)]


def _read(name: str, digest: str, dialect: str, limit: int) -> list[Item]:
    path = SETS / f"{name}.tsv"
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
    if found != digest:
        raise CorpusError(f"{path}: not the frozen set (found {found}, expected {digest})")
    code = name.partition("@")[0]
    if code not in DIALECT_CODES and not dialect:
        raise CorpusError(f"set: {name} is of no one dialect: name who reads it (dialect=...)")
    return read_items(path, code if code in DIALECT_CODES else dialect, limit)
