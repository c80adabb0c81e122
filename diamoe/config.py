"""Settings as frozen dataclasses: built from plain mappings, unknown keys refused by name."""

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_type_hints

from diamoe.errors import ConfigError

T = TypeVar("T")


@lru_cache(maxsize=64)
def _field_types(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def build(cls: type[T], data: Any, where: str = "") -> T:
    """Make a dataclass from a mapping; nested dataclasses from nested mappings.

    Raises:
        ConfigError: an unknown key (the allowed ones are listed), a missing one, or a value of
            the wrong type.
    """
    where = where or cls.__name__
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise ConfigError(f"{where}: expected settings, found {data!r}")
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = [key for key in data if key not in fields]
    if unknown:
        raise ConfigError(
            f"{where}: unknown setting {unknown[0]!r}; known settings: {', '.join(fields)}"
        )
    types = _field_types(cls)  # type: ignore[arg-type]
    values = {key: _convert(types[key], value, f"{where}.{key}") for key, value in data.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error


def _convert(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return value if isinstance(value, kind) else build(kind, value, where)  # type: ignore
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise ConfigError(f"{where}: expected {kind.__name__}, found {value!r}")
    return value


def to_dict(settings: Any) -> dict[str, Any]:
    """The inverse of `build`."""
    return dataclasses.asdict(settings)
