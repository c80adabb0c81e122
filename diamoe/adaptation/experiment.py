"""`python -m diamoe.adaptation.experiment`: what an adapter gains, beside full fine-tuning.

For every dialect and every amount of speech: (a) the base untouched, (b) our adapter and (c) full
fine-tuning, (d) both with perturbation. Cells that are there are not computed again; an
interrupted one goes on.
"""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import torch

from diamoe.adaptation.cells import CellConfig, System, run_cell
from diamoe.adaptation.data import Speech, read_speech
from diamoe.adaptation.judging import Judge, as_figures
from diamoe.adaptation.settings import FULL_FIT, AdaptConfig, FitConfig
from diamoe.adaptation.table import write_results
from diamoe.audio.augment import PerturbConfig
from diamoe.bundle import RECOGNISER
from diamoe.config import build
from diamoe.errors import ConfigError, CorpusError
from diamoe.hydra_command import run_command

log = logging.getLogger(__name__)

PROMPT_MINUTES = 2.0
"""Every system speaks in a voice made from the first minutes of the speech it learns from."""


@dataclass(frozen=True)
class Task:
    """A dialect that a base is to learn."""

    dialect: str
    """Its code."""
    train: list[str]
    """Prepared corpora to learn from."""
    valid: list[str]
    """Prepared corpora held out."""
    base: str = "runs/six_dialects/bundle"
    """Bundle that never heard the dialect."""
    speaker: str = ""
    """Use only this speaker."""


@dataclass(frozen=True)
class ExperimentConfig:
    """Settings of the experiment."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is learned, by name: fields of `Task`."""
    only: list[str] = field(default_factory=list)
    """Names of the tasks to run; empty for all."""
    out: str = "runs/adaptation"
    """Folder for cells/, results.json, results.md, curves.png and mels.png."""
    minutes: list[float] = field(default_factory=lambda: [2.0, 10.0, 30.0])
    """Amounts of speech; less is part of more."""
    systems: list[System] = field(default_factory=lambda: list(get_args(System)))
    """What is compared."""
    recogniser: str = str(RECOGNISER)
    """Recogniser that judges."""
    sentences: int = 40
    """Held-out sentences that are spoken and judged."""
    held_out: int = 40
    """Held-out utterances on which the flow loss is measured."""
    steps: int = 12
    """Solver steps."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""
    fit: FitConfig = field(default_factory=FitConfig)
    """How the adapters are fitted."""
    full: FitConfig = FULL_FIT
    """How all parameters are fitted."""
    perturb: PerturbConfig = field(default_factory=lambda: PerturbConfig(0.5, 0.1, 2.0))
    """Perturbation of the systems that are perturbed."""
    others: list[str] = field(default_factory=list)
    """Prepared corpora of dialects that the bases know, for what is forgotten of them."""


class Experiment:
    """All cells of one table."""

    def __init__(self, config: ExperimentConfig):
        self.config = config
        self.out = Path(config.out)
        unknown = sorted(set(config.only) - set(config.tasks))
        if unknown or not config.tasks:
            known = ", ".join(config.tasks) or "none"
            raise ConfigError(f"unknown tasks {', '.join(unknown)}; known tasks: {known}")
        allowed = get_args(System)
        if not set(config.systems) <= set(allowed):
            raise ConfigError(f"systems: {config.systems}; allowed: {', '.join(allowed)}")

    def run(self) -> None:
        """Compute what is missing; the results are written after every cell."""
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        for name in self.config.only or self.config.tasks:
            task = build(Task, self.config.tasks[name], f"tasks.{name}")
            for minutes in sorted(self.config.minutes):
                self._row(name, task, minutes)

    def _row(self, name: str, task: Task, minutes: float) -> None:
        missing = [s for s in self.config.systems if not self._file(name, minutes, s).is_file()]
        if not missing:
            return
        try:
            speech = self._speech(task, minutes)
            prompt = self._speech(task, min(PROMPT_MINUTES, minutes))
        except CorpusError as error:  # the table says that there was not enough
            log.warning("%s, %g minutes: %s", name, minutes, error)
            return
        judge = Judge(
            self.config.recogniser, speech.held_out[: self.config.sentences], self.config.steps
        )
        self._recordings(name, judge)
        table = self.config
        config = CellConfig(task.base, table.fit, table.full, table.perturb, table.others)
        for system in missing:
            file = self._file(name, minutes, system)
            log.info("%s, %g minutes, %s", name, minutes, system)
            cell = run_cell(
                system, task.dialect, speech, prompt, config, judge, file.with_suffix("")
            )
            file.write_text(json.dumps({"task": name, "given": minutes, **cell}, indent=1))
            write_results(self.out)

    def _speech(self, task: Task, minutes: float) -> Speech:
        settings = AdaptConfig(
            dialect=task.dialect,
            data=task.train,
            valid=task.valid,
            base=task.base,
            speaker=task.speaker,
            minutes=minutes,
        )
        speech = read_speech(settings)
        return Speech(
            speech.train, speech.held_out[: self.config.held_out], speech.sources, speech.folders
        )

    def _recordings(self, name: str, judge: Judge) -> None:
        file = self.out / "cells" / name / "recordings.json"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(as_figures(judge.recordings()), indent=1))

    def _file(self, name: str, minutes: float, system: System) -> Path:
        amount = "any" if system == "base" else f"{minutes:g}"
        return self.out / "cells" / name / f"{amount}_{system}.json"


def main() -> None:
    """Compose the settings and run what is missing."""
    run_command(
        "diamoe.adaptation.experiment",
        "experiment",
        ExperimentConfig,
        lambda config: Experiment(config).run(),
        "conf.adapter",
    )


if __name__ == "__main__":
    main()
