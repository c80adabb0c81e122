"""What listeners said: mean opinion scores, and who was preferred to whom."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from diamoe.errors import CorpusError
from diamoe.listening.study import Key

COLUMNS = (
    "study", "kind", "listener", "position", "item", "dialect", "first", "second", "answer",
    "seconds", "plays",
)  # fmt: skip
"""Of the file that the page saves."""
Answer = dict[str, str]


def read_answers(paths: Iterable[Path], key: Key) -> list[Answer]:
    """The rows of listeners' files.

    Raises:
        CorpusError: a file is none, belongs to another test, names a sound that the test does not
            have or an answer that cannot be, or answers one trial twice; file and line are named.
    """
    answers: list[Answer] = []
    seen: set[tuple[str, ...]] = set()
    for path in paths:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise CorpusError(f"{path}: no file of answers ({error})") from error
        if not rows:
            raise CorpusError(f"{path}: the file holds no answer")
        for line, row in enumerate(rows, start=2):
            _check(row, key, f"{path}, line {line}")
            trial = (row["listener"], *sorted([row["first"], row["second"]]))
            if trial in seen:
                raise CorpusError(f"{path}, line {line}: {row['listener']!r} answered this before")
            seen.add(trial)
            answers.append(row)
    return answers


def _check(row: Answer, key: Key, where: str) -> None:
    missing = [name for name in COLUMNS if row.get(name) is None]
    if missing:
        raise CorpusError(f"{where}: no {missing[0]}; columns: {', '.join(COLUMNS)}")
    if row["study"] != key.study:
        raise CorpusError(f"{where}: of the test {row['study']!r}, the key is of {key.study!r}")
    allowed = ("first", "none", "second") if key.kind == "ab" else tuple("12345")
    if row["answer"] not in allowed:
        raise CorpusError(f"{where}: answer {row['answer']!r}, allowed: {', '.join(allowed)}")
    for clip in [row["first"], row["second"]] if key.kind == "ab" else [row["first"]]:
        if clip not in key.clips:
            raise CorpusError(f"{where}: the test has no sound {clip!r}")


def summarise(answers: Sequence[Answer], key: Key) -> dict[str, Any]:
    """Figures by system (`mos`) or by pair of systems (`ab`), with 95% intervals.

    An interval is a bootstrap over answers; the p-value of a preference is that of a sign test
    without the answers that saw no difference.
    """
    report: dict[str, Any] = {
        "kind": key.kind,
        "answers": len(answers),
        "listeners": sorted({row["listener"] for row in answers}),
    }
    return report | (_preferences(answers, key) if key.kind == "ab" else _marks(answers, key))


def _marks(answers: Sequence[Answer], key: Key) -> dict[str, Any]:
    from dataclasses import asdict

    from diamoe.evaluation.bootstrap import estimate
    from diamoe.evaluation.metric import Figure

    figure = Figure("mos", "higher", "mean opinion score, 1 to 5")
    systems = {}
    for system in key.systems:
        own = [row for row in answers if key.clips[row["first"]] == system]
        groups = {"all": own} | {
            dialect: [row for row in own if row["dialect"] == dialect]
            for dialect in dict.fromkeys(row["dialect"] for row in own)
        }
        found = {
            name: estimate(figure, [{"mos": int(row["answer"])} for row in rows])
            for name, rows in groups.items()
        }
        systems[system] = {name: asdict(e) for name, e in found.items() if e}
    return {"systems": systems}


def _preferences(answers: Sequence[Answer], key: Key) -> dict[str, Any]:
    from scipy.stats import binomtest

    pairs = []
    for one, other in combinations(key.systems, 2):
        votes: Counter[str] = Counter()
        for row in answers:
            sides = {"first": key.clips[row["first"]], "second": key.clips[row["second"]]}
            if set(sides.values()) == {one, other}:
                votes[sides.get(row["answer"], "")] += 1
        decided = votes[one] + votes[other]
        pairs.append(
            {
                "first": one,
                "second": other,
                "prefer_first": votes[one],
                "prefer_second": votes[other],
                "no_difference": votes[""],
                "p": float(binomtest(votes[one], decided).pvalue) if decided else 1.0,
            }
        )
    return {"pairs": pairs}


def lines(report: dict[str, Any]) -> list[str]:
    """The figures for a terminal."""
    found = [f"{report['answers']} answers of {len(report['listeners'])} listeners"]
    for system, groups in report.get("systems", {}).items():
        for name, e in groups.items():
            found.append(
                f"  {system:20} {name:12} {e['value']:.2f} ({e['low']:.2f} to {e['high']:.2f}, "
                f"{e['utterances']} answers)"
            )
    for pair in report.get("pairs", []):
        found.append(
            f"  {pair['first']} {pair['prefer_first']}, {pair['second']} {pair['prefer_second']}, "
            f"no difference {pair['no_difference']} (p {pair['p']:.4f})"
        )
    return found
