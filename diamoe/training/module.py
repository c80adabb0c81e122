"""The Lightning module: optimiser, schedule and the losses of a step."""

import math
from dataclasses import dataclass

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor

from diamoe.flow.matching import AcousticModel, Batch, FlowMatcher


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW with warm-up and a cosine that ends at a fraction of the peak."""

    learning_rate: float = 1e-3
    """Peak learning rate."""
    warmup: int = 300
    """Steps of linear warm-up."""
    floor: float = 0.02
    """Last learning rate, as a share of the peak."""
    weight_decay: float = 0.01
    """Decoupled weight decay on matrices."""
    beta2: float = 0.98
    """Second moment's decay."""


class FlowModule(LightningModule):
    """Trains an `AcousticModel`. The noise of step `n` depends on the seed and `n` alone, so a
    resumed run repeats what an uninterrupted one would have done."""

    def __init__(self, model: AcousticModel, optimiser: OptimiserConfig, steps: int, seed: int):
        super().__init__()
        self.model = model
        self.optimiser = optimiser
        self.steps = steps
        self.seed = seed

    def training_step(self, batch: Batch, index: int) -> Tensor:
        loss = FlowMatcher(self.model).loss(batch, self._generator(self.global_step, index))
        self.log_dict(
            {f"train/{name}": value.detach() for name, value in vars(loss).items()},
            batch_size=len(batch.frames),
        )
        self.log("flow", loss.flow.detach(), prog_bar=True, logger=False)
        return loss.total

    def validation_step(self, batch: Batch, index: int) -> None:
        loss = FlowMatcher(self.model).loss(batch, self._generator(-1, index))
        self.log_dict(
            {f"valid/{name}": value for name, value in vars(loss).items()},
            batch_size=int(batch.frames.sum()),
        )
        self.log("valid", loss.flow, prog_bar=True, logger=False)

    def transfer_batch_to_device(
        self, batch: Batch, device: torch.device, dataloader_idx: int
    ) -> Batch:
        return batch.to(device)

    def _generator(self, step: int, index: int) -> torch.Generator:
        generator = torch.Generator(device=self.device)
        return generator.manual_seed(hash((self.seed, step, index)) % 2**63)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim <= 1]
        optimiser = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": self.optimiser.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=self.optimiser.learning_rate,
            betas=(0.9, self.optimiser.beta2),
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._rate)
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _rate(self, step: int) -> float:
        warmup = self.optimiser.warmup
        if step < warmup:
            return (step + 1) / warmup
        progress = min((step - warmup) / max(self.steps - warmup, 1), 1.0)
        floor = self.optimiser.floor
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))
