"""What a training run can be told."""

from dataclasses import dataclass, field

from diamoe.audio.augment import PerturbConfig
from diamoe.errors import ConfigError
from diamoe.flow.duration import DurationConfig
from diamoe.flow.matching import FlowConfig
from diamoe.model.dit import DiTConfig
from diamoe.training.optimiser import OptimiserConfig


@dataclass(frozen=True)
class GuardConfig:
    """When a step's loss is a spike, and what is done then."""

    action: str = "skip"
    """skip (report it and leave the weights alone), stop, or ignore."""
    factor: float = 4.0
    """A loss above so many times the median of the last `window` is a spike."""
    window: int = 100
    """Steps that are looked back upon; the first fifth of them is never judged."""
    patience: int = 10
    """So many skipped steps one after the other end the run."""

    def __post_init__(self) -> None:
        if self.action not in ("skip", "stop", "ignore"):
            raise ConfigError(f"guard.action: {self.action!r}; known: skip, stop, ignore")
        if self.factor <= 1 or self.window < 5 or self.patience < 1:
            raise ConfigError(
                f"guard: factor {self.factor} (more than 1), window {self.window} (5 or more), "
                f"patience {self.patience} (1 or more)"
            )


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


@dataclass(frozen=True)
class DataConfig:
    """Which corpora a run sees, and in what pieces."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpus folders to train on; patterns are welcome (`corpora/teacher_*_train`)."""
    valid: list[str] = field(default_factory=list)
    """Prepared corpus folders to validate on; patterns likewise."""
    repeat: dict[str, int] = field(default_factory=dict)
    """How often an epoch repeats a corpus, by folder name or pattern, of which the first that fits
    counts; once unless named."""
    temperature: float = 1.0
    """A dialect is heard in proportion to its speech ** (1 / temperature): 1 as the data are, 2 or
    more so that small dialects are heard."""
    max_seconds: float = 32.0
    """Speech in one batch, padding counted."""
    longest: float = 12.0
    """Longest utterance; longer ones are left out and counted."""
    worst_alignment: float = -2.5
    """Mean log-likelihood of a phone below which an estimated alignment, and with it the cut, is
    left out and counted."""
    valid_cuts: int = 200
    """Most validation utterances, drawn evenly over the dialects."""
    workers: int = 1
    """Processes that decode and analyse audio; 0 does it between steps."""
    seed: int = 0
    """Order of the batches, and what is drawn for `perturb`."""
    perturb: PerturbConfig = field(default_factory=PerturbConfig)
    """Speed and pitch changed on the fly, in training only."""


@dataclass(frozen=True)
class TrainConfig(TrainerConfig):
    """Settings of `python -m diamoe.train`."""

    out: str = "runs/train"
    """Run folder: config.json, checkpoints/, metrics.csv, samples/, TensorBoard files, and at the
    end bundle/."""
    init: str = ""
    """Bundle to start from. One of ours brings its architecture, which replaces `model`; what an
    imported F5-TTS or DiaMoE-TTS has in common with `model` is taken over. Empty: from scratch."""
    resume: bool = True
    """Go on from the run folder's last checkpoint, if it has one."""
    seed: int = 0
    """Seed of initial weights and noise."""
    compile: str = ""
    """Back-end of torch.compile for the transformer blocks (inductor); empty: not compiled."""
    activation_checkpointing: bool = False
    """Compute the transformer blocks' activations twice and so hold fewer of them."""
    samples: int = 14
    """Most dialects that a sample is made of at each validation; 0 makes none."""
    licence: str = ""
    """Licence of the weights; empty takes that of `init`, or CC-BY-SA-4.0."""
    voices: list[dict[str, object]] = field(default_factory=list)
    """Voices of the bundle that a finished run leaves (diamoe/export.py)."""
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
