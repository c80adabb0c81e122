"""The experiment's cells as a table, learning curves and spectrograms."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.adaptation.drawing import curve_figure
from diamoe.plots import mel_figure

NAMES = {
    "base": "base untouched",
    "adapter": "adapter",
    "full": "full fine-tuning",
    "adapter_perturbed": "adapter, perturbed",
    "full_perturbed": "full fine-tuning, perturbed",
}
HEAD = (
    "| task | minutes | system | trained | held-out flow loss "
    "| share of full gain: loss / PER / tones | PER | tone accuracy | others' loss | fitting, s |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)
GAINS = {"flow": -1, "per": -1, "tone_accuracy": 1}
"""What a system can gain: whether it is better when it falls (-1) or rises (1)."""


def write_results(out: Path) -> None:
    """Write results.json, results.md, curves.png and mels.png from the cells under `out`."""
    cells = read_cells(out)
    (out / "results.json").write_text(json.dumps(cells, indent=1))
    (out / "results.md").write_text(as_markdown(cells, read_recordings(out)), encoding="utf-8")
    panels: dict[str, dict[str, tuple[Sequence[float], Sequence[float]]]] = {}
    for cell in cells:
        if cell["system"] != "base":
            name = f"{cell['task']}, {cell['given']:g} minutes"
            panels.setdefault(name, {})[NAMES[cell["system"]]] = (cell["steps"], cell["curve"])
    if panels:
        curve_figure(panels).savefig(out / "curves.png", dpi=110)
    mels = {
        f"{cell['task']}: {NAMES[cell['system']]}, {cell['given']:g} minutes": np.load(file)
        for cell in cells
        if (file := _folder(out, cell) / "mel.npy").is_file()
    }
    if mels:
        mel_figure(mels).savefig(out / "mels.png", dpi=90)


def _folder(out: Path, cell: dict[str, Any]) -> Path:
    amount = "any" if cell["system"] == "base" else f"{cell['given']:g}"
    return out / "cells" / cell["task"] / f"{amount}_{cell['system']}"


def read_cells(out: Path) -> list[dict[str, Any]]:
    """All finished cells: by task, minutes, and system in the order of `NAMES`."""
    order = list(NAMES)
    files = sorted((out / "cells").glob("*/*_*.json"))
    cells = [json.loads(file.read_text()) for file in files]
    return sorted(
        cells,
        key=lambda c: (
            c["task"], 0.0 if c["system"] == "base" else c["given"], order.index(c["system"]),
        ),
    )  # fmt: skip


def read_recordings(out: Path) -> dict[str, dict[str, float]]:
    """What the judge makes of the recordings themselves, by task."""
    files = (out / "cells").glob("*/recordings.json")
    return {file.parent.name: json.loads(file.read_text()) for file in sorted(files)}


def as_markdown(cells: Sequence[dict[str, Any]], recordings: dict[str, dict[str, float]]) -> str:
    """The table; a gain is how far better than the base a system is, in each of `GAINS`."""
    lines = [HEAD]
    bases = {c["task"]: c for c in cells if c["system"] == "base"}
    full = {(c["task"], c["given"]): c for c in cells if c["system"] == "full"}
    for cell in cells:
        task, base = cell["task"], bases.get(cell["task"])
        if cell is base and task in recordings:
            heard = recordings[task]
            lines.append(
                f"| {task} | | the recordings | | | | {heard['per']:.3f} "
                f"| {heard['tone_accuracy']:.3f} | | |"
            )
        share = ""
        best = full.get((task, cell["given"]))
        if cell["system"].startswith("adapter") and base is not None and best is not None:
            share = " / ".join(_share(name, cell, best, base) for name in GAINS)
        minutes = "" if cell["system"] == "base" else f"{cell['given']:g}"
        untouched = {} if base is None else base.get("others", {})
        lines.append(
            f"| {task} | {minutes} | {NAMES[cell['system']]} | {cell['trained']:,} "
            f"| {cell['flow']:.4f} | {share} | {cell['per']:.3f} | {cell['tone_accuracy']:.3f} "
            f"| {_forgotten(cell, untouched)} | {cell['seconds']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _share(name: str, cell: dict[str, Any], best: dict[str, Any], base: dict[str, Any]) -> str:
    """A system's gain in one of `GAINS` as a share of full fine-tuning's, where that gains any; a
    dash where nothing could be measured (tones of a language without)."""
    gain, whole = ((c[name] - base[name]) * GAINS[name] for c in (cell, best))
    if math.isnan(gain) or math.isnan(whole):
        return "–"
    return f"{100 * gain / whole:.0f}%" if whole > 0 else "full gains none"


def _forgotten(cell: dict[str, Any], untouched: dict[str, float]) -> str:
    """Mean change of the other dialects' held-out loss against the base's; empty if unmeasured."""
    heard = cell.get("others", {})
    changes = [heard[name] / loss - 1 for name, loss in untouched.items() if name in heard]
    return f"{sum(changes) / len(changes):+.0%}" if changes else ""
