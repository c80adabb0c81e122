"""What happens when the loss leaps or is no number."""

import logging
import math
import statistics
from collections import deque
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.optim import Optimizer

from diamoe.errors import TrainingError
from diamoe.training.settings import GuardConfig

log = logging.getLogger(__name__)


class LossGuard(Callback):
    """Looks at every step's loss, over all processes, before the weights are changed."""

    def __init__(self, config: GuardConfig):
        self.config = config
        self.losses: list[Tensor] = []
        self.cuts: list[str] = []
        self.past: deque[float] = deque(maxlen=config.window)
        self.skipped = 0

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: Any, batch_idx: int
    ) -> None:
        self.cuts += getattr(batch, "cuts", ())

    def on_before_backward(
        self, trainer: Trainer, pl_module: LightningModule, loss: Tensor
    ) -> None:
        self.losses.append(loss.detach())

    def on_before_optimizer_step(
        self, trainer: Trainer, pl_module: LightningModule, optimizer: Optimizer
    ) -> None:
        # Lightning has divided each loss by the number of batches to a step
        own = torch.stack(self.losses).sum()
        loss = float(trainer.strategy.reduce(own, reduce_op="mean"))
        cuts, self.losses, self.cuts = self.cuts, [], []
        pl_module.log("train/loss", loss, batch_size=1)
        where = f"step {trainer.global_step + 1}"
        if not math.isfinite(loss):
            raise TrainingError(_not_finite(where, loss, own, cuts, pl_module))
        if not self._is_spike(loss):
            self.past.append(loss)
            self.skipped = 0
            return
        told = (
            f"{where}: loss {loss:.3f}, {loss / statistics.median(self.past):.1f} times the median "
            f"of the last {len(self.past)} steps; cuts {_named(cuts)}"
        )
        self.skipped += 1
        if self.config.action == "stop":
            raise TrainingError(f"{told}. The last checkpoint is older (guard.action=stop)")
        if self.skipped >= self.config.patience:
            raise TrainingError(
                f"{told}. {self.skipped} steps in a row: lower the learning rate, then start "
                "again, which resumes from the last checkpoint"
            )
        log.warning("%s; the step is skipped", told)
        optimizer.zero_grad(set_to_none=True)  # AdamW leaves alone what has no gradient

    def _is_spike(self, loss: float) -> bool:
        if self.config.action == "ignore" or len(self.past) < self.config.window / 5:
            return False
        return loss > self.config.factor * abs(statistics.median(self.past))

    def state_dict(self) -> dict[str, Any]:
        return {"past": list(self.past), "skipped": self.skipped}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.past = deque(state_dict["past"], maxlen=self.config.window)
        self.skipped = state_dict["skipped"]


def _not_finite(
    where: str, loss: float, own: Tensor, cuts: list[str], module: LightningModule
) -> str:
    broken = [n for n, p in module.named_parameters() if not bool(p.isfinite().all())]
    if broken:
        cause = f"weights are no numbers any more ({broken[0]})"
    elif bool(own.isfinite()):
        cause = "another process says which cuts"
    else:
        cause = f"cuts {_named(cuts)}"
    return (
        f"{where}: the loss is {loss}; {cause}. The weights were not changed by this step; the "
        "last checkpoint is good. Look at those cuts or lower the learning rate, then start the "
        "same command again, which resumes"
    )


def _named(cuts: list[str]) -> str:
    more = f" and {len(cuts) - 32} more" if len(cuts) > 32 else ""
    return ", ".join(cuts[:32]) + more
