"""Which voice suits which dialect: the figures of an evaluation in which voices take turns."""

from collections.abc import Sequence

from diamoe.evaluation.metric import Row

Casting = dict[str, dict[str, float]]
"""Errors of every voice in every dialect; the best voice of a dialect comes first."""


def casting(rows: Sequence[Row]) -> Casting:
    """Phones wrong for each phone, and tones wrong for each syllable where the recogniser hears
    tones, added up, by dialect and voice. Empty where one voice alone speaks each dialect.

    >>> row = {"dialect": "xian", "tone_error_part": 1, "tone_error_of": 10, "per_of": 10}
    >>> casting([row | {"voice": "a", "per_part": 3}, row | {"voice": "b", "per_part": 1}])
    {'xian': {'b': 0.2, 'a': 0.4}}
    """
    sums: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        if row.get("per_of"):
            voice = sums.setdefault(row["dialect"], {}).setdefault(row["voice"], {})
            for column in ("per_part", "per_of", "tone_error_part", "tone_error_of"):
                voice[column] = voice.get(column, 0) + (row.get(column) or 0)
    found: Casting = {}
    for dialect, voices in sums.items():
        errors = {name: _errors(columns) for name, columns in voices.items()}
        found[dialect] = dict(sorted(errors.items(), key=lambda pair: pair[1]))
    return found if any(len(voices) > 1 for voices in found.values()) else {}


def _errors(columns: dict[str, float]) -> float:
    tones = columns["tone_error_part"] / columns["tone_error_of"] if columns["tone_error_of"] else 0
    return round(columns["per_part"] / columns["per_of"] + tones, 4)
