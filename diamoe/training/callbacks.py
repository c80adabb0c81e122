"""What watches a run: mel pictures of the model's own speech and the experts' use."""

from typing import TYPE_CHECKING, Any

import torch
from lightning import Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from diamoe.flow.matching import AcousticModel, Batch
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.model.dit import Conditioning
from diamoe.plots import mel_figure, routing_figure
from diamoe.text.dialect import DIALECT_CODES
from diamoe.training.module import FlowModule

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class MelPictures(Callback):
    """At each validation, draws recordings beside what the model makes of their phones."""

    def __init__(self, utterances: int = 3, steps: int = 12):
        self.utterances, self.steps = utterances, steps

    def on_validation_epoch_end(self, trainer: Trainer, module: FlowModule) -> None:
        if trainer.sanity_checking or not trainer.loggers:
            return
        batch = next(iter(trainer.val_dataloaders), None) if trainer.val_dataloaders else None
        if batch is None:
            return
        made = self._speak(module.model, batch)
        for i in range(min(self.utterances, len(batch.frames))):
            frames = int(batch.frames[i])
            pair = {"recording": batch.mel[i, :frames], "model": made[i, :frames]}
            figure = mel_figure({k: v.numpy(force=True) for k, v in pair.items()})
            _tensorboard(module).add_figure(f"mel/{i}", figure, trainer.global_step)

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
        self, trainer: Trainer, module: FlowModule, outputs: Any, batch: Batch, *rest: Any
    ) -> None:
        if module.model.dit.moe is None:
            return
        with torch.inference_mode():
            _, routing = module.model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        for dialect, weights in zip(batch.dialect.tolist(), routing.weights.cpu(), strict=True):
            self.sums[dialect] = self.sums.get(dialect, 0) + weights
            self.counts[dialect] = self.counts.get(dialect, 0) + 1

    def on_validation_epoch_end(self, trainer: Trainer, module: FlowModule) -> None:
        if self.sums and trainer.loggers and not trainer.sanity_checking:
            rows = {DIALECT_CODES[d]: self.sums[d] / self.counts[d] for d in sorted(self.sums)}
            module.logger.experiment.add_figure(
                "experts", routing_figure(rows), trainer.global_step
            )
        self.sums, self.counts = {}, {}


def _tensorboard(module: FlowModule) -> "SummaryWriter":
    return module.logger.experiment  # type: ignore[union-attr]
