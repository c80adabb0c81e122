"""A training run: its settings, its folder, and how it is put together."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from lightning import Trainer, seed_everything
from lightning.pytorch.callbacks import (
    EMAWeightAveraging,
    LearningRateMonitor,
    ModelCheckpoint,
    TQDMProgressBar,
)
from lightning.pytorch.loggers import TensorBoardLogger

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.config import build, to_dict
from diamoe.errors import ConfigError
from diamoe.flow.duration import DurationConfig
from diamoe.flow.matching import AcousticConfig, AcousticModel, FlowConfig, MelScale
from diamoe.model.dit import DiTConfig
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.callbacks import ExpertUsage, MelPictures
from diamoe.training.data import DataConfig, SpeechData
from diamoe.training.module import FlowModule, OptimiserConfig


@dataclass(frozen=True)
class TrainConfig:
    """Settings of `python -m diamoe.train`."""

    out: str = "runs/train"
    """Run folder: config.json, checkpoints/, TensorBoard files."""
    init: str = ""
    """Bundle to start from; its architecture replaces `model`. Empty: from scratch."""
    resume: bool = True
    """Go on from the run folder's last checkpoint, if it has one."""
    seed: int = 0
    """Seed of initial weights and noise."""
    steps: int = 10_000
    """Optimiser steps."""
    precision: str = "bf16-mixed"
    """Lightning precision: bf16-mixed or 32-true."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""
    accelerator: str = "auto"
    """Lightning accelerator: auto, cpu, gpu."""
    clip: float = 1.0
    """Largest gradient norm."""
    accumulate: int = 1
    """Batches per optimiser step."""
    ema: float = 0.999
    """Decay of the averaged weights that validation and bundles use."""
    valid_every: int = 500
    """Steps between validations."""
    save_every: int = 250
    """Steps between checkpoints."""
    keep: int = 2
    """Checkpoints kept."""
    model: DiTConfig = field(default_factory=DiTConfig)
    """Architecture."""
    duration: DurationConfig = field(default_factory=DurationConfig)
    """Duration predictor."""
    flow: FlowConfig = field(default_factory=FlowConfig)
    """Objective."""
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    """AdamW."""
    data: DataConfig = field(default_factory=DataConfig)
    """Corpora and batches."""


def measure_scale(data: SpeechData, batches: int = 16) -> MelScale:
    """Mean and standard deviation of the log-mel over the first batches."""
    values = []
    for _, batch in zip(range(batches), data.train_dataloader(), strict=False):
        values.append(batch.mel[batch.frame_mask])
    mel = torch.cat(values)
    return MelScale(round(float(mel.mean()), 3), round(float(mel.std()), 3))


class TrainingRun:
    """One run folder and everything needed to go on with it."""

    def __init__(self, config: TrainConfig):
        self.config = config
        self.folder = Path(config.out)
        self.mel = MelConfig()
        self.checkpoint = self.folder / "checkpoints" / "last.ckpt"
        self.resumes = config.resume and self.checkpoint.is_file()
        self.vocabulary = run_vocabulary(self.folder) if self.resumes else PhoneVocabulary.default()

    def start(self) -> None:
        """Train to `steps`, from the last checkpoint where there is one."""
        config = self.config
        if config.threads:
            torch.set_num_threads(config.threads)
        seed_everything(config.seed, verbose=False)
        data = SpeechData(config.data, self.vocabulary, self.mel)
        data.setup()
        resume = self.checkpoint if self.resumes else None
        module = FlowModule(self._model(data), config.optimiser, config.steps, config.seed)
        self.trainer().fit(module, datamodule=data, ckpt_path=resume, weights_only=True)

    def _model(self, data: SpeechData) -> AcousticModel:
        if self.resumes:
            return AcousticModel(read_run(self.folder), self.vocabulary)
        if self.config.init:
            start, known = bundles.load_own(self.config.init)
            acoustic = replace(start.config, flow=self.config.flow)
            model = start.grown(known, self.vocabulary)
            model.config = acoustic
        else:
            c = self.config
            acoustic = AcousticConfig(c.model, c.duration, c.flow, measure_scale(data))
            model = AcousticModel(acoustic, self.vocabulary)
        self.folder.mkdir(parents=True, exist_ok=True)
        description = {"acoustic": to_dict(acoustic), "train": to_dict(self.config)}
        (self.folder / "config.json").write_text(json.dumps(description, indent=1))
        self.vocabulary.save(self.folder / "vocabulary.json")
        return model

    def trainer(self) -> Trainer:
        """The Lightning trainer of this run."""
        config = self.config
        return Trainer(
            accelerator=config.accelerator,
            devices=1,
            precision=config.precision,  # type: ignore[arg-type]
            max_steps=config.steps,
            max_epochs=-1,
            gradient_clip_val=config.clip,
            accumulate_grad_batches=config.accumulate,
            val_check_interval=config.valid_every * config.accumulate,
            check_val_every_n_epoch=None,
            num_sanity_val_steps=0,
            log_every_n_steps=20,
            use_distributed_sampler=False,
            logger=TensorBoardLogger(str(self.folder), name="", version=""),
            callbacks=[
                EMAWeightAveraging(decay=config.ema),
                ModelCheckpoint(
                    dirpath=self.folder / "checkpoints",
                    filename="{step}",
                    every_n_train_steps=config.save_every,
                    save_last=True,
                    enable_version_counter=False,  # last.ckpt is always the last one
                    save_top_k=config.keep,
                    monitor="step",
                    mode="max",
                ),
                LearningRateMonitor("step"),
                TQDMProgressBar(refresh_rate=10),
                MelPictures(),
                ExpertUsage(),
            ],
        )


def run_vocabulary(folder: Path) -> PhoneVocabulary:
    """The phones that a run folder was started with.

    Raises:
        BundleError: the folder holds no vocabulary.
    """
    return PhoneVocabulary.load(Path(folder) / "vocabulary.json")


def read_run(folder: Path) -> AcousticConfig:
    """The architecture that a run folder was started with.

    Raises:
        ConfigError: the folder holds no run, or its settings cannot be read.
    """
    file = Path(folder) / "config.json"
    try:
        return build(AcousticConfig, json.loads(file.read_text())["acoustic"], str(file))
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{folder}: not a training run ({error})") from error
