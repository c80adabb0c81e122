"""A comparison of systems as one HTML page."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from diamoe.evaluation.comparison import SURE
from diamoe.evaluation.sheet import (
    COLOURS,
    cell,
    document,
    estimate_cell,
    estimates_plot,
    number,
    table,
)

SIGNS = "●■◆▼▲✚✖"
"""The plots' marks in the legend, in the order of `sheet.MARKS`."""


def write_comparison(folder: Path, report: Mapping[str, Any]) -> Path:
    """Write compare.json and compare.html; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (folder / "compare.json").write_text(text, encoding="utf-8")
    names = [system["name"] for system in report["systems"]]
    parts = [
        f"<h1>Comparison: {escape(' and '.join(names))}</h1>",
        f"<p>{report['utterances']} utterances that every system has; probes of one syllable and "
        "of 500 characters count nowhere.</p>",
        _legend(report),
        "<h2>Figures</h2>",
        _figures(report),
        "<h2>Differences</h2>",
        "<p class='soft'>First minus second over the same utterances, with its 95% interval from a "
        "paired bootstrap; p-values of a pair are corrected for the number of figures (Holm). "
        f"A verdict is about the first system and needs p &lt; {SURE}. A dialect's "
        "difference is bold where its own interval excludes zero.</p>",
        *[_pair(pair, report) for pair in report["pairs"]],
        "<h2>Plots</h2>",
        _plots(report),
        "<h2>Not compared</h2>",
        _not_compared(report),
    ]
    target = folder / "compare.html"
    target.write_text(document("Comparison", parts), encoding="utf-8")
    return target


def _legend(report: Mapping[str, Any]) -> str:
    items = "".join(
        f'<li><span style="color:{COLOURS[i % len(COLOURS)]}">{SIGNS[i % len(SIGNS)]}</span> '
        f"{escape(system['name'])} <small>{escape(system['folder'])}</small></li>"
        for i, system in enumerate(report["systems"])
    )
    return f'<ul style="list-style:none;padding:0">{items}</ul>'


def _figures(report: Mapping[str, Any]) -> str:
    names = [system["name"] for system in report["systems"]]
    rows = [
        [cell(name, entry["meaning"]), cell(entry["better"])]
        + [estimate_cell(found) for found in entry["values"]["all"]]
        for name, entry in report["figures"].items()
    ]
    return table(["figure", "better", *names], rows)


def _pair(pair: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    dialects = [
        group
        for group in next(iter(report["figures"].values()))["values"]
        if group != "all" and any(group in f["differences"] for f in pair["figures"].values())
    ]
    rows = []
    for name, found in pair["figures"].items():
        gaps = found["differences"]
        kind = {"better": "good", "worse": "bad"}.get(found["verdict"], "")
        rows.append(
            [
                cell(name),
                cell(found["verdict"], "", kind),
                cell(f"{found['p_corrected']:.4f}", "", "n"),
                estimate_cell(gaps["all"]),
                cell(str(gaps["all"]["utterances"]), "", "n"),
                *[_gap(gaps.get(dialect)) for dialect in dialects],
            ]
        )
    head = ["figure", "verdict", "p", "difference", "utterances", *dialects]
    title = f"<h3>{escape(pair['first'])} against {escape(pair['second'])}</h3>"
    return title + table(head, rows)


def _gap(found: Mapping[str, Any] | None) -> str:
    """A dialect's difference; bold where its own interval excludes zero."""
    if not found:
        return "<td></td>"
    excludes = found["low"] > 0 or found["high"] < 0
    value = f"{found['value']:+.3f}" if abs(found["value"]) < 1 else f"{found['value']:+.2f}"
    return f'<td class="n">{f"<b>{value}</b>" if excludes else value}</td>'


def _plots(report: Mapping[str, Any]) -> str:
    names = [system["name"] for system in report["systems"]]
    drawn = []
    for name, entry in report["figures"].items():
        values = {
            system: {group: found[i] for group, found in entry["values"].items()}
            for i, system in enumerate(names)
        }
        plot = estimates_plot(name, entry["better"], values)
        drawn.append(f"<figure>{plot}<figcaption>{escape(entry['meaning'])}</figcaption></figure>")
    return f'<div class="plots">{"".join(drawn)}</div>'


def _not_compared(report: Mapping[str, Any]) -> str:
    lines = [
        f"{name} lacks {len(ids)}: {', '.join(ids)}" for name, ids in report["missing"].items()
    ]
    if report["differing"]:
        lines.append(f"another text or dialect under one id: {', '.join(report['differing'])}")
    return "<ul>" + "".join(f"<li>{escape(x)}</li>" for x in lines or ["nothing"]) + "</ul>"


def lines(report: Mapping[str, Any]) -> list[str]:
    """The comparison for a terminal."""
    found = [f"{report['utterances']} utterances in every system"]
    for name, ids in report["missing"].items():
        found.append(f"  {name} lacks {len(ids)}: {', '.join(ids[:5])}{' ...' * (len(ids) > 5)}")
    if report["differing"]:
        found.append(f"  another text or dialect under one id: {', '.join(report['differing'])}")
    for pair in report["pairs"]:
        found.append(f"{pair['first']} against {pair['second']}:")
        for name, entry in pair["figures"].items():
            gap = entry["differences"]["all"]
            found.append(
                f"  {name:18} {number(gap['value']):>8}  ({number(gap['low'])} to "
                f"{number(gap['high'])}, p {entry['p_corrected']:.4f})  {entry['verdict']}"
            )
    return found
