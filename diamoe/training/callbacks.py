"""What watches a run: the model's own speech, and which experts the dialects use."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from diamoe.audio.files import write_audio
from diamoe.audio.vocoder import GriffinLimVocoder
from diamoe.flow.matching import AcousticModel, Batch
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.inspect.routing import RoutingTable
from diamoe.model.dit import Conditioning
from diamoe.plots import mel_figure, routing_figure
from diamoe.text.dialect import DIALECT_CODES

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

    from diamoe.training.data import SpeechData


class Samples(Callback):
    """At each validation, one recording of every dialect beside what the model makes of its
    phones: sound and mel pictures under samples/STEP/, the pictures in TensorBoard, too.

    The sound is Griffin-Lim's, which needs no network: it shows what the mel holds, not how a
    vocoder would sound.
    """

    def __init__(self, dialects: int, steps: int = 12):
        self.dialects, self.steps = dialects, steps
        self.batch: Batch | None = None

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        data = cast("SpeechData", trainer.datamodule)  # type: ignore[attr-defined]
        if trainer.is_global_zero:
            self.batch = data.one_per_dialect(self.dialects)

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.batch is None or trainer.sanity_checking:
            return
        batch = self.batch.to(pl_module.device)
        made = self._speak(_acoustic(pl_module), batch)
        folder = Path(trainer.loggers[0].log_dir or "") / "samples" / f"{trainer.global_step:07d}"
        folder.mkdir(parents=True, exist_ok=True)
        vocoder = GriffinLimVocoder()
        for i, dialect in enumerate(batch.dialect.tolist()):
            frames, name = int(batch.frames[i]), DIALECT_CODES[dialect]
            pair = {"recording": batch.mel[i, :frames], "model": made[i, :frames]}
            figure = mel_figure({k: mel.numpy(force=True) for k, mel in pair.items()})
            figure.savefig(folder / f"{name}.png", dpi=80)
            _tensorboard(trainer).add_figure(f"mel/{name}", figure, trainer.global_step)
            wave = vocoder.decode(made[None, i, :frames].float().cpu())[0]
            write_audio(folder / f"{name}.wav", wave.numpy(), vocoder.mel.sample_rate)

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
    """At each validation, draws which experts the dialects use, and logs what the choice tells
    about the dialect."""

    def __init__(self) -> None:
        self.table: RoutingTable | None = None

    def on_validation_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Batch, *rest: Any
    ) -> None:
        model = _acoustic(pl_module)
        if model.dit.moe is None or not trainer.is_global_zero:
            return
        with torch.inference_mode():
            _, routing = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        if self.table is None:
            self.table = RoutingTable(model.config.model.moe.experts)
        assert routing is not None
        self.table.add(batch.dialect, routing.weights)

    def on_validation_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self.table is not None and not trainer.sanity_checking:
            report, step = self.table.report(), trainer.global_step
            figure = routing_figure(self.table.rows, self.table.title())
            _tensorboard(trainer).add_figure("experts", figure, step)
            figures = {
                "routing/first_choice": report["first_choice"]["share"],
                "routing/mean_weights": report["mean_weights"]["share"],
                "routing/unused_experts": len(report["unused"]),
            }
            for logger in trainer.loggers:
                logger.log_metrics(figures, step)
        self.table = None


def _acoustic(module: LightningModule) -> AcousticModel:
    return cast(AcousticModel, module.model)


def _tensorboard(trainer: Trainer) -> "SummaryWriter":
    return cast(Any, trainer.loggers[0]).experiment
