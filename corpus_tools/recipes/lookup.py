"""Values by key on disk: tables of any length are joined in constant memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from corpus_tools.recipes.tables import read_lines
from corpus_tools.rejection import Rejection

BATCH = 1000


class Lookup:
    """A mapping in a temporary database file that vanishes with it; of equal keys the first stays.

    >>> speakers = Lookup([("u1", "ann"), ("u2", "ben"), ("u1", "cy")])
    >>> speakers.get("u1"), speakers.get("u3"), speakers.times("u1")
    ('ann', '', 2)
    """

    def __init__(self, items: Iterable[tuple[str, str]]):
        self._database = sqlite3.connect("", check_same_thread=False)
        self._database.execute("CREATE TABLE items (key TEXT PRIMARY KEY, value TEXT, times INT)")
        rest = iter(items)
        while batch := list(islice(rest, BATCH)):
            self._database.executemany(
                "INSERT INTO items VALUES (?, ?, 1) "
                "ON CONFLICT (key) DO UPDATE SET times = times + 1",
                batch,
            )

    def get(self, key: str) -> str:
        """The value, empty where there is none."""
        return self._find(key)[0]

    def times(self, key: str) -> int:
        """How many of the items had this key."""
        return self._find(key)[1]

    def __contains__(self, key: str) -> bool:
        return self.times(key) > 0

    def _find(self, key: str) -> tuple[str, int]:
        query = "SELECT value, times FROM items WHERE key = ?"
        row: tuple[str, int] | None = self._database.execute(query, (key,)).fetchone()
        return row or ("", 0)


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Lines `key value` as Kaldi writes them; a key alone has an empty value.

    Lines that cannot be read are left out here: what they would have named is then missing where
    it is looked up, and rejected there.

    Raises:
        CorpusError: there is no such file.
    """
    for _, line in read_lines(path):
        if not isinstance(line, Rejection):
            key, _, value = line.strip().replace("\t", " ", 1).partition(" ")
            yield key, value.strip()
