"""A training run: its folder, and how it is put together."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning import seed_everything
from lightning.pytorch.utilities.rank_zero import rank_zero_only

from diamoe.audio.mel import MelConfig
from diamoe.config import build, to_dict
from diamoe.errors import ConfigError
from diamoe.flow.matching import AcousticConfig, AcousticModel, MelScale
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.callbacks import ExpertUsage, Samples
from diamoe.training.checkpoints import newest_checkpoint, read_checkpoint
from diamoe.training.data import SpeechData
from diamoe.training.initial import Start, describe_origin, start_from
from diamoe.training.module import FlowModule, ShardedFlowModule
from diamoe.training.record import write_record
from diamoe.training.settings import TrainConfig
from diamoe.training.trainer import make_trainer


def measure_scale(data: SpeechData, batches: int = 16) -> MelScale:
    """Mean and standard deviation of the log-mel over the first batches."""
    values = []
    for _, draws in zip(range(batches), data.sampled(), strict=False):
        batch = data.loaded(draws)
        values.append(batch.mel[batch.frame_mask])
    mel = torch.cat(values)
    return MelScale(round(float(mel.mean()), 3), round(float(mel.std()), 3))


class TrainingRun:
    """One run folder and everything needed to go on with it."""

    def __init__(self, config: TrainConfig):
        self.config = config
        self.folder = Path(config.out)
        self.mel = MelConfig()
        newest = newest_checkpoint(self.folder / "checkpoints")
        self.checkpoint = newest if config.resume else None
        self.vocabulary = PhoneVocabulary.default()
        if self.checkpoint:
            read_checkpoint(self.checkpoint)  # it is whole, or an error says which is not
            self.vocabulary = run_vocabulary(self.folder)

    def start(self) -> None:
        """Train to `steps`, from the last checkpoint where there is one, and write the bundle."""
        config = self.config
        seed_everything(config.seed, verbose=False)
        data = SpeechData(config.data, self.vocabulary, self.mel)
        data.setup()
        model = self._model(data)
        model.dit.activation_checkpointing = config.activation_checkpointing
        for block in model.dit.blocks if config.compile else ():
            block.compile(backend=config.compile)
        kind = ShardedFlowModule if config.strategy == "fsdp" else FlowModule
        module = kind(model, config.optimiser, config.steps, config.seed)
        watching = [ExpertUsage()] + ([Samples(config.samples)] if config.samples else [])
        trainer = make_trainer(config, self.folder, watching)
        trainer.fit(module, datamodule=data, ckpt_path=self.checkpoint, weights_only=True)
        if trainer.is_global_zero:
            self._export()

    def _model(self, data: SpeechData) -> AcousticModel:
        if self.checkpoint:
            return AcousticModel(read_run(self.folder), self.vocabulary)
        config = self.config
        start = Start()
        if config.init:
            start = start_from(config.init, config.model, config.duration, self.vocabulary)
        if start.model is not None:
            model = start.model
            model.config = replace(model.config, flow=config.flow)
        else:
            scale = measure_scale(data)
            model = AcousticModel(
                AcousticConfig(config.model, config.duration, config.flow, scale), self.vocabulary
            )
        self._record(model, data, start)
        return model

    @rank_zero_only
    def _record(self, model: AcousticModel, data: SpeechData, start: Start) -> None:
        settings: dict[str, Any] = {
            "acoustic": to_dict(model.config),
            "train": to_dict(self.config),
            "data": data.store.fingerprint(),
            "origin": to_dict(
                describe_origin(data.store.folders, start.origin, self.config.licence)
            ),
            "taken": start.report,
        }
        write_record(self.folder, settings)
        self.vocabulary.save(self.folder / "vocabulary.json")

    def _export(self) -> None:
        from diamoe.export import ExportConfig, export

        out = str(self.folder / "bundle")
        export(ExportConfig(run=str(self.folder), out=out, voices=self.config.voices))


def run_vocabulary(folder: Path) -> PhoneVocabulary:
    """The phones that a run folder was started with.

    Raises:
        BundleError: the folder holds no vocabulary.
    """
    return PhoneVocabulary.load(Path(folder) / "vocabulary.json")


def read_settings(folder: Path) -> dict[str, Any]:
    """The run folder's config.json.

    Raises:
        ConfigError: the folder holds no run.
    """
    file = Path(folder) / "config.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
        return {key: settings[key] for key in ("acoustic", "train", "origin")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{folder}: not a training run ({error!r})") from error


def read_run(folder: Path) -> AcousticConfig:
    """The architecture that a run folder was started with.

    Raises:
        ConfigError: the folder holds no run, or its settings cannot be read.
    """
    where = f"{folder}/config.json acoustic"
    return build(AcousticConfig, read_settings(folder)["acoustic"], where)
