"""What was left out of a built corpus, and which characters would bring most of it back."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from corpus_tools.card import REJECTED
from diamoe.errors import CorpusError

OLD_LIST = "rejected.tsv"
"""What corpora made by the teacher list: id and reason, tab between."""
_UNREADABLE = re.compile(r"cannot read '(.+?)' \(U\+.* in ([\w:-]+)")


@dataclass(frozen=True)
class LeftOut:
    """A recording that is not in the corpus, and why."""

    id: str
    kind: str
    detail: str = ""
    stage: str = ""
    character: str = ""
    seconds: float = 0.0
    dialect: str = ""
    text: str = ""


_FIELDS = {f.name for f in fields(LeftOut)}


def read_left_out(folder: Path) -> Iterator[LeftOut]:
    """The list of a built corpus, whichever form it has; none if it has no list.

    Raises:
        CorpusError: a line is not what it should be.
    """
    path = folder / REJECTED
    if path.is_file():
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield _from_json(line, f"{path}, line {number}")
    elif (folder / OLD_LIST).is_file():
        with (folder / OLD_LIST).open(encoding="utf-8") as lines:
            next(lines, None)
            for line in lines:
                name, _, reason = line.rstrip("\n").partition("\t")
                yield _from_reason(name, reason)


def _from_json(line: str, where: str) -> LeftOut:
    try:
        record = json.loads(line)
        return LeftOut(**{k: v for k, v in record.items() if k in _FIELDS})
    except (ValueError, TypeError, AttributeError) as error:
        raise CorpusError(f"{where}: not a record of a recording left out: {error}") from error


def _from_reason(name: str, reason: str) -> LeftOut:
    match = _UNREADABLE.search(reason)
    if match:
        detail = reason.removeprefix("no phones: ")
        return LeftOut(name, "no phones", detail, character=match[1], dialect=match[2])
    kind, _, detail = reason.partition(": ")
    return LeftOut(name, kind, detail)


@dataclass(frozen=True)
class Rescue:
    """A character whose reading a lexicon could give, and what that would bring back at most."""

    character: str
    dialect: str
    recordings: int
    seconds: float
    example: str


def rescues(left_out: Iterable[LeftOut], most: int = 10) -> list[Rescue]:
    """The unreadable characters that stand in most recordings' way.

    >>> rows = [LeftOut("a", "no phones", character="嘅"), LeftOut("b", "noise")]
    >>> [(r.character, r.recordings) for r in rescues(rows)]
    [('嘅', 1)]
    """
    counts: Counter[tuple[str, str]] = Counter()
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    examples: dict[tuple[str, str], str] = {}
    for row in left_out:
        if row.character:
            key = row.character, row.dialect
            counts[key] += 1
            seconds[key] += row.seconds
            examples.setdefault(key, row.text or row.detail)
    found = sorted(counts, key=lambda key: (-counts[key], -seconds[key], key))[:most]
    return [Rescue(*key, counts[key], seconds[key], examples[key]) for key in found]
