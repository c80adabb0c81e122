"""What watches a run: mel pictures of the model's own speech and the experts' use."""

from typing import TYPE_CHECKING, Any, cast

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from diamoe.flow.matching import AcousticModel, Batch
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.model.dit import Conditioning
from diamoe.plots import mel_figure, routing_figure
from diamoe.text.dialect import DIALECT_CODES

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class MelPictures(Callback):
    """At each validation, draws recordings beside what the model makes of their phones."""

    def __init__(self, utterances: int = 3, steps: int = 12):
        self.utterances, self.steps = utterances, steps

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.sanity_checking or not trainer.loggers:
            return
        batch = next(iter(trainer.val_dataloaders), None) if trainer.val_dataloaders else None
        if batch is None:
            return
        made = self._speak(_acoustic(pl_module), batch)
        for i in range(min(self.utterances, len(batch.frames))):
            frames = int(batch.frames[i])
            pair = {"recording": batch.mel[i, :frames], "model": made[i, :frames]}
            pair = {"recording": batch.mel[i, :frames], "model": made[i, :frames]}
            figure = mel_figure({name: mel.numpy(force=True) for name, mel in pair.items()})
            _tensorboard(trainer).add_figure(f"mel/{i}", figure, trainer.global_step)

    @torch.inference_mode()
    def _speak(self, model: AcousticModel, batch: Batch) -> Tensor:
        mask, tokens = batch.frame_mask, batch.token_mask
        hidden, _ = model.dit.encode_text(batch.ids, tokens, batch.dialect)
        durations = model.token_frames(batch.ids, tokens, batch.frames, batch.durations)
        text = model.dit.frame_text(hidden, durations, mask)
        nothing = torch.zeros_like(mask)
        conditioning = Conditioning(text, torch.zeros_like(batch.mel), nothing, mask)
        noise = torch.randn(batch.mel.shape, generator=torch.Generator().manual_seed(0))
        field = guided(model.dit, conditioning, 1.5)
        mel = sample(field, noise.to(batch.mel.device), sway_times(self.steps))
        return model.config.scale.restore(mel)


class ExpertUsage(Callback):
    """At each validation, draws the mean gate weights of every dialect."""

    def __init__(self) -> None:
        self.sums: dict[int, Tensor] = {}
        self.counts: dict[int, int] = {}

    def on_validation_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Batch, *rest: Any
    ) -> None:
        with torch.inference_mode():
            _, routing = _acoustic(pl_module).dit.encode_text(
                batch.ids, batch.token_mask, batch.dialect
            )
        if routing is None:
            return
        for dialect, weights in zip(batch.dialect.tolist(), routing.weights.cpu(), strict=True):
            self.sums[dialect] = self.sums.get(dialect, torch.zeros(())) + weights
            self.counts[dialect] = self.counts.get(dialect, 0) + 1

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.sums and trainer.loggers and not trainer.sanity_checking:
            rows = {
                DIALECT_CODES[d]: (self.sums[d] / self.counts[d]).numpy() for d in sorted(self.sums)
            }
            _tensorboard(trainer).add_figure("experts", routing_figure(rows), trainer.global_step)
        self.sums, self.counts = {}, {}


def _acoustic(module: LightningModule) -> AcousticModel:
    return cast(AcousticModel, module.model)


def _tensorboard(trainer: Trainer) -> "SummaryWriter":
    return cast(Any, trainer.loggers[0]).experiment
