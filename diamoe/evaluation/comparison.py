"""Several systems on the same utterances: paired differences and how sure they are."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.errors import CorpusError
from diamoe.evaluation.bootstrap import estimate
from diamoe.evaluation.items import EXTREMES
from diamoe.evaluation.metric import Figure, Row
from diamoe.evaluation.results import read_results

ROUNDS = 10_000
"""Samples of utterances: enough for a p-value of 0.0002 to be told from chance."""
BLOCK = 500
"""Rounds at once, so that memory stays flat."""
SURE = 0.05
"""A difference is sure below this p-value, corrected for the number of figures (Holm)."""


@dataclass(frozen=True)
class System:
    """The results of one system."""

    name: str
    """What reports call it: its summary's `system`, or its folder where two are called alike."""
    folder: str
    """Where they are."""
    rows: dict[str, Row]
    """Utterances by id."""
    figures: dict[str, Figure]
    """What was measured, by name."""


@dataclass(frozen=True)
class Difference:
    """One figure of the first system minus that of the second, over the same utterances."""

    value: float
    low: float
    high: float
    p: float
    """Two-sided: how often a sample of utterances does not have the difference's sign."""
    utterances: int


def read_systems(folders: Sequence[str | Path]) -> list[System]:
    """Systems from folders of `diamoe.evaluate`.

    Raises:
        CorpusError: fewer than two folders, one twice, or one without results.
    """
    paths = [Path(folder) for folder in folders]
    if len({path.resolve() for path in paths}) < max(2, len(paths)):
        raise CorpusError(
            f"compare: two or more different folders, found {', '.join(map(str, paths))}"
        )
    read = [read_results(path) for path in paths]
    names = [str(summary["system"]) for _, summary in read]
    systems = []
    for path, (rows, summary), name in zip(paths, read, names, strict=True):
        label = name if names.count(name) == 1 else str(path)
        columns = set(rows[0]) if rows else set()
        figures = {
            key: Figure(key, entry["better"], entry["meaning"], f"{key}_of" in columns)
            for key, entry in summary["figures"].items()
        }
        systems.append(System(label, str(path), {row["id"]: row for row in rows}, figures))
    return systems


def compare_systems(systems: Sequence[System], seed: int = 0) -> dict[str, Any]:
    """Every figure of every system over the utterances that all have, and every pair's difference.

    Utterances that one lacks, and those whose text or dialect is not the same everywhere, are named
    and left out.

    Raises:
        CorpusError: no utterance or no figure is common to all.
    """
    common, missing, differing = _common_ids(systems)
    figures = [f for f in systems[0].figures.values() if all(f.name in s.figures for s in systems)]
    if not figures:
        raise CorpusError("compare: the folders have no figure in common")
    first = systems[0].rows
    whole = [i for i in common if first[i]["kind"] not in EXTREMES]
    groups = {"all": whole}
    for dialect in dict.fromkeys(first[i]["dialect"] for i in whole):
        groups[dialect] = [i for i in whole if first[i]["dialect"] == dialect]
    report: dict[str, Any] = {
        "systems": [{"name": s.name, "folder": s.folder} for s in systems],
        "utterances": len(common),
        "missing": missing,
        "differing": differing,
        "figures": {},
        "pairs": [],
    }
    for figure in figures:
        values = {g: [_value(figure, s, ids) for s in systems] for g, ids in groups.items()}
        if any(values["all"]):
            report["figures"][figure.name] = {
                "better": figure.better,
                "meaning": figure.meaning,
                "values": values,
            }
    kept = [f for f in figures if f.name in report["figures"]]
    for one, other in combinations(systems, 2):
        report["pairs"].append(_pair(one, other, kept, groups, seed))
    return report


def _value(figure: Figure, system: System, ids: Sequence[str]) -> dict[str, Any] | None:
    found = estimate(figure, [system.rows[i] for i in ids])
    return asdict(found) if found else None


def _common_ids(systems: Sequence[System]) -> tuple[list[str], dict[str, list[str]], list[str]]:
    """Ids to compare; by system those it lacks; those that do not mean the same everywhere."""
    every = list(dict.fromkeys(i for system in systems for i in system.rows))
    missing = {s.name: [i for i in every if i not in s.rows] for s in systems}
    shared = [i for i in every if all(i in s.rows for s in systems)]
    differing = [
        i for i in shared if len({(s.rows[i]["text"], s.rows[i]["dialect"]) for s in systems}) > 1
    ]
    common = [i for i in shared if i not in set(differing)]
    if not common:
        examples = "; ".join(f"{s.name}: {', '.join(list(s.rows)[:3])}" for s in systems)
        raise CorpusError(f"compare: no utterance is in every folder with one text ({examples})")
    return common, {name: ids for name, ids in missing.items() if ids}, differing


