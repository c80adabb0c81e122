"""The experiment's cells as a table, learning curves and spectrograms."""

import json
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
    "| task | minutes | system | trained | held-out flow loss | share of full gain | PER "
    "| tone accuracy | others' loss | fitting, s |\n|---|---|---|---|---|---|---|---|---|---|"
)


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
    """The table; the gain is how far below the base the held-out flow loss is."""
    lines = [HEAD]
    base = {c["task"]: c["flow"] for c in cells if c["system"] == "base"}
    full = {(c["task"], c["given"]): c["flow"] for c in cells if c["system"] == "full"}
    untouched = {c["task"]: c.get("others", {}) for c in cells if c["system"] == "base"}
    for cell in cells:
        task, flow = cell["task"], cell["flow"]
        if cell["system"] == "base" and task in recordings:
            heard = recordings[task]
            lines.append(
                f"| {task} | | the recordings | | | | {heard['per']:.3f} "
                f"| {heard['tone_accuracy']:.3f} | | |"
            )
        share = ""
        best = full.get((task, cell["given"]))
        if cell["system"].startswith("adapter") and best is not None and task in base:
            gain = base[task] - best
            share = f"{100 * (base[task] - flow) / gain:.0f}%" if gain > 0 else "full gains none"
        minutes = "" if cell["system"] == "base" else f"{cell['given']:g}"
        lines.append(
            f"| {task} | {minutes} | {NAMES[cell['system']]} | {cell['trained']:,} | {flow:.4f} "
            f"| {share} | {cell['per']:.3f} | {cell['tone_accuracy']:.3f} "
            f"| {_forgotten(cell, untouched.get(task, {}))} | {cell['seconds']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _forgotten(cell: dict[str, Any], untouched: dict[str, float]) -> str:
    """Mean change of the other dialects' held-out loss against the base's; empty if unmeasured."""
    heard = cell.get("others", {})
    changes = [heard[name] / loss - 1 for name, loss in untouched.items() if name in heard]
    return f"{sum(changes) / len(changes):+.0%}" if changes else ""
