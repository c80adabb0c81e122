"""What a finished corpus says about itself: card.json, manifest.json, README.md, rejected.jsonl."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from corpus_tools.parts import file_digest
from diamoe.errors import CorpusError

CARD, MANIFEST, README, REJECTED = "card.json", "manifest.json", "README.md", "rejected.jsonl"

_README = """---
license: other
language: {dialects}
task_categories: [text-to-speech, automatic-speech-recognition]
configs:
- config_name: default
  data_files: parquet/*.parquet
---
# {name}

{utterances} utterances, {hours:.2f} h, {speakers} speakers. Made from {recordings} of
{recordings_read} recordings of `{source}`; `rejected.jsonl` says why the others were left out.
{augmented}
| licence | credit | utterances | hours |
|---|---|---|---|
{sources}

Lhotse Shar: `cuts.*.jsonl.gz` with `recording.*.tar`. The same as Parquet:
`datasets.load_dataset("FOLDER")`. Sound: 24 kHz, mono, FLAC. Phones: `custom.phones` in the
notation of `diamoe.text.phones`; their times: `alignment.phone`, those of words: `alignment.word`.
"""


_AUGMENTED = """
Beside them {utterances} copies of them, {hours:.2f} h, with other speed and pitch; their ids end in
`-aug1` and so on, and `custom.augmented` says of what they are copies, and how they were changed.
"""


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write the card; its presence means that the folder is complete."""
    text = json.dumps(card, ensure_ascii=False, indent=2)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def write_readme(folder: Path, card: dict[str, Any], sources: Sequence[dict[str, Any]]) -> None:
    """Write the card that people and the Hugging Face hub read."""
    lines = [
        f"| {s['licence']} | {s['attribution']} | {s['utterances']} | {s['hours']:.2f} |"
        for s in sources
    ]
    values = card | {"speakers": len(card["speakers"]), "sources": "\n".join(lines)}
    values["dialects"] = json.dumps(list(card["hours_by_dialect"]))
    values["augmented"] = (
        _AUGMENTED.format(**copies) if (copies := card["augmented"])["utterances"] else ""
    )
    (folder / README).write_text(_README.format(**values), encoding="utf-8")


def write_manifest(
    folder: Path, name: str, sources: Sequence[dict[str, Any]], augmented: dict[str, Any]
) -> None:
    """List where a corpus comes from, under which licences, and its files with their SHA-256.

    Args:
        augmented: utterances and hours of perturbed copies, which `sources` do not count.
    """
    files = [
        {"path": str(p.relative_to(folder)), "bytes": p.stat().st_size, "sha256": file_digest(p)}
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    ]
    manifest = {"name": name, "sources": sources, "augmented": augmented, "files": files}
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def merge_sources(listed: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Licences and whom to credit, with the sums of what comes under each.

    Args:
        listed: licence, attribution, utterances and seconds, as the shards have them.
    """
    sums: dict[tuple[str, str], list[float]] = {}
    for licence, attribution, count, seconds in listed:
        total = sums.setdefault((licence, attribution), [0, 0.0])
        total[0] += count
        total[1] += seconds
    return [
        {
            "licence": licence,
            "attribution": attribution,
            "utterances": count,
            "hours": round(seconds / 3600, 4),
        }
        for (licence, attribution), (count, seconds) in sorted(sums.items())
    ]


def read_card(folder: Path) -> dict[str, Any] | None:
    """The card of a finished corpus; None if there is no folder.

    Raises:
        CorpusError: the folder holds something else, or its card cannot be read.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    path = folder / CARD
    if not path.is_file():
        raise CorpusError(f"{folder} exists but holds no {CARD}: not a prepared corpus; move it")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CorpusError(f"{path}: not valid JSON: {error}") from error
    if not isinstance(card, dict):
        raise CorpusError(f"{path}: expected a JSON object")
    return card
