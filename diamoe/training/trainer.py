"""The Lightning trainer of a run: devices, precision, checkpoints, and what watches it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import (
    Callback,
    EMAWeightAveraging,
    LearningRateMonitor,
    TQDMProgressBar,
)
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy, ModelParallelStrategy, Strategy

from diamoe.errors import ConfigError
from diamoe.training.checkpoints import AtomicCheckpointIO, keep_checkpoints
from diamoe.training.guard import GuardConfig, LossGuard
from diamoe.training.record import MetricsFile


@dataclass(frozen=True)
class TrainerConfig:
    """How a run is carried out, whatever it trains."""

    steps: int = 10_000
    """Optimiser steps."""
    precision: str = "bf16-mixed"
    """Lightning precision: bf16-mixed, 32-true, bf16-true or 16-mixed."""
    threads: int = 0
    """CPU threads of each process; 0 leaves torch's choice."""
    accelerator: str = "auto"
    """Lightning accelerator: auto, cpu, gpu."""
    devices: int = 1
    """Devices, and processes, of each machine."""
    nodes: int = 1
    """Machines."""
    strategy: str = "auto"
    """auto (one process), ddp (the model on each device) or fsdp (the model spread over them)."""
    timeout: float = 600.0
    """Seconds that a process waits for the others before the run ends with an error."""
    clip: float = 1.0
    """Largest gradient norm."""
    accumulate: int = 1
    """Batches of each process per optimiser step."""
    ema: float = 0.999
    """Decay of the averaged weights that validation and bundles use; 0 keeps no average."""
    valid_every: int = 500
    """Steps between validations."""
    save_every: int = 250
    """Steps between checkpoints."""
    log_every: int = 20
    """Steps between rows of metrics; `train/loss` is the mean over all processes."""
    keep: int = 2
    """Checkpoints kept."""
    guard: GuardConfig = field(default_factory=GuardConfig)
    """Leaps of the loss."""

    def __post_init__(self) -> None:
        if self.strategy not in ("auto", "ddp", "fsdp"):
            raise ConfigError(f"strategy: {self.strategy!r}; known: auto, ddp, fsdp")
        if self.strategy == "auto" and self.devices * self.nodes > 1:
            raise ConfigError(
                f"strategy=auto with {self.devices * self.nodes} processes: choose ddp or fsdp"
            )
        if self.strategy == "fsdp" and self.ema:
            raise ConfigError(
                f"strategy=fsdp with ema={self.ema}: the average needs whole weights; set ema=0"
            )
        counts = "steps devices nodes accumulate valid_every save_every log_every keep"
        for name in counts.split():
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected 1 or more, found {getattr(self, name)}")


def make_trainer(
    config: TrainerConfig, folder: Path, callbacks: Sequence[Callback] = ()
) -> Trainer:
    """A trainer that writes checkpoints, metrics.csv and TensorBoard files into a folder."""
    if config.threads:
        torch.set_num_threads(config.threads)
    averaging = [EMAWeightAveraging(decay=config.ema)] if config.ema else []
    metrics = MetricsFile(folder)
    return Trainer(
        accelerator=config.accelerator,
        devices=config.devices,
        num_nodes=config.nodes,
        strategy=_strategy(config),
        plugins=[AtomicCheckpointIO()],
        precision=config.precision,  # type: ignore[arg-type]
        max_steps=config.steps,
        max_epochs=-1,
        gradient_clip_val=config.clip,
        accumulate_grad_batches=config.accumulate,
        val_check_interval=config.valid_every * config.accumulate,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=config.log_every,
        use_distributed_sampler=False,
        logger=[TensorBoardLogger(str(folder), name="", version=""), metrics],
        callbacks=[
            *averaging,
            *keep_checkpoints(folder / "checkpoints", config.save_every, config.keep),
            LearningRateMonitor("step"),
            LossGuard(config.guard),
            StepProgress(refresh_rate=10),
            ForgetLater(metrics),
            *callbacks,
        ],
    )


def _strategy(config: TrainerConfig) -> Strategy | str:
    timeout = timedelta(seconds=config.timeout)
    if config.strategy == "ddp":
        return DDPStrategy(timeout=timeout, gradient_as_bucket_view=True)
    if config.strategy == "fsdp":
        return ModelParallelStrategy(
            data_parallel_size=config.devices * config.nodes,
            tensor_parallel_size=1,
            save_distributed_checkpoint=False,
            timeout=timeout,
        )
    return "auto"


class ForgetLater(Callback):
    """Takes metrics back to where a resumed run goes on."""

    def __init__(self, metrics: MetricsFile):
        self.metrics = metrics

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.metrics.forget_after(trainer.global_step)


class StepProgress(TQDMProgressBar):
    """Counts optimiser steps of the whole run, also when it was resumed."""

    def on_train_start(self, trainer: Trainer, *_: Any) -> None:
        super().on_train_start()
        bar = self.train_progress_bar
        bar.reset(total=trainer.max_steps)
        bar.initial = bar.n = bar.last_print_n = trainer.global_step
        bar.set_description("step")

    def on_train_epoch_start(self, *_: Any) -> None:
        """Nothing begins with a pass over the data; a resumed run skips this hook."""

    def on_train_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        step, bar = trainer.global_step, self.train_progress_bar
        if step > bar.n and (step % self.refresh_rate == 0 or step == trainer.max_steps):
            bar.n = step
            bar.set_postfix(self.get_metrics(trainer, pl_module))
