"""Fitting a few parameters to a little speech: batches, steps, early stop, and going on again."""

import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from lhotse.cut import Cut
from torch import Tensor, nn
from tqdm import tqdm

from diamoe.adaptation.settings import FitConfig
from diamoe.audio.augment import PerturbConfig
from diamoe.audio.mel import MelConfig
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticModel, Batch, FlowMatcher
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.batches import CHANGE, MelBatches

POOL = 64
"""Utterances that are sorted by length together, so that little of a batch is padding."""
PROGRESS = "progress.pt"
"""File of an unfinished adaptation."""


@dataclass
class Curve:
    """What was measured on the way: at `steps[i]` the held-out losses, and the training loss since
    the measurement before."""

    steps: list[int] = field(default_factory=list)
    flow: list[float] = field(default_factory=list)
    duration: list[float] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def best(self) -> int:
        """Index of the lowest held-out flow loss."""
        return min(range(len(self.flow)), key=self.flow.__getitem__)


class HeldOut:
    """Utterances whose loss is measured with the same noise, times and spans every time."""

    def __init__(self, cuts: Sequence[Cut], batches: MelBatches, config: FitConfig):
        self.draws = config.draws
        self.seconds = config.batch_seconds
        ordered = sorted(cuts, key=lambda cut: cut.duration)
        self.batches: list[Batch] = [batches[p] for p in _pieces(ordered, self.seconds)]

    @torch.inference_mode()
    def measure(self, model: AcousticModel) -> tuple[float, float]:
        """Mean flow and duration loss over frames, with text, and a prompt where one is drawn."""
        matcher = objective(model)
        matcher.config = replace(matcher.config, drop_both=0.0)
        sums, weight = [0.0, 0.0], 0.0
        for draw in range(self.draws):
            for index, batch in enumerate(self.batches):
                generator = torch.Generator().manual_seed(1_000 * draw + index)
                loss = matcher.loss(batch, generator)
                frames = float(batch.frames.sum())
                sums[0] += float(loss.flow) * frames
                sums[1] += float(loss.duration) * frames
                weight += frames
        return sums[0] / weight, sums[1] / weight


def objective(model: AcousticModel) -> FlowMatcher:
    """The base's objective without its losses on the gate, which stays as it is."""
    matcher = FlowMatcher(model)
    matcher.config = replace(matcher.config, dialect_weight=0.0, balance_weight=0.0)
    return matcher


def rate(step: int, steps: int, config: FitConfig) -> float:
    """The learning rate of a step as a share of its peak: up a line, then down a cosine.

    >>> [round(rate(step, 100, FitConfig(warmup=0.1, floor=0.0)), 2) for step in (0, 9, 55, 99)]
    [0.1, 1.0, 0.5, 0.0]
    """
    rising = config.warmup * steps
    if step < rising:
        return min(1.0, (step + 1) / rising)
    progress = (step - rising) / max(1.0, steps - rising)
    return config.floor + (1 - config.floor) * 0.5 * (1 + math.cos(math.pi * progress))


