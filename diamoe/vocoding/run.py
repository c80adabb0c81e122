"""One run of vocoder training: resumable, with the averaged weights kept ready for use."""

import logging
import math
import time
from collections import deque
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.errors import ConfigError, TrainingError
from diamoe.training.checkpoints import AtomicCheckpointIO
from diamoe.vocoding.crops import CropConfig, Crops, Lesson
from diamoe.vocoding.network import NetworkConfig, make_generator, save_vocoder
from diamoe.vocoding.objective import Critics, CriticsConfig, ObjectiveWeights
from diamoe.vocoding.remade import RemadeConfig, RemadeMels
from diamoe.vocoding.spectra import SpectralDistance

log = logging.getLogger(__name__)

_ALWAYS = ("mel", "spectra", "pitch", "mended")
"""Losses that count from the first step on."""
PRECISIONS = {"bf16": torch.bfloat16, "32": torch.float32}


@dataclass(frozen=True)
class VocoderConfig:
    """Settings of `python -m diamoe.vocoding.train`."""

    out: str = "runs/vocoder"
    """Folder of the checkpoint, and of the vocoder in `vocoder/`; a run found there goes on."""
    start: str = ""
    """Folder of a vocoder of the same sizes that a new run begins from; empty for none."""
    steps: int = 200_000
    """Batches."""
    learning_rate: float = 5e-4
    """Peak; it falls to 0 along a cosine."""
    warmup: int = 200
    """Steps until the peak."""
    ema: float = 0.999
    """Decay of the averaged weights, which are the ones kept."""
    clip: float = 100.0
    """Largest gradient norm."""
    precision: str = "bf16"
    """Of backbone and discriminators: bf16 or 32; spectra and phases are always in float32."""
    device: str = "cpu"
    """Where to compute: cpu, cuda."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""
    save_every: int = 250
    """Steps between checkpoints."""
    valid_batches: int = 8
    """Batches of `crops.valid` that are measured then."""
    log_every: int = 50
    """Steps between lines of the log."""
    licence: str = ""
    """Licence of the weights, for the vocoder's card."""
    seed: int = 0
    """Seed of everything drawn."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    crops: CropConfig = field(default_factory=CropConfig)
    remade: RemadeConfig = field(default_factory=RemadeConfig)
    critics: CriticsConfig = field(default_factory=CriticsConfig)
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision must be bf16 or 32, found {self.precision!r}")
        for name in ("steps", "warmup", "save_every", "valid_batches", "log_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be 1 or more, found {getattr(self, name)}")


class VocoderRun:
    """Generator, critics, their optimisers, and the step they are at."""

    def __init__(self, config: VocoderConfig):
        self.config, self.step = config, 0
        self.device = torch.device(config.device)
        if config.threads:
            torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        self.mel = MelConfig()
        self.log_mel = LogMel(self.mel).to(self.device)
        self.distance = SpectralDistance().to(self.device)
        self.generator = make_generator(config.network, self.mel).to(self.device)
        self.averaged = deepcopy(self.generator).requires_grad_(False)
        self.critics = Critics(config.critics, config.weights).to(self.device)
        betas = (0.8, 0.9)
        self.optimiser = torch.optim.AdamW(self.generator.parameters(), config.learning_rate, betas)
        critical = list(self.critics.parameters()) or [torch.nn.Parameter(torch.zeros(1))]
        self.opposing = torch.optim.AdamW(critical, config.critics.learning_rate, betas)

    @property
    def checkpoint(self) -> Path:
        """File that a run goes on from."""
        return Path(self.config.out) / "checkpoint.pt"

    def start(self) -> None:
        """Train to the last step, from the checkpoint where there is one.

        Raises:
            CorpusError: a corpus cannot be read.
            BundleError: the bundle that makes mels again cannot be used.
            ConfigError: the vocoder to start from has other sizes.
            TrainingError: the loss is no number, or the checkpoint cannot be read or written.
        """
        config = self.config
        crops = Crops(config.crops.corpora, config.crops, self.mel, config.seed)
        held = Crops(config.crops.valid, config.crops, self.mel, config.seed + 1)
        if config.remade.bundle:
            file = Path(config.out) / "remade.safetensors"
            remade = RemadeMels.read_or_make(file, config.remade, crops.store, config.seed)
            crops.tell(remade, config.remade.share)
        self._resume()
        recent: dict[str, deque[float]] = {}
        began = time.perf_counter()
        while self.step < config.steps:
            for name, value in self.update(crops.batch(self.step).to(self.device)).items():
                recent.setdefault(name, deque(maxlen=config.log_every)).append(value)
            self.step += 1
            if self.step % config.log_every == 0:
                means = ", ".join(f"{k} {sum(v) / len(v):.3f}" for k, v in recent.items())
                rate = (time.perf_counter() - began) / config.log_every
                log.info("step %d: %s; %.2f s a step", self.step, means, rate)
                began = time.perf_counter()
            if self.step % config.save_every == 0 or self.step == config.steps:
                self._save(self.measure(held))

    def update(self, lesson: Lesson) -> dict[str, float]:
        """One step; returns the losses."""
        config, weights, real = self.config, self.config.weights, lesson.real
        self._set_rates()
        mel = self.log_mel(real)
        told = torch.cat((lesson.remade, mel[len(lesson.remade) :]))
        losses: dict[str, Tensor] = {}
        with self._precision():
            taught = self.generator.taught(told.mT, real, self.step, len(lesson.remade))
        made, losses["pitch"] = taught.wave, taught.pitch
        # A recording's own mel has nothing to be mended.
        own = slice(len(lesson.remade), None)
        changed = (taught.mended[own] - mel[own]).abs()
        losses["mended"] = changed.sum() / max(1, changed.numel())
        opposed = self.step >= config.critics.after and len(list(self.critics.parameters())) > 0
        if opposed:
            with self._precision():
                losses["critics"] = self.critics.verdict(made, real)
            self.opposing.zero_grad(set_to_none=True)
            losses["critics"].backward()
            self.opposing.step()
        losses["mel"] = (self.log_mel(made) - mel).abs().mean()
        losses["spectra"] = self.distance(made, real)
        total = sum(getattr(weights, n) * losses[n] for n in _ALWAYS)
        if opposed:
            with self._precision():
                losses["adversarial"] = self.critics(made, real)
            total = total + losses["adversarial"]
        self._descend(total)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _descend(self, total: Tensor) -> None:
        """A step of the generator, and of its average."""
        if not torch.isfinite(total):
            raise TrainingError(
                f"step {self.step}: the loss is {float(total)}; lower learning_rate, then start "
                "the same command again, which resumes from the last checkpoint"
            )
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.generator.parameters(), self.config.clip)
        self.optimiser.step()
        # Early on the average follows quickly, or it would remember the first random weights.
        decay = min(self.config.ema, (1 + self.step) / (10 + self.step))
        pairs = zip(self.averaged.parameters(), self.generator.parameters(), strict=True)
        with torch.no_grad():
            for kept, new in pairs:
                kept.lerp_(new, 1 - decay)

    @torch.no_grad()
    def measure(self, held: Crops) -> dict[str, float]:
        """Mel and spectral distance of the averaged weights on held-out crops."""
        sums = {"mel": 0.0, "spectra": 0.0}
        for number in range(self.config.valid_batches):
            real = held.batch(number).real.to(self.device)
            mel = self.log_mel(real)
            made = self.averaged.decode(mel.mT)
            sums["mel"] += float((self.log_mel(made) - mel).abs().mean())
            sums["spectra"] += float(self.distance(made, real))
        means = {name: value / self.config.valid_batches for name, value in sums.items()}
        log.info("held out: %s", ", ".join(f"{k} {v:.4f}" for k, v in means.items()))
        return means

    def _precision(self) -> torch.autocast:
        kind = PRECISIONS[self.config.precision]
        return torch.autocast(self.device.type, kind, enabled=kind != torch.float32)

    def _set_rates(self) -> None:
        config = self.config
        warm = min(1.0, (self.step + 1) / config.warmup)
        factor = warm * 0.5 * (1 + math.cos(math.pi * self.step / config.steps))
        peaks = (config.learning_rate, config.critics.learning_rate)
        for optimiser, peak in zip((self.optimiser, self.opposing), peaks, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = peak * factor

    def _save(self, measured: dict[str, float]) -> None:
        config = self.config
        facts = {
            "licence": config.licence,
            "corpora": [Path(folder).name for folder in config.crops.corpora],
            "step": self.step,
            "held_out": measured,
            "settings": asdict(config),
        }
        weights = self.averaged.state_dict()
        save_vocoder(Path(config.out) / "vocoder", weights, config.network, self.mel, facts)
        state = {"step": self.step, **{k: v.state_dict() for k, v in self._parts().items()}}
        AtomicCheckpointIO().save_checkpoint(state, self.checkpoint)

    def _resume(self) -> None:
        if not self.checkpoint.is_file():
            if self.config.start:
                self._start_from(Path(self.config.start))
            return
        try:
            state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
        except (RuntimeError, KeyError, ValueError, EOFError) as error:
            raise TrainingError(
                f"{self.checkpoint}: not a checkpoint of a run with these sizes "
                f"({str(error)[:200]}); give another out, or the settings it was begun with"
            ) from error
        self.step = int(state["step"])
        log.info("goes on from step %d", self.step)

    def _start_from(self, folder: Path) -> None:
        """Take over a vocoder's weights; one that mends no mels begins to."""
        file = folder / "model.safetensors"
        try:
            given = {name: weight.float() for name, weight in load_file(file).items()}
            for part in (self.generator, self.averaged):
                found = part.load_state_dict(given, strict=False)
        except (OSError, SafetensorError, RuntimeError) as error:
            raise ConfigError(f"start: {file}: {str(error)[:300]}") from error
        lacking = [name for name in found.missing_keys if not name.startswith("head.mending.")]
        if lacking or found.unexpected_keys:
            raise ConfigError(
                f"start: {file} is of another network: it lacks {', '.join(lacking) or 'nothing'}, "
                f"and has besides {', '.join(found.unexpected_keys) or 'nothing'}"
            )
        if found.missing_keys:
            log.info("start: begun anew: %s", ", ".join(found.missing_keys))

    def _parts(self) -> dict[str, torch.nn.Module | torch.optim.Optimizer]:
        return {
            "generator": self.generator,
            "averaged": self.averaged,
            "critics": self.critics,
            "optimiser": self.optimiser,
            "opposing": self.opposing,
        }
