"""Who came first with a key, kept on disk so that memory does not grow with the corpus."""

import sqlite3
from types import TracebackType

CACHE_KIB = 2048
"""Memory for the table's pages."""


class Firsts:
    """A table of keys and the first name that came with each.

    >>> with Firsts() as firsts:
    ...     print(firsts.earlier("a1b2", "one.wav"), firsts.earlier("a1b2", "two.wav"))
    None one.wav
    """

    def __init__(self) -> None:
        self._table = sqlite3.connect("")  # a temporary file that vanishes with the connection
        self._table.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._table.execute("CREATE TABLE firsts (key TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")

    def earlier(self, key: str, name: str) -> str | None:
        """The name that came with this key before; None, and the name is kept, if none did."""
        added = self._table.execute("INSERT OR IGNORE INTO firsts VALUES (?, ?)", (key, name))
        if added.rowcount:
            return None
        found = self._table.execute("SELECT name FROM firsts WHERE key = ?", (key,)).fetchone()
        return str(found[0])

    def __enter__(self) -> "Firsts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._table.close()
