"""Sheets of csv, ods and xlsx files as rows with the header's names."""

import csv
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from corpus_tools.recipes.tables import Row, check_columns
from diamoe.errors import CorpusError

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
WIDEST = 64
"""Columns read; programs write thousands of empty ones."""


def read_sheet(path: Path, sheet: str, wanted: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a sheet by the names in its first row; a csv file is a sheet by itself.

    Raises:
        CorpusError: not readable, no such sheet, or a wanted column is missing.
    """
    rows = _cells(path, sheet)
    header = [cell.strip() for cell in next(rows, (0, []))[1]]
    check_columns(header, wanted, f"{path}, sheet {sheet}")
    for number, cells in rows:
        if any(cells):
            padded = cells + [""] * (len(header) - len(cells))
            values = dict(zip(header, padded, strict=False))
            yield Row(f"{path}, sheet {sheet}, row {number}", values)


def _cells(path: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    readers = {".csv": _read_csv, ".ods": _read_ods, ".xlsx": _read_xlsx}
    if path.suffix.lower() not in readers:
        raise CorpusError(f"{path}: expected a file of {', '.join(readers)}")
    try:
        yield from enumerate(readers[path.suffix.lower()](path, sheet), start=1)
    except CorpusError:
        raise
    except Exception as error:  # libraries raise many kinds on a broken file
        raise CorpusError(f"{path}: not a readable spreadsheet: {error}") from error


def _read_csv(path: Path, sheet: str) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


def _read_xlsx(path: Path, sheet: str) -> Iterator[list[str]]:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise CorpusError(f"{path}: reading xlsx needs `pip install openpyxl`") from error
    book = load_workbook(path, read_only=True, data_only=True)
    if sheet not in book.sheetnames:
        raise CorpusError(f"{path}: no sheet {sheet}; found {', '.join(book.sheetnames)}")
    for row in book[sheet].iter_rows(values_only=True):
        yield ["" if cell is None else _plain(str(cell)) for cell in row[:WIDEST]]


def _read_ods(path: Path, sheet: str) -> Iterator[list[str]]:
    """Rows of OpenDocument's XML, read as a stream: one row is held at a time."""
    names = []
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        inside = False
        for event, element in ElementTree.iterparse(file, events=("start", "end")):
            if element.tag == f"{_TABLE}table" and event == "start":
                names.append(element.get(f"{_TABLE}name", ""))
                inside = names[-1] == sheet
            elif element.tag == f"{_TABLE}table-row" and event == "end":
                if inside:
                    yield _ods_row(element)
                element.clear()
            elif element.tag == f"{_TABLE}table" and event == "end":
                element.clear()
    if sheet not in names:
        raise CorpusError(f"{path}: no sheet {sheet}; found {', '.join(names)}")


def _ods_row(row: ElementTree.Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        paragraphs = ["".join(p.itertext()) for p in cell.iter(f"{_TEXT}p")]
        value = "\n".join(paragraphs) or cell.get(f"{_OFFICE}value", "")
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        cells += islice(_repeat(_plain(value)), min(repeated, WIDEST - len(cells)))
    return cells


def _repeat(value: Any) -> Iterator[Any]:
    while True:
        yield value


def _plain(value: str) -> str:
    """A number as an id is written: 7.0 is 7."""
    return value[:-2] if value.endswith(".0") and value[:-2].isdecimal() else value