def _pair(
    one: System,
    other: System,
    figures: Sequence[Figure],
    groups: dict[str, list[str]],
    seed: int,
) -> dict[str, Any]:
    found: dict[str, dict[str, Difference]] = {f.name: {} for f in figures}
    for group, ids in groups.items():
        for figure, gap in zip(figures, paired(one, other, figures, ids, seed), strict=True):
            if gap:
                found[figure.name][group] = gap
    corrected = holm({name: gaps["all"].p for name, gaps in found.items() if "all" in gaps})
    better = {f.name: f.better for f in figures}
    return {
        "first": one.name,
        "second": other.name,
        "figures": {
            name: {
                "p_corrected": corrected[name],
                "verdict": verdict(gaps["all"].value, corrected[name], better[name]),
                "differences": {group: asdict(gap) for group, gap in gaps.items()},
            }
            for name, gaps in found.items()
            if "all" in gaps
        },
    }


def paired(
    one: System, other: System, figures: Sequence[Figure], ids: Sequence[str], seed: int
) -> list[Difference | None]:
    """The difference in each figure over utterances for which both systems have it."""
    parts = [_parts(figure, one.rows, other.rows, ids) for figure in figures]
    table = np.concatenate(parts, 1)  # (utterances, 4 per figure): part, whole of each system
    rng = np.random.default_rng(seed)
    sums = []
    for start in range(0, ROUNDS, BLOCK):
        size = (min(BLOCK, ROUNDS - start), len(ids))
        draws = rng.integers(len(ids), size=size) + len(ids) * np.arange(size[0])[:, None]
        counts = np.bincount(draws.ravel(), minlength=size[0] * len(ids)).reshape(size)
        sums.append(counts.astype(np.float64) @ table)
    drawn = np.concatenate(sums).reshape(ROUNDS, len(figures), 4)
    whole = table.sum(0).reshape(len(figures), 4)
    used = [int((p[:, 1] > 0).sum()) for p in parts]
    return [_difference(drawn[:, i], whole[i], used[i]) for i in range(len(figures))]


def _parts(
    figure: Figure, one: dict[str, Row], other: dict[str, Row], ids: Sequence[str]
) -> np.ndarray:
    """Part and whole of each system, (utterances, 4); zeros where one system lacks the figure."""
    table = np.zeros((len(ids), 4))
    for line, name in enumerate(ids):
        both = []
        for row in (one[name], other[name]):
            if figure.rate and row.get(f"{figure.name}_of"):
                both += [row[f"{figure.name}_part"], row[f"{figure.name}_of"]]
            elif not figure.rate and row.get(figure.name) is not None:
                both += [row[figure.name], 1.0]
        if len(both) == 4:
            table[line] = both
    return table


def _difference(drawn: np.ndarray, whole: np.ndarray, used: int) -> Difference | None:
    if not used:
        return None
    drawn = drawn[drawn[:, 1] > 0]
    gaps = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    low, high = np.quantile(gaps, (0.025, 0.975))
    tail = min((gaps <= 0).sum(), (gaps >= 0).sum())
    p = min(1.0, 2 * (int(tail) + 1) / (len(gaps) + 1))
    value = whole[0] / whole[1] - whole[2] / whole[3]
    return Difference(float(value), float(low), float(high), p, used)


def holm(values: dict[str, float]) -> dict[str, float]:
    """P-values corrected for their number, after Holm (1979): smallest first, never decreasing.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    corrected, highest = {}, 0.0
    for rank, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, p * (len(values) - rank)))
        corrected[name] = highest
    return corrected


def verdict(gap: float, p: float, better: str) -> str:
    """What a difference means for the first system.

    >>> verdict(-0.1, 0.001, "lower"), verdict(0.1, 0.2, "higher"), verdict(0.1, 0.001, "")
    ('better', 'not sure', 'differs')
    """
    if p >= SURE:
        return "not sure"
    if not better:
        return "differs"
    return "better" if (gap > 0) == (better == "higher") else "worse"