class Fitter:
    """Fits named parameters of a model; the best by held-out flow loss are kept.

    Step `n` depends on the settings and `n` alone, so an interrupted fit that goes on ends where
    an uninterrupted one does.
    """

    def __init__(
        self,
        model: AcousticModel,
        parameters: dict[str, nn.Parameter],
        train: Sequence[Cut],
        held_out: Sequence[Cut],
        vocabulary: PhoneVocabulary,
        config: FitConfig,
        perturb: PerturbConfig,
    ):
        self.model, self.parameters, self.config, self.perturb = model, parameters, config, perturb
        self.cuts = list(train)
        self.batches = MelBatches(vocabulary, MelConfig())
        self.held_out = HeldOut(held_out, self.batches, config)
        self.steps = config.steps or self._fitting_steps()
        self.optimiser = torch.optim.AdamW(
            list(parameters.values()) or [torch.zeros(1)],
            lr=config.learning_rate,
            weight_decay=config.weight_decay,
            betas=(0.9, 0.98),
        )
        self.curve = Curve()
        self.step = 0
        self.best: dict[str, Tensor] = {}

    def _fitting_steps(self) -> int:
        config = self.config
        seconds = sum(cut.duration for cut in self.cuts)
        wanted = round(config.passes * seconds / config.batch_seconds)
        return max(config.least, min(config.most, wanted))

    def fit(self, folder: Path, resume: bool = True) -> Curve:
        """Run to the last step or the early stop; the best parameters are in the model after it.

        Raises:
            AdapterError: `folder` holds an unfinished fit of other settings.
        """
        file = folder / PROGRESS
        if resume and file.is_file():
            self._load(file)
        for parameter in self.parameters.values():
            parameter.requires_grad_(True)
        started, before = time.monotonic(), self.curve.seconds
        if not self.curve.steps:
            self._measure(math.nan)
        bar = tqdm(total=self.steps, initial=self.step, unit="step", desc="adapting")
        for losses in self._runs():
            bar.update(len(losses))
            self._measure(sum(losses) / len(losses))
            bar.set_postfix(held_out=f"{self.curve.flow[-1]:.4f}")
            self.curve.seconds = before + time.monotonic() - started
            self._save(file)
            if self._settled():
                break
        bar.close()
        for parameter in self.parameters.values():
            parameter.requires_grad_(False)
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(self.best[name])
        return self.curve

    def untouched(self) -> Curve:
        """The losses of the model as it is."""
        self._measure(math.nan)
        return self.curve

    def _runs(self) -> Iterator[list[float]]:
        """The training losses of the steps between two measurements."""
        losses: list[float] = []
        for number, cuts in enumerate(self._endless()):
            if number < self.step:
                continue
            if self.step >= self.steps or self._settled():
                return
            losses.append(self._learn(cuts))
            self.step += 1
            if self.step % self.config.check_every == 0 or self.step == self.steps:
                yield losses
                losses = []

    def _learn(self, cuts: Sequence[Cut]) -> float:
        """One step of the optimiser."""
        config = self.config
        for group in self.optimiser.param_groups:
            group["lr"] = config.learning_rate * rate(self.step, self.steps, config)
        batch = self.batches[self._perturbed(cuts)]
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            loss = objective(self.model).loss(batch, generator)
        self.optimiser.zero_grad()
        loss.total.backward()
        nn.utils.clip_grad_norm_(list(self.parameters.values()), config.clip)
        self.optimiser.step()
        return float(loss.flow.detach())

    def _perturbed(self, cuts: Sequence[Cut]) -> list[Cut]:
        if not self._perturbing():
            return list(cuts)
        key = f"{self.config.seed} {self.step}"
        return [cut.with_custom(CHANGE, self.perturb.draw(f"{key} {cut.id}")) for cut in cuts]

    def _endless(self) -> Iterator[list[Cut]]:
        """Batches of cuts of about one length, epoch after epoch."""
        epoch = 0
        while True:
            draw = random.Random(f"{self.config.seed} {epoch}")
            cuts = list(self.cuts)
            draw.shuffle(cuts)
            pools = [cuts[i : i + POOL] for i in range(0, len(cuts), POOL)]
            pieces = [
                piece
                for pool in pools
                for piece in _pieces(
                    sorted(pool, key=lambda cut: cut.duration), self.config.batch_seconds
                )
            ]
            draw.shuffle(pieces)
            yield from pieces
            epoch += 1

    def _measure(self, train: float) -> None:
        flow, duration = self.held_out.measure(self.model)
        if not math.isfinite(flow):
            raise AdapterError(f"the held-out loss is {flow} after {self.step} steps")
        curve = self.curve
        curve.steps.append(self.step)
        curve.flow.append(flow)
        curve.duration.append(duration)
        curve.train.append(train)
        if curve.best == len(curve.flow) - 1:
            self.best = {name: p.detach().clone() for name, p in self.parameters.items()}

    def _perturbing(self) -> bool:
        return bool(self.perturb.share) and self.step < self.config.perturbed * self.steps

    def _settled(self) -> bool:
        curve = self.curve
        clean = self.config.perturbed * self.steps if self.perturb.share else 0
        heard = sum(step > clean for step in curve.steps)  # before, its gain is still to come
        return min(len(curve.flow) - 1 - curve.best, heard) >= self.config.patience

    def _signature(self) -> str:
        """What a fit must share with the one that it goes on from."""
        settings: dict[str, Any] = {
            "fit": asdict(self.config),
            "perturb": asdict(self.perturb),
            "cuts": sorted(cut.id for cut in self.cuts),
            "parameters": {name: list(p.shape) for name, p in self.parameters.items()},
        }
        return json.dumps(settings, sort_keys=True)

    def _save(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "signature": self._signature(),
            "step": self.step,
            "curve": asdict(self.curve),
            "best": self.best,
            "parameters": {n: p.detach() for n, p in self.parameters.items()},
            "optimiser": self.optimiser.state_dict(),
        }
        torch.save(state, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)

    def _load(self, file: Path) -> None:
        state = torch.load(file, weights_only=True)
        if state["signature"] != self._signature():
            raise AdapterError(
                f"{file}: an unfinished adaptation of other settings or data; "
                "resume=false begins anew"
            )
        self.step, self.best = state["step"], state["best"]
        self.curve = Curve(**state["curve"])
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(state["parameters"][name])
        self.optimiser.load_state_dict(state["optimiser"])


def _pieces(cuts: Sequence[Cut], seconds: float) -> Iterator[list[Cut]]:
    """Runs of cuts that fill a batch when padded to their longest; at least one cut each."""
    piece: list[Cut] = []
    for cut in cuts:
        longest = max(cut.duration, max((c.duration for c in piece), default=0.0))
        if piece and longest * (len(piece) + 1) > seconds:
            yield piece
            piece = []
        piece.append(cut)
    if piece:
        yield piece
