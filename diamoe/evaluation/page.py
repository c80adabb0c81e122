"""The report of an evaluation as one HTML page with players and plots."""

import base64
import io
import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.evaluation.metric import Row

STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2em auto;max-width:76em;padding:0 1em}"
    "table{border-collapse:collapse}td,th{padding:.2em .6em;border-bottom:1px solid #ddd;"
    "text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "img{max-width:100%}small{color:#555}audio{height:2em;width:16em}"
)


def write_page(folder: Path, rows: Sequence[Row], summary: Mapping[str, Any]) -> Path:
    """Write report.html into the folder of results; returns its path."""
    parts = [
        f"<h1>Evaluation: {escape(str(summary['system']))}</h1>",
        f"<p>{len(rows)} utterances of {escape(str(summary['set']))}.</p>",
        "<h2>Figures</h2>",
        _figures(summary),
        "<h2>The recogniser's own error</h2>",
        _recogniser(summary),
        _confusions(summary),
        "<h2>Left out</h2>",
        _left_out(rows, summary),
        "<h2>Utterances</h2>",
        _utterances(rows, summary, folder),
    ]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Evaluation</title>'
        f"<style>{STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    target = folder / "report.html"
    target.write_text(page, encoding="utf-8")
    return target


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heads = "".join(f"<th>{escape(h)}</th>" for h in head)
    body = "".join("<tr>" + "".join(row) + "</tr>" for row in rows)
    return f"<table><tr>{heads}</tr>{body}</table>"


def _cell(found: Mapping[str, Any] | None) -> str:
    if not found:
        return "<td></td>"
    return (
        f'<td class="n">{found["value"]:.3f}<br>'
        f"<small>{found['low']:.3f} – {found['high']:.3f}</small></td>"
    )


def _figures(summary: Mapping[str, Any]) -> str:
    dialects = list(summary["dialects"])
    rows = []
    for name, figure in summary["figures"].items():
        if figure["all"] or figure["kinds"]:
            cells = [f"<td>{escape(name)}<br><small>{escape(figure['meaning'])}</small></td>"]
            cells.append(f"<td>{escape(figure['better'])}</td>")
            cells.append(_cell(figure["all"]))
            rows.append(cells + [_cell(figure["dialects"].get(d)) for d in dialects])
    return _table(["figure", "better", "all (95%)", *dialects], rows)


def _recogniser(summary: Mapping[str, Any]) -> str:
    heldout = summary["recogniser"].get("heldout", {})
    rows = [
        [f"<td>{escape(name)}</td>"]
        + [
            f'<td class="n">{"" if quality.get(k) is None else quality[k]}</td>'
            for k in ("utterances", "phone_error_rate", "tone_error_rate")
        ]
        for name, quality in heldout.items()
    ]
    return "<p>On held-out speech it never heard:</p>" + _table(
        ["corpus", "utterances", "phone error rate", "tone error rate"], rows
    )


def _confusions(summary: Mapping[str, Any]) -> str:
    parts = []
    for dialect, matrix in summary["details"].get("tone_confusion", {}).items():
        picture = _matrix_png(matrix)
        parts.append(
            f'<figure><img alt="tones of {escape(dialect)}" src="data:image/png;base64,{picture}">'
            f"<figcaption>{escape(dialect)}: specified tone (row), nearest tone (column)"
            "</figcaption></figure>"
        )
    return f"<h2>Tones</h2>{''.join(parts)}" if parts else ""


def _matrix_png(matrix: Mapping[str, Mapping[str, int]]) -> str:
    from matplotlib.figure import Figure

    tones = sorted({*matrix, *(t for row in matrix.values() for t in row)})
    counts = np.array([[matrix.get(a, {}).get(b, 0) for b in tones] for a in tones], float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    size = 1.4 + 0.5 * len(tones)
    figure = Figure(figsize=(size, size), layout="constrained")
    axis = figure.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(shares.shape):
        if counts[i, j]:
            colour = "white" if shares[i, j] > 0.5 else "black"
            text = f"{100 * shares[i, j]:.0f}"
            axis.text(j, i, text, ha="center", va="center", color=colour, fontsize=8)
    axis.set_xticks(range(len(tones)), tones)
    axis.set_yticks(range(len(tones)), tones)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return base64.b64encode(buffer.getvalue()).decode()


def _left_out(rows: Sequence[Row], summary: Mapping[str, Any]) -> str:
    lines = list(summary["unavailable"].values())
    lines += [f"no text for the file {name}" for name in summary["files_without_text"]]
    lines += [f"{row['id']}: {row['problems']}" for row in rows if row["problems"]]
    return "<ul>" + "".join(f"<li>{escape(x)}</li>" for x in lines or ["nothing"]) + "</ul>"


def _utterances(rows: Sequence[Row], summary: Mapping[str, Any], folder: Path) -> str:
    names = [n for n, f in summary["figures"].items() if f["better"] and (f["all"] or f["kinds"])]
    body = []
    for row in rows:
        cells = [f"<td>{escape(row['id'])}<br><small>{escape(row['text'])}</small></td>"]
        source = escape(os.path.relpath(row["audio"], folder)) if row["audio"] else ""
        player = f'<audio controls preload="none" src="{source}"></audio>' if source else ""
        cells.append(f"<td>{player}</td>")
        for name in names:
            value = row.get(name)
            cells.append(f'<td class="n">{"" if value is None else f"{value:.2f}"}</td>')
        body.append(cells)
    return _table(["utterance", "sound", *names], body)
