"""Dialects in any proportion: 70 % Chengdu, 30 % Mandarin."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from diamoe.errors import ConfigError
from diamoe.text.dialect import DIALECT_CODES, load_dialect


def parse_mix(text: str) -> dict[str, float]:
    """Read `--mix`: dialect codes (or their aliases) with weights, which are scaled to sum to 1.

    >>> parse_mix("chengdu=0.7,putonghua=0.3")
    {'chengdu': 0.7, 'putonghua': 0.3}
    >>> parse_mix("chengdu=1, xian=3")
    {'chengdu': 0.25, 'xian': 0.75}

    Raises:
        UnknownDialect: no dialect has that code.
        ConfigError: not of the form CODE=WEIGHT,..., a code twice, a weight that is negative or no
            number, or weights that are all zero.
    """
    mix: dict[str, float] = {}
    for part in text.split(","):
        code, equals, weight = (piece.strip() for piece in part.partition("="))
        if not (code and equals):
            raise ConfigError(f"mix: expected DIALECT=WEIGHT,DIALECT=WEIGHT, found {text!r}")
        code = load_dialect(code).code
        if code in mix:
            raise ConfigError(f"mix: {code} stands twice in {text!r}")
        mix[code] = _weight(weight, code)
    total = sum(mix.values())
    if not total > 0:
        raise ConfigError(f"mix: the weights in {text!r} are all zero")
    return {code: weight / total for code, weight in mix.items()}


def _weight(text: str, code: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ConfigError(f"mix: the weight of {code} must be a number from 0 up, found {text!r}")
    return value


def mix_weights(mix: Mapping[str, float], dialects: int = len(DIALECT_CODES)) -> Tensor:
    """A mix as the model takes it, (1, dialects): the weight of every dialect id.

    Raises:
        UnknownDialect, UnplacedDialect: a code has no id.
    """
    weights = torch.zeros(1, dialects)
    for code, weight in mix.items():
        weights[0, load_dialect(code).id] += weight
    return weights


def embed_dialects(table: nn.Embedding, dialect: Tensor) -> Tensor:
    """Vectors of dialects, (batch, dim): `dialect` is (batch,) ids, or (batch, dialects) weights
    of a mix of the table's first rows."""
    if not dialect.is_floating_point():
        return table(dialect)
    rows = table(torch.arange(dialect.shape[1], device=dialect.device).expand(len(dialect), -1))
    return (dialect.unsqueeze(-1).to(rows.dtype) * rows).sum(dim=1)
