"""Tables of recordings, read line by line: bad rows become rejections, never exceptions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is no row of a table of recordings."""


@dataclass(frozen=True)
class Row:
    """One row: its fields by column, and where it stands (`FILE, line N`)."""

    where: str
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def get(self, *columns: str) -> str:
        """The first of these columns that the table has and that is not empty in this row.

        >>> Row("t.tsv, line 2", {"accent": "", "accents": "us"}).get("accent", "accents")
        'us'
        """
        return next((found for c in columns if (found := self.values.get(c, "").strip())), "")

    def need(self, *columns: str) -> str:
        """The same, for a field that every row must have.

        Raises:
            Rejected: none of the columns holds anything.
        """
        found = self.get(*columns)
        if not found:
            raise Rejected("missing field", f"{' or '.join(columns)} is empty")
        return found


def read_lines(path: Path) -> Iterator[tuple[int, str | Rejection]]:
    """The lines of a text file that are not blank, numbered from 1, without their line ends.

    Lines end at line feeds alone: other Unicode separators occur inside transcripts. A line that
    is not UTF-8 or is far too long is a rejection.

    Raises:
        CorpusError: there is no such file.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file")
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n") and len(line) == LONGEST_LINE:
                while line and not line.endswith(b"\n"):
                    line = file.readline(LONGEST_LINE)
                yield number, _malformed(path, number, f"longer than {LONGEST_LINE} bytes")
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                yield number, _malformed(path, number, f"not UTF-8 ({error})")
                continue
            if text.strip():
                yield number, text


def read_table(
    path: Path, wanted: Iterable[str], delimiter: str = "\t", header: tuple[str, ...] = ()
) -> Iterator[Row | Rejection]:
    """Rows of a table without quoting, whose first line names the columns unless `header` does.

    Args:
        wanted: columns without which the table is none; `a|b` is either.
        header: the columns of a table that does not name them.

    Raises:
        CorpusError: no such file, an empty one, or one without a wanted column.
    """
    columns = header
    for number, line in read_lines(path):
        if isinstance(line, Rejection):
            if not columns:
                raise CorpusError(f"{path}, line {number}: {line.detail}")
            yield line
        elif not columns:
            columns = tuple(line.split(delimiter))
            check_columns(columns, wanted, str(path))
        else:
            fields = line.split(delimiter)
            if len(fields) == len(columns):
                where = f"{path}, line {number}"
                yield Row(where, dict(zip(columns, fields, strict=True)))
            else:
                yield _malformed(
                    path, number, f"{len(fields)} fields, expected {len(columns)}: {columns}"
                )
    if not columns:
        raise CorpusError(f"{path}: empty file; it needs the columns {', '.join(wanted)}")


def check_columns(found: Iterable[str], wanted: Iterable[str], where: str) -> None:
    """Refuse a table that lacks a column.

    >>> check_columns(["path", "accent"], ["path", "accent|accents"], "train.tsv")

    Raises:
        CorpusError: naming the file, the columns found and those wanted.
    """
    columns, wanted = list(found), list(wanted)
    for column in wanted:
        if not set(column.split("|")) & set(columns):
            raise CorpusError(
                f"{where}: no column {column.replace('|', ' or ')}; found {', '.join(columns)}; "
                f"wanted {', '.join(wanted).replace('|', ' or ')}"
            )


def _malformed(path: Path, number: int, detail: str) -> Rejection:
    return Rejection(f"{path.name}:{number}", "malformed row", f"{path}, line {number}: {detail}")


class Placed(Protocol):
    """Something read from a file, with its place there."""

    @property
    def where(self) -> str: ...


Source = TypeVar("Source", bound=Placed)


def each(
    rows: Iterable[Source | Rejection],
    name: Callable[[Source], str],
    make: Callable[[Source], Utterance],
) -> Iterator[Utterance | Rejection]:
    """An utterance for every row, or the reason why there is none, under the row's id.

    Args:
        name: the id of a row, whatever else is wrong with it.
        make: the utterance of a row; raises `Rejected`.
    """
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        try:
            made: Utterance | Rejection = make(row)
        except Rejected as reason:
            made = Rejection(name(row), reason.kind, f"{row.where}: {reason.detail}")
        yield made
