"""A small prepared corpus of one dialect, and ways to spoil it."""

import json
from collections.abc import Callable
from pathlib import Path

from lhotse.cut import MonoCut
from lhotse.shar import SharWriter

from tests.training.corpus import make_cut


def dialect_corpus(
    folder: Path,
    utterances: int = 14,
    dialect: str = "chengdu",
    change: Callable[[MonoCut, int], None] = lambda cut, index: None,
) -> Path:
    """A prepared corpus folder whose utterances all speak one dialect."""
    sounds = folder.parent / f"{folder.name}_wav"
    sounds.mkdir(parents=True)
    folder.mkdir()
    with SharWriter(str(folder), fields={"recording": "flac"}) as writer:
        for index in range(utterances):
            cut = make_cut(sounds, index)
            cut.supervisions[0].language = dialect
            change(cut, index)
            writer.write(cut)
    card = {"name": folder.name, "licence": "CC0-1.0", "attribution": "nobody", "hours": 0.01}
    (folder / "card.json").write_text(json.dumps(card))
    return folder
