"""The report of an evaluation as one HTML page with players and plots."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.config import build
from diamoe.evaluation.metric import Row
from diamoe.evaluation.published import Published
from diamoe.evaluation.sheet import (
    cell,
    document,
    estimate_cell,
    estimates_plot,
    number,
    svg,
    table,
)
from diamoe.evaluation.utterance_table import utterance_table


def write_page(folder: Path, rows: Sequence[Row], summary: Mapping[str, Any]) -> Path:
    """Write report.html into the folder of results; returns its path."""
    sets = summary["set"] if isinstance(summary["set"], str) else ", ".join(summary["set"])
    parts = [
        f"<h1>Evaluation: {escape(str(summary['system']))}</h1>",
        f"<p>{len(rows)} utterances of {escape(sets)} in {len(summary['dialects'])} dialects. "
        "Figures are followed by their 95% intervals.</p>",
        _speed(summary["speed"]),
        "<h2>Figures by dialect</h2>",
        _figures(summary, "dialects", list(summary["dialects"])),
        _kinds(summary),
        _voices(summary),
        _published(summary),
        _plots(summary),
        "<h2>The recogniser's own error</h2>",
        _recogniser(summary),
        _confusions(summary),
        "<h2>Left out</h2>",
        _left_out(rows, summary),
        "<h2>Utterances</h2>",
        utterance_table(rows, summary, folder),
    ]
    target = folder / "report.html"
    target.write_text(document(f"Evaluation: {summary['system']}", parts), encoding="utf-8")
    return target


def _speed(speed: Mapping[str, Any]) -> str:
    if not speed:
        return ""
    said = [
        f"real-time factor {number(speed['rtf_median'])}",
        f"first sound after {number(speed['first_audio_median'])} s",
        f"peak memory {number(speed['peak_memory_mb'])} MB",
        f"threads: {speed['threads']}",
    ]
    return f"<p>Medians: {', '.join(said)}.</p>"


def _figures(summary: Mapping[str, Any], groups: str, names: Sequence[str]) -> str:
    rows = []
    for name, figure in summary["figures"].items():
        if figure["all"] or figure["kinds"]:
            cells = [cell(name, figure["meaning"]), cell(figure["better"])]
            cells.append(estimate_cell(figure["all"]))
            rows.append(cells + [estimate_cell(figure[groups].get(n)) for n in names])
    return table(["figure", "better", "all", *names], rows)


def _kinds(summary: Mapping[str, Any]) -> str:
    kinds = list(dict.fromkeys(k for f in summary["figures"].values() for k in f["kinds"]))
    if len(kinds) < 2:
        return ""
    return f"<h2>Figures by kind of text</h2>{_figures(summary, 'kinds', kinds)}"


def _voices(summary: Mapping[str, Any]) -> str:
    voices = list(dict.fromkeys(v for f in summary["figures"].values() for v in f["voices"]))
    if len(voices) < 2:
        return ""
    parts = ["<h2>Figures by voice</h2>", _figures(summary, "voices", voices)]
    if summary["casting"]:
        said = "Phones wrong for each phone and tones wrong for each syllable, added up."
        rows = [
            [cell(dialect), *(cell(number(errors.get(v)), "", "n") for v in voices)]
            for dialect, errors in summary["casting"].items()
        ]
        parts.append(f"<h3>Voices by dialect</h3><p>{said}</p>{table(['dialect', *voices], rows)}")
    return "".join(parts)


def _published(summary: Mapping[str, Any]) -> str:
    published = build(Published, summary["published"])
    rows = [
        [cell(name), cell(dialect), cell(number(value), "", "n"), estimate_cell(found)]
        for name, dialect, value, found in published.beside(summary["figures"])
    ]
    if not rows:
        return ""
    drawn = table(["figure", "dialect", "published", "measured"], rows)
    return f"<h2>Beside published figures</h2><p>{escape(published.source)}.</p>{drawn}"


def _plots(summary: Mapping[str, Any]) -> str:
    """One plot a figure where there are dialects to set side by side."""
    if len(summary["dialects"]) < 2:
        return ""
    drawn = []
    for name, figure in summary["figures"].items():
        if figure["better"] and figure["all"]:
            values = {"": {"all": figure["all"], **figure["dialects"]}}
            plot = estimates_plot(name, figure["better"], values)
            caption = f"<figcaption>{escape(figure['meaning'])}</figcaption>"
            drawn.append(f"<figure>{plot}{caption}</figure>")
    return f'<h2>Plots</h2><div class="plots">{"".join(drawn)}</div>'


def _recogniser(summary: Mapping[str, Any]) -> str:
    heldout = summary["recogniser"].get("heldout", {})
    rows = [
        [
            cell(name),
            cell(str(quality["utterances"]), "", "n"),
            cell(number(quality.get("phone_error_rate")), "", "n"),
            cell(number(quality.get("tone_error_rate")), "", "n"),
        ]
        for name, quality in heldout.items()
    ]
    return "<p>On held-out speech it never heard:</p>" + table(
        ["corpus", "utterances", "phone error rate", "tone error rate"], rows
    )


def _confusions(summary: Mapping[str, Any]) -> str:
    parts = []
    for dialect, matrix in summary["details"].get("tone_confusion", {}).items():
        caption = f"<figcaption>{escape(dialect)}</figcaption>"
        parts.append(f"<figure>{_matrix(dialect, matrix)}{caption}</figure>")
    if not parts:
        return ""
    said = "<p>Of each specified tone (row), the share in % that came nearest to each (column).</p>"
    return f'<h2>Tones</h2>{said}<div class="plots">{"".join(parts)}</div>'


def _matrix(dialect: str, matrix: Mapping[str, Mapping[str, int]]) -> str:
    from matplotlib.figure import Figure

    tones = sorted({*matrix, *(t for row in matrix.values() for t in row)})
    counts = np.array([[matrix.get(a, {}).get(b, 0) for b in tones] for a in tones], float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    size = 1.2 + 0.36 * len(tones)
    figure = Figure(figsize=(size, size), layout="constrained")
    axis = figure.subplots()
    axis.pcolormesh(shares, cmap="Blues", vmin=0, vmax=1, edgecolors="white", linewidth=0.5)
    axis.invert_yaxis()
    axis.set_aspect("equal")
    for i, j in np.ndindex(shares.shape):
        if counts[i, j]:
            ink = "white" if shares[i, j] > 0.5 else "black"
            share = f"{100 * shares[i, j]:.0f}"
            axis.text(j + 0.5, i + 0.5, share, ha="center", va="center", color=ink, fontsize=8)
    places = np.arange(len(tones)) + 0.5
    axis.set_xticks(places, tones, fontsize=13, rotation=90)
    axis.set_yticks(places, tones, fontsize=13)  # superscripts are small
    axis.tick_params(length=0)
    return svg(figure, f"tones of {dialect}")


def _left_out(rows: Sequence[Row], summary: Mapping[str, Any]) -> str:
    lines = list(summary["unavailable"].values())
    lines += [f"no text for the file {name}" for name in summary["files_without_text"]]
    lines += [f"{row['id']}: {row['problems']}" for row in rows if row["problems"]]
    return "<ul>" + "".join(f"<li>{escape(x)}</li>" for x in lines or ["nothing"]) + "</ul>"
