"""Checked access to a section of a dialect's YAML: an unknown key or a wrong kind is an error."""

from collections.abc import Mapping
from typing import Any

from diamoe.errors import DialectFileError


class Section:
    """One mapping of a dialect file, with the path that error messages name."""

    def __init__(self, code: str, path: str, data: Any):
        self.code, self.path = code, path
        if not isinstance(data, Mapping):
            raise self.error("", f"expected a mapping, found {data!r}")
        self.data = data

    def __contains__(self, key: object) -> bool:
        return key in self.data

    def error(self, key: str, message: str) -> DialectFileError:
        """An error that names the file and the key."""
        where = ".".join(part for part in (self.path, key) if part) or "the file"
        return DialectFileError(f"{self.code}.yaml: {where}: {message}")

    def _inside(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def only(self, *allowed: str) -> None:
        """Refuse keys that are not `allowed`."""
        for key in self.data:
            if key not in allowed:
                raise self.error(str(key), f"unknown key; allowed: {', '.join(allowed)}")

    def text(self, key: str, default: str | None = None) -> str:
        """A string."""
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, f"expected a string, found {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false where absent."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"expected true or false, found {value!r}")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one string of words; empty where absent."""
        value = self.data.get(key, ())
        if isinstance(value, str):
            return tuple(value.split()) if value else ("",)
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise self.error(key, f"expected strings, found {value!r}")
        return tuple(value)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A number or a list of numbers; empty where absent."""
        value = self.data.get(key, ())
        value = [value] if isinstance(value, int) else value
        if not isinstance(value, list | tuple) or not all(isinstance(v, int) for v in value):
            raise self.error(key, f"expected numbers, found {value!r}")
        return tuple(value)

    def texts(self, key: str) -> dict[str, str]:
        """A mapping of strings to strings; empty where absent."""
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            raise self.error(key, f"expected a mapping, found {value!r}")
        for name, item in value.items():
            if not isinstance(name, str) or not isinstance(item, str):
                raise self.error(f"{key}.{name}", f"expected a string, found {item!r}")
        return dict(value)

    def section(self, key: str) -> "Section":
        """A mapping inside this one; empty where absent."""
        return Section(self.code, self._inside(key), self.data.get(key, {}))

    def sections(self, key: str) -> list["Section"]:
        """A list of mappings; empty where absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"expected a list, found {value!r}")
        return [Section(self.code, self._inside(f"{key}[{i}]"), v) for i, v in enumerate(value)]
