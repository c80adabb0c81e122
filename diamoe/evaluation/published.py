"""Figures that others published, to stand beside ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diamoe.errors import ConfigError
from diamoe.text.dialect import load_dialect


@dataclass(frozen=True)
class Published:
    """What a paper says; nothing unless given.

    Raises:
        ConfigError: a value that is no number, or no source.
        UnknownDialect: a dialect that there is not.
    """

    source: str = ""
    """Where it is said."""
    figures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Figure, dialect, value: `{wer: {xian: 0.33}}`."""

    def __post_init__(self) -> None:
        for name, values in self.figures.items():
            for dialect, value in values.items():
                load_dialect(dialect)
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise ConfigError(f"published.{name}.{dialect}: {value!r} is no number")
        if self.figures and not self.source:
            raise ConfigError("published: say where the figures are from (published.source)")

    def beside(self, figures: Mapping[str, Any]) -> list[tuple[str, str, float, Any]]:
        """Figure, dialect, what was published, and our estimate in a summary's `figures` (None
        where nothing was measured)."""
        return [
            (name, dialect, value, figures.get(name, {}).get("dialects", {}).get(dialect))
            for name, values in self.figures.items()
            for dialect, value in values.items()
        ]
