"""JSON objects read one by one: from lines, from one long array, or one after the other."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

CHUNK = 1 << 14
LARGEST_OBJECT = 1 << 26
"""Characters of one object."""

_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class JsonRow:
    """One object, and where it stands (`FILE, object N`). `a.b` is field `b` of the object `a`."""

    where: str
    values: Mapping[str, Any]

    def get(self, *fields: str) -> str:
        """The first of these fields that is there and not empty, as text.

        >>> JsonRow("", {"meta": {"region": "SH"}, "age": None}).get("age", "meta.region")
        'SH'
        """
        for field in fields:
            value = self._value(field)
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
        return ""

    def need(self, *fields: str) -> str:
        """The same, for a field that every object must have.

        Raises:
            Rejected: none of them is there.
        """
        found = self.get(*fields)
        if not found:
            raise Rejected("missing field", f"{' or '.join(fields)} is empty")
        return found

    def number(self, *fields: str, default: float) -> float:
        """The same, as a number.

        Raises:
            Rejected: it is there but is no finite number.
        """
        found = self.get(*fields)
        try:
            value = float(found) if found else default
        except ValueError:
            value = math.nan
        if found and not math.isfinite(value):
            raise Rejected("malformed row", f"{' or '.join(fields)} is {found!r}, not a number")
        return value

    def _value(self, field: str) -> Any:
        value: Any = self.values
        for part in field.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value


def read_objects(path: Path, array: str = "") -> Iterator[JsonRow | Rejection]:
    """The objects of a JSON file, whatever its form; memory holds one of them.

    A line that is not JSON is rejected and reading goes on behind it.

    Args:
        array: a field whose array is read, where the file is one large object that has it.

    Raises:
        CorpusError: there is no such file.
    """
    if not path.is_file():
        raise CorpusError(f"{path}: no such file")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        yield from _Reader(path, file).objects(array)


class _Reader:
    """Text of a file, as much of it as the next object needs."""

    def __init__(self, path: Path, file: TextIO):
        self.path, self.file = path, file
        self.text, self.ended, self.decoder = "", False, json.JSONDecoder()

    def objects(self, array: str) -> Iterator[JsonRow | Rejection]:
        self.more()
        start = re.search(rf'"{re.escape(array)}"\s*:\s*\[', self.text) if array else None
        start = start or re.match(r"\s*\[", self.text)
        inside = start is not None
        if start is not None:
            self.text = self.text[start.end() :]
        number = 0
        while self.skip_between() and not (inside and self.text[0] == "]"):
            number += 1
            where = f"{self.path}, object {number}"
            try:
                value = self.next_value()
            except (ValueError, RecursionError) as error:
                yield Rejection(
                    f"{self.path.name}:{number}", "malformed row", f"{where}: not JSON ({error})"
                )
                self.skip_line()
                continue
            if isinstance(value, dict):
                yield JsonRow(where, value)
            else:
                yield Rejection(
                    f"{self.path.name}:{number}", "malformed row", f"{where}: not an object"
                )

    def more(self) -> bool:
        chunk = self.file.read(max(CHUNK, len(self.text)))
        self.text += chunk
        self.ended = not chunk
        return not self.ended

    def skip_between(self) -> bool:
        """Whether there is anything behind the white space and commas."""
        while True:
            match = _BETWEEN.match(self.text)
            self.text = self.text[match.end() :] if match else self.text
            if self.text or not self.more():
                return bool(self.text)

    def next_value(self) -> Any:
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self.text) - 8 or "Unterminated" in error.msg
                if not cut or len(self.text) > LARGEST_OBJECT or not self.more():
                    raise
                continue
            self.text = self.text[end:]
            return value

    def skip_line(self) -> None:
        while "\n" not in self.text:
            self.text = ""
            if not self.more():
                return
        self.text = self.text.partition("\n")[2]
