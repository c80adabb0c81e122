"""Checked access to a section of a dialect's YAML: an unknown key or a wrong kind is an error."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from diamoe.errors import DialectFileError
from diamoe.text.dialect_yaml import line_of
from diamoe.text.vocabulary import PhoneVocabulary


class Section:
    """One mapping of a dialect file, with the path and line that error messages name."""

    def __init__(self, code: str, path: str, data: Any, line: int | None = None):
        self.code, self.path, self.line = code, path, line
        self.data: Mapping[Any, Any] = {}
        if not isinstance(data, Mapping):
            raise self.error("", f"expected a mapping, found {data!r}")
        self.data = data

    def __contains__(self, key: object) -> bool:
        return key in self.data

    def error(self, key: str, message: str) -> DialectFileError:
        """An error that names the file, the line and the key."""
        where = ".".join(part for part in (self.path, key) if part) or "the file"
        line = self._line(key) or self.line
        file = f"{self.code}.yaml" + (f", line {line}" if line else "")
        return DialectFileError(f"{file}: {where}: {message}")

    def _line(self, key: str) -> int | None:
        """The line of a key, or of the last key in it that has one (`finals.ai`)."""
        data: Any = self.data
        found = None
        while key and isinstance(data, Mapping):
            name = next((n for n in data if key == str(n) or key.startswith(f"{n}.")), None)
            if name is None:
                break
            found = line_of(data, name) or found
            key, data = key[len(str(name)) + 1 :], data[name]
        return found

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

    def phones(self, key: str) -> dict[str, tuple[str, ...]]:
        """A mapping of names to phones of the inventory; empty where absent."""
        return {name: self._phones(f"{key}.{name}", v) for name, v in self.texts(key).items()}

    def phones_of(self, key: str) -> tuple[str, ...]:
        """Phones of the inventory, separated by spaces."""
        return self._phones(key, self.text(key))

    def _phones(self, key: str, text: str) -> tuple[str, ...]:
        phones = tuple(unicodedata.normalize("NFD", text).split())
        for phone in phones:
            if phone not in PhoneVocabulary.default():
                raise self.error(key, f"{phone!r} is no phone of the inventory")
        if not phones:
            raise self.error(key, "expected phones separated by spaces, found nothing")
        return phones

    def section(self, key: str) -> "Section":
        """A mapping inside this one; empty where absent."""
        line = line_of(self.data, key) or self.line
        return Section(self.code, self._inside(key), self.data.get(key, {}), line)

    def sections(self, key: str) -> list["Section"]:
        """A list of mappings; empty where absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"expected a list, found {value!r}")
        return [
            Section(self.code, self._inside(f"{key}[{i}]"), item, line_of(value, i) or self.line)
            for i, item in enumerate(value)
        ]
