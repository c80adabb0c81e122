"""Which phone recogniser aligns a corpus, and how one is trained that is the corpus' own."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus_tools.parts import digest, publish
from corpus_tools.settings import AlignSettings
from corpus_tools.shards import CUTS, SOUND
from diamoe.errors import BundleError

AUTO, SHIPPED, TRAIN, NONE = "auto", "shipped", "train", "none"
"""Values of `align.recogniser` that name no folder."""


def own_sizes() -> Any:
    """Sizes of a recogniser of the corpus' own, as a `RecogniserConfig`."""
    from diamoe.recogniser.model import RecogniserConfig

    return RecogniserConfig()


def shipped_recogniser() -> Path:
    """The recogniser that comes with the package."""
    import diamoe

    return Path(diamoe.__file__).parent / "bundles" / "recogniser"


def recogniser_weights(recogniser: str) -> Path:
    """The weights of the recogniser that a setting names; of the shipped one for `auto`.

    Raises:
        BundleError: there are none.
    """
    is_shipped = recogniser in (AUTO, SHIPPED)
    folder = shipped_recogniser() if is_shipped else Path(recogniser).resolve()
    path = folder / "recogniser.safetensors"
    if not path.is_file():
        raise BundleError(
            f"align.recogniser={recogniser}: no {path}; allowed: {AUTO}, {SHIPPED}, {TRAIN}, "
            f"{NONE} or a folder that `python -m diamoe.recogniser.train` wrote"
        )
    return path


def train_recogniser(
    shards: Sequence[Path], settings: AlignSettings, folder: Path, workers: int
) -> Path:
    """Train a recogniser on shards without times, unless it is there; returns its folder.

    Phones spread evenly over each recording stand in for times at first, later the recogniser's
    own. A run that was cut off goes on from its checkpoint.

    Args:
        workers: processor cores to use; 0 for all.
    """
    from diamoe.recogniser.augment import AugmentConfig
    from diamoe.recogniser.loss import LossWeights
    from diamoe.recogniser.train import TrainSettings, train

    sizes = own_sizes()
    key = digest("recogniser", settings.steps, asdict(sizes), [s.name for s in shards])
    out = folder / "recogniser" / key
    if (out / "recogniser.json").is_file():  # written last
        return out
    corpus = folder / "recogniser" / f"{key}-corpus"
    if not corpus.is_dir():
        with publish(corpus) as partial:
            partial.mkdir()
            for number, shard in enumerate(shards):
                for name in (CUTS, SOUND):
                    stem, _, suffix = name.partition(".")
                    os.link(shard / name, partial / f"{stem}.{number:06d}.{suffix}")
    # It only aligns this very speech: no tones, and nothing that would blur where phones begin.
    train(
        TrainSettings(
            corpora=[str(corpus)],
            out=str(out),
            steps=settings.steps,
            threads=workers or os.cpu_count() or 1,
            weights=LossWeights(tones=0.0),
            augment=AugmentConfig(speed=0.0, codec=0.0),
            model=sizes,
        )
    )
    return out
