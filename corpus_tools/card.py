"""What a prepared corpus says about itself: card.json and rejected.tsv."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus_tools.rejection import Rejection
from diamoe.errors import CorpusError

CARD = "card.json"
REJECTED = "rejected.tsv"


def write_card(folder: Path, card: dict[str, Any], rejected: Sequence[Rejection]) -> None:
    """Write the card and the list of recordings left out, with the count of each reason."""
    counts = dict(Counter(r.kind for r in rejected).most_common())
    text = json.dumps(card | {"rejected": counts}, ensure_ascii=False, indent=2)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")
    lines = ["id\treason", *(f"{r.id}\t{r.reason}" for r in rejected)]
    (folder / REJECTED).write_text("\n".join(lines) + "\n", encoding="utf-8")


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
