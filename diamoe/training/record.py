"""What a run folder says of how it came about."""

import csv
import json
import platform
import subprocess
from argparse import Namespace
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities import rank_zero_only

PACKAGES = ("torch", "lightning", "lhotse", "hydra-core", "numpy")


def versions() -> dict[str, str]:
    """Versions of what a run depends on, our own first."""
    own = {"diamoe": version("diamoe"), "python": platform.python_version()}
    return own | {name: version(name) for name in PACKAGES}


def git_state(folder: Path) -> dict[str, object] | None:
    """Commit of the code, and whether it was changed since; None outside a repository."""

    def git(*words: str) -> str:
        run = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return None


def write_record(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write the run's config.json: what it was begun with, the versions and the code's state."""
    folder.mkdir(parents=True, exist_ok=True)
    git = git_state(Path(__file__).parent)
    record = {**settings, "versions": versions(), **({"git": git} if git else {})}
    unfinished = folder / "config.json.part"
    unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(folder / "config.json")


class MetricsFile(Logger):
    """metrics.csv: a row for every value that is logged (step, name, value).

    A resumed run drops what was written after the checkpoint that it resumes from. The row of
    a checkpoint's own step is written after it: a run that is killed between the two lacks it.
    """

    def __init__(self, folder: Path):
        super().__init__()
        self.file = Path(folder) / "metrics.csv"

    @property
    def name(self) -> str:
        return "metrics"

    @property
    def version(self) -> str:
        return ""

    @rank_zero_only
    def log_hyperparams(
        self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any
    ) -> None:
        """Settings are in config.json."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        new = not self.file.is_file()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(("step", "name", "value"))
            rows = ((step, name, repr(float(value))) for name, value in metrics.items())
            writer.writerows(row for row in rows if row[1] != "epoch")

    @rank_zero_only
    def forget_after(self, step: int) -> None:
        """Drop the rows of later steps."""
        if not self.file.is_file():
            return
        rows = [r for r in read_metrics(self.file) if r[0] <= step]
        unfinished = self.file.with_name("metrics.csv.part")
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("step", "name", "value"), *rows])
        unfinished.replace(self.file)


def read_metrics(file: Path) -> list[tuple[int, str, float]]:
    """The rows of a metrics.csv; one that was cut off while it was written is left out."""
    with file.open(newline="", encoding="utf-8") as rows:
        found = list(csv.reader(rows))[1:]
    return [(int(r[0]), r[1], float(r[2])) for r in found if len(r) == 3 and r[2]]
