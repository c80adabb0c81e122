"""Settings as frozen dataclasses: built from plain mappings, unknown keys refused by name."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from diamoe.errors import ConfigError

T = TypeVar("T")
_HOLDERS = (list, tuple, Sequence, Mapping)


@lru_cache(maxsize=64)
def _field_types(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def build(cls: type[T], data: Any, where: str = "") -> T:
    """Make a dataclass from a mapping; nested dataclasses from nested mappings.

    Raises:
        ConfigError: an unknown key (the allowed ones are listed), a missing one, or a value of
            the wrong type; of a list or mapping, the element is named. One string may stand for a
            list of strings, a whole number for a string.

    >>> @dataclasses.dataclass
    ... class Example:
    ...     minutes: list[float]
    >>> build(Example, {"minutes": [1, 2.5]})
    Example(minutes=[1.0, 2.5])
    >>> _convert(str, 32, "precision")
    '32'
    >>> build(Example, {"minutes": [1, "a"]})
    Traceback (most recent call last):
    diamoe.errors.ConfigError: Example.minutes[1]: expected float, found 'a'
    """
    where = where or cls.__name__
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise ConfigError(f"{where}: expected settings, found {data!r}")
    for key in data:
        _known(cls, key, where)
    types = _field_types(cls)  # type: ignore[arg-type]
    values = {key: _convert(types[key], value, f"{where}.{key}") for key, value in data.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise ConfigError(f"{where}: {error}") from error


def find_setting(cls: type, name: str, where: str) -> bool:
    """Whether the setting of this dotted name in a dataclass is a mapping, or in one, whose keys
    are free.

    Raises:
        ConfigError: it has none; those that there are in its place are listed.

    >>> @dataclasses.dataclass
    ... class Example:
    ...     minutes: float = 1.0
    >>> find_setting(Example, "minuets", "example")
    Traceback (most recent call last):
    diamoe.errors.ConfigError: example: unknown setting 'minuets'; known settings: minutes
    """
    kind: Any = cls
    for part in name.split("."):
        if not dataclasses.is_dataclass(kind):
            break
        _known(kind, part, where)
        kind, where = _field_types(kind)[part], f"{where}.{part}"  # type: ignore[arg-type]
    return isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping)


def _known(cls: Any, key: Any, where: str) -> None:
    names = [f.name for f in dataclasses.fields(cls)]
    if key not in names:
        raise ConfigError(f"{where}: unknown setting {key!r}; known settings: {', '.join(names)}")


def default_settings(cls: type) -> dict[str, Any]:
    """The defaults of all settings of a dataclass that has them, whether or not together they are
    allowed."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        made = field.default_factory
        if isinstance(made, type) and dataclasses.is_dataclass(made):
            values[field.name] = default_settings(made)
            continue
        value = field.default if made is dataclasses.MISSING else made()
        values[field.name] = to_dict(value) if dataclasses.is_dataclass(value) else value
    return values


def _convert(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return value if isinstance(value, kind) else build(kind, value, where)  # type: ignore
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is str and type(value) is int:
        return str(value)  # precision=32 on a command line
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise ConfigError(f"{where}: expected {kind.__name__}, found {value!r}")
    return _contents(kind, value, where)


def _contents(kind: Any, value: Any, where: str) -> Any:
    """The elements of a list, tuple or mapping, each of its declared type; other values as is."""
    outer, inner = get_origin(kind), get_args(kind)
    if outer is None or not isinstance(outer, type) or not issubclass(outer, _HOLDERS):
        return value
    if issubclass(outer, Mapping):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where}: expected settings, found {value!r}")
        return {
            _convert(inner[0], key, f"{where}, the key {key!r}"): _convert(
                inner[1], element, f"{where}.{key}"
            )
            for key, element in value.items()
        }
    if isinstance(value, str) and inner[0] is str:
        value = [value]  # key=word on a command line
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigError(f"{where}: expected a list, found {value!r}")
    if outer is tuple and inner[-1] is not Ellipsis:
        if len(value) != len(inner):
            raise ConfigError(f"{where}: expected {len(inner)} values, found {value!r}")
        kinds = inner
    else:
        kinds = (inner[0],) * len(value)
    pairs = enumerate(zip(kinds, value, strict=True))
    made = [_convert(one, element, f"{where}[{n}]") for n, (one, element) in pairs]
    return tuple(made) if outer is tuple else made


def to_dict(settings: Any) -> dict[str, Any]:
    """The inverse of `build`."""
    return dataclasses.asdict(settings)
