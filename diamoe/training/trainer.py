"""The Lightning trainer of a run: devices, precision, checkpoints, and what watches it."""

from collections.abc import Sequence
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

from diamoe.training.checkpoints import AtomicCheckpointIO, keep_checkpoints
from diamoe.training.guard import LossGuard
from diamoe.training.record import MetricsFile
from diamoe.training.settings import TrainerConfig


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
