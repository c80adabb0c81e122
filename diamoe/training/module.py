"""The Lightning module: the losses of a step and what they are computed with."""

from typing import Any

import torch
from lightning import LightningModule
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method

from diamoe.flow.matching import AcousticModel, Batch, FlowMatcher
from diamoe.training.optimiser import OptimiserConfig


class FlowModule(LightningModule):
    """Trains an `AcousticModel`. The noise of batch `n` of a run depends on the seed and `n`
    alone, so a resumed run repeats what an uninterrupted one would have done, and many processes
    do what one would.

    Attributes:
        batches: number of the next batch, counted over all processes.
    """

    def __init__(self, model: AcousticModel, optimiser: OptimiserConfig, steps: int, seed: int):
        super().__init__()
        self.model = model
        self.optimiser = optimiser
        self.steps = steps
        self.seed = seed
        self.batches = 0

    def training_step(self, batch: Batch, index: int) -> Tensor:
        generator = self._generator(self.batches + self.trainer.global_rank)
        self.batches += self.trainer.world_size
        loss = FlowMatcher(self.model).loss(batch, generator)
        size = len(batch.frames)
        parts = {f"train/{name}": value.detach() for name, value in vars(loss).items()}
        self.log_dict(parts, batch_size=size)
        self.log("flow", loss.flow.detach(), prog_bar=True, logger=False, batch_size=size)
        return loss.total

    def validation_step(self, batch: Batch, index: int) -> None:
        loss = FlowMatcher(self.model).loss(batch, self._generator(-1 - index))
        size = int(batch.frames.sum())
        parts = {f"valid/{name}": value for name, value in vars(loss).items()}
        self.log_dict(parts, batch_size=size, sync_dist=True)
        self.log("valid", loss.flow, prog_bar=True, logger=False, batch_size=size, sync_dist=True)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["batches"] = self.batches

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.batches = checkpoint["batches"]

    def _generator(self, number: int) -> torch.Generator:
        generator = torch.Generator(device=self.device)
        return generator.manual_seed(hash((self.seed, number)) % 2**63)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        optimiser = self.optimiser.make(self.model)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._rate)
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def _rate(self, step: int) -> float:
        return self.optimiser.rate(step, self.steps)


class ShardedFlowModule(FlowModule):
    """The same with its parameters spread over all processes (FSDP2): each transformer block is
    gathered when it is needed, the rest for the length of a step."""

    def configure_model(self) -> None:
        """Spread the parameters; Lightning calls this more than once."""
        if isinstance(self, FSDPModule):
            return
        assert self.device_mesh is not None
        mesh = self.device_mesh["data_parallel"]
        for block in self.model.dit.blocks:
            fully_shard(block, mesh=mesh)
        fully_shard(self, mesh=mesh)
        for step in ("training_step", "validation_step"):
            register_fsdp_forward_method(self, step)
