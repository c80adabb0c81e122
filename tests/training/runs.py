"""Training runs in tests: the smallest model on a made corpus."""

from pathlib import Path
from typing import Any

import torch

from diamoe.hydra_command import read_settings
from diamoe.training.checkpoints import newest_checkpoint, read_checkpoint
from diamoe.training.run import TrainingRun
from diamoe.training.settings import TrainConfig

SHRUNK = [
    "data.max_seconds=3.0", "valid_every=6", "save_every=2", "log_every=1", "threads=1",
    "accelerator=cpu", "optimiser.warmup=2", "~data.repeat", "samples=2",
]  # fmt: skip
"""Settings that make a run short."""


def words(corpus: Path, out: Path, steps: int, *more: str) -> list[str]:
    """A run's settings as on the command line."""
    where = [f"out={out}", f"steps={steps}", f"data.corpora=[{corpus}]", f"data.valid=[{corpus}]"]
    return ["model=test", *where, *SHRUNK, *more]


def settings(overrides: list[str]) -> TrainConfig:
    """The settings that `python -m diamoe.train` would compose."""
    return read_settings("train", TrainConfig, overrides)


def train(corpus: Path, out: Path, steps: int, *more: str) -> Path:
    """A whole run in this process, without loader processes; its folder."""
    TrainingRun(settings(words(corpus, out, steps, "data.workers=0", *more))).start()
    return out


def last(out: Path) -> dict[str, Any]:
    """A run's newest checkpoint."""
    file = newest_checkpoint(out / "checkpoints")
    assert file is not None, f"no checkpoint in {out}"
    return read_checkpoint(file)


def assert_same_weights(first: dict[str, Any], second: dict[str, Any], **tolerance: float) -> None:
    """Both checkpoints hold the same averaged and current weights, bit by bit unless told."""
    keys = {"state_dict", "current_model_state"} & first.keys()
    for key in sorted(keys):
        for name, tensor in first[key].items():
            other = second[key][name]
            if tolerance:
                torch.testing.assert_close(tensor, other, **tolerance)
            else:
                assert torch.equal(tensor, other), (key, name)
