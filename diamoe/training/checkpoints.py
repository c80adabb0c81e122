"""Checkpoints that are either whole or not there."""

import contextlib
import os
import re
from pathlib import Path
from typing import Any

import torch
from lightning import Trainer
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO

from diamoe.errors import TrainingError

_NAME = re.compile(r"step=(\d+)\.ckpt")


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes beside the checkpoint, flushes to the disk, then renames: whatever happens on the
    way, every file that bears a checkpoint's name is whole."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | os.PathLike, storage_options: Any = None
    ) -> None:
        """Write one checkpoint.

        Raises:
            TrainingError: it cannot be written (a full disk); older ones stay as they are.
        """
        path = Path(path)
        unfinished = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except (OSError, RuntimeError) as error:  # torch names a full disk a RuntimeError
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise TrainingError(_cannot_write(path, error)) from error


def _cannot_write(path: Path, error: Exception) -> str:
    last = newest_checkpoint(path.parent)
    kept = f"the last good one is {last.name}" if last else "there is none before it"
    reason = str(error).strip().splitlines()[0]
    return (
        f"cannot write the checkpoint {path}: {reason}; {kept}. Make room, then start the same "
        "command again, which resumes"
    )


def newest_checkpoint(folder: Path) -> Path | None:
    """The checkpoint of the latest step in a folder of them; None where there is none."""
    found = {int(m[1]): p for p in folder.glob("*.ckpt") if (m := _NAME.fullmatch(p.name))}
    return found[max(found)] if found else None


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint's tensors and numbers; no code in it is run.

    Raises:
        TrainingError: the file is corrupt.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise TrainingError(
            f"{path}: not a readable checkpoint ({str(error).strip().splitlines()[0]}); delete it "
            "and start again: the run resumes from the one before it"
        ) from error


def keep_checkpoints(folder: Path, every: int, keep: int) -> list[Callback]:
    """What saves the run every so many steps and keeps the last few, and saves its last step."""
    regular = ModelCheckpoint(
        dirpath=folder,
        filename="{step}",
        every_n_train_steps=every,
        save_top_k=keep,
        monitor="step",
        mode="max",
        enable_version_counter=False,
    )
    return [regular, SaveLast(folder, every)]


class SaveLast(Callback):
    """Saves the last step where the regular checkpoints miss it."""

    def __init__(self, folder: Path, every: int):
        self.folder, self.every = folder, every

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        step = trainer.global_step
        if step == trainer.max_steps and step % self.every:
            trainer.save_checkpoint(self.folder / f"step={step}.ckpt")
