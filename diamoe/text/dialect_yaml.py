"""The YAML of dialect files, with the line of every key kept for error messages."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from diamoe.errors import DialectFileError

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NumberedDict(dict):
    """A mapping that knows the line (from 1) of each of its keys."""

    lines: Mapping[Any, int] = {}


class NumberedList(list):
    """A list that knows the line (from 1) of each of its items."""

    lines: tuple[int, ...] = ()


def line_of(data: object, key: object) -> int | None:
    """The line of a key or item, where the data came from a file."""
    if isinstance(data, NumberedDict):
        return data.lines.get(key)
    if isinstance(data, NumberedList) and isinstance(key, int) and key < len(data.lines):
        return data.lines[key]
    return None


def read_yaml(path: Path) -> NumberedDict:
    """Read one dialect file.

    `on`, `off`, `yes` and `no` are words, as they are syllables somewhere; only `true` and `false`
    are not.

    Raises:
        DialectFileError: it is no YAML mapping, or a key stands twice; the line is named.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise DialectFileError(f"{path.name}{line}: {error.problem or error}") from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DialectFileError(f"{path.name}: {error}") from error
    if not isinstance(data, NumberedDict):
        raise DialectFileError(f"{path.name}: expected keys and values, found {data!r}")
    return data


class _Loader(_BASE):  # type: ignore[misc]
    """Safe YAML with line numbers."""


def _mapping(loader: Any, node: yaml.MappingNode) -> NumberedDict:
    data = NumberedDict()
    lines: dict[Any, int] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if key in lines:
            problem = f"{key!r} stands here and in line {lines[key]}"
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        lines[key] = line
        data[key] = loader.construct_object(value_node, deep=True)
    data.lines = lines
    return data


def _sequence(loader: Any, node: yaml.SequenceNode) -> NumberedList:
    data = NumberedList(loader.construct_object(item, deep=True) for item in node.value)
    data.lines = tuple(item.start_mark.line + 1 for item in node.value)
    return data


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in _BASE.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
