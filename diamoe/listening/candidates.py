"""What several systems said of the same texts, to be judged by ear."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from diamoe.errors import CorpusError
from diamoe.evaluation.items import Item, match_audio
from diamoe.evaluation.results import read_results


@dataclass(frozen=True)
class System:
    """One system's sound files."""

    name: str
    """What scores call it; listeners never see it."""
    audio: Mapping[str, Path]
    """By the text's id."""
    texts: Mapping[str, tuple[str, str]]
    """What is said and its dialect's code, by id."""


def read_system(folder: str | Path, items: Sequence[Item] = ()) -> System:
    """A folder of results of `diamoe.evaluate`, or one of sound files named by the ids of `items`.

    Raises:
        CorpusError: it is neither, or holds no sound.
    """
    folder = Path(folder)
    if (folder / "summary.json").is_file():
        rows, summary = read_results(folder)
        heard = {row["id"]: row for row in rows if row["audio"] and Path(row["audio"]).is_file()}
        if not heard:
            raise CorpusError(f"{folder}: none of its results' sound files is there")
        return System(
            str(summary["system"]),
            {name: Path(row["audio"]) for name, row in heard.items()},
            {name: (row["text"], row["dialect"]) for name, row in heard.items()},
        )
    if not items:
        raise CorpusError(
            f"{folder}: no results of diamoe.evaluate; for a folder of sound files name their "
            "texts (--set)"
        )
    audio, _ = match_audio(items, folder)
    texts = {item.id: (item.text, item.dialect) for item in items if item.id in audio}
    return System(folder.name, audio, texts)


def common_ids(systems: Sequence[System], limit: int, seed: int) -> tuple[list[str], list[str]]:
    """Ids of texts that every system said, at most `limit` of them (0: all) drawn by `seed`; and
    those that some system lacks.

    Raises:
        CorpusError: two systems have one name, say different texts under one id, or share none.
    """
    names = [system.name for system in systems]
    if len(set(names)) < len(names):
        raise CorpusError(f"listen: two systems are called alike: {', '.join(names)}")
    every = list(dict.fromkeys(name for system in systems for name in system.audio))
    common = [name for name in every if all(name in system.audio for system in systems)]
    for name in common:
        if len({system.texts[name] for system in systems}) > 1:
            raise CorpusError(f"listen: the systems say different texts under the id {name!r}")
    if not common:
        raise CorpusError(f"listen: {', '.join(names)} have no text in common")
    missing = [name for name in every if name not in set(common)]
    if limit and limit < len(common):
        drawn = set(random.Random(seed).sample(common, limit))
        common = [name for name in common if name in drawn]
    return common, missing
