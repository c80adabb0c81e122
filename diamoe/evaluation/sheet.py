"""Pieces of HTML pages: one style, tables that scroll sideways, plots that zoom."""

import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = """
:root{--ink:#1c1f23;--soft:#5b6470;--line:#dfe3e8;--paper:#fff;--tint:#f4f6f8;--accent:#0b5cad}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
 margin:0 auto;max-width:80rem;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.2rem;margin-top:2.2rem}
a{color:var(--accent)}small,figcaption,.soft{color:var(--soft);font-size:.85em}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;
 width:fit-content;max-width:100%}
table{border-collapse:collapse}
td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
tr:last-child>td{border-bottom:0}
th{background:var(--tint);font-size:.85em;white-space:nowrap}
th:first-child,td:first-child{position:sticky;left:0;background:var(--paper);min-width:9rem}
th:first-child{background:var(--tint)}
td.n,th.n{text-align:right}td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
.good{color:#0a6b3d;font-weight:600}.bad{color:#a3290f;font-weight:600}
figure{margin:0}svg{max-width:100%;height:auto}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(22rem,100%),1fr));gap:1.2rem}
th button{font:inherit;font-weight:600;background:none;border:0;padding:0;color:inherit}
th button{cursor:pointer}th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
select{font:inherit;margin-right:.8rem}audio{height:2.2rem;width:13rem;display:block}
#utterances td:first-child{min-width:14rem}
@media (max-width:40rem){th:first-child,td:first-child,#utterances td:first-child
 {min-width:8rem;max-width:9.5rem;overflow-wrap:anywhere}}
"""
"""For every page."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, which the colour-blind can tell apart; the lightest come last."""
ENDS = ("low", "high")
"""Of an estimate's interval."""
MARKS = "osD^vPX"
"""One a system, for readers without colours."""


def document(title: str, parts: Sequence[str]) -> str:
    """A page that needs no other file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    name: str = "",
    marks: Sequence[str] = (),
) -> str:
    """A table of ready cells (`cell`, `estimate_cell`).

    Args:
        name: its id in the page.
        marks: attributes of each row.
    """
    numbers = {i for row in rows for i, c in enumerate(row) if c.startswith('<td class="n"')}
    right = ' class="n"'
    heads = "".join(f"<th{right * (i in numbers)}>{escape(h)}</th>" for i, h in enumerate(head))
    body = "".join(
        f"<tr{' ' * bool(mark)}{mark}>{''.join(row)}</tr>"
        for row, mark in zip(rows, marks or [""] * len(rows), strict=True)
    )
    label = f' id="{name}"' if name else ""
    return (
        f'<div class="scroll"><table{label}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def cell(text: str, note: str = "", kind: str = "") -> str:
    """A cell with a smaller line below.

    >>> cell("a < b")
    '<td>a &lt; b</td>'
    """
    below = f"<br><small>{escape(note)}</small>" if note else ""
    style = f' class="{kind}"' if kind else ""
    return f"<td{style}>{escape(text)}{below}</td>"


def number(value: float | None) -> str:
    """As many digits as count; empty for nothing.

    >>> number(0.12345), number(1.0), number(12.345), number(1234.5), number(None)
    ('0.123', '1.00', '12.3', '1234', '')
    """
    if value is None:
        return ""
    digits = 3 - sum(abs(value) >= limit for limit in (1, 10, 100))
    return f"{value:.{digits}f}"


def estimate_cell(found: Mapping[str, Any] | None) -> str:
    """A figure and, below, where it lies with 95% confidence."""
    if not found:
        return "<td></td>"
    return cell(number(found["value"]), f"{number(found['low'])} to {number(found['high'])}", "n")


def svg(figure: "Figure", label: str) -> str:
    """A drawing as text, so that the reader's own fonts write every script."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": label}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    drawing = buffer.getvalue()
    start = drawing.index("<svg") + len("<svg")
    return f'<svg role="img" aria-label="{escape(label)}"{drawing[start:]}'


def estimates_plot(
    name: str, better: str, values: Mapping[str, Mapping[str, Mapping[str, Any] | None]]
) -> str:
    """One figure: a line for each group (all, then the dialects), a mark with its interval for
    each system. `values`: system -> group -> estimate."""
    from matplotlib.figure import Figure

    groups = list(dict.fromkeys(g for found in values.values() for g, e in found.items() if e))
    lines = len(groups) * max(1.0, 0.55 + 0.3 * len(values)) * 0.24
    picture = Figure(figsize=(4.6, lines + 0.9), layout="constrained")
    axis = picture.subplots()
    for place, (system, found) in enumerate(values.items()):
        here = [(i, found[g]) for i, g in enumerate(groups) if found.get(g)]
        shift = (place - (len(values) - 1) / 2) * 0.7 / max(2, len(values))
        points = [e for _, e in here if e]
        middle = [e["value"] for e in points]
        axis.errorbar(
            middle,
            [i + shift for i, _ in here],
            xerr=[
                [max(0.0, e["value"] - e["low"]) for e in points],
                [max(0.0, e["high"] - e["value"]) for e in points],
            ],
            fmt=MARKS[place % len(MARKS)],
            color=COLOURS[place % len(COLOURS)],
            markersize=4.5,
            clip_on=False,
            linewidth=1.3,
            label=system,
        )
    ends = [e[end] for found in values.values() for e in found.values() if e for end in ENDS]
    _dress(axis, groups, min(ends), max(ends))
    arrow = {"higher": " (higher is better)", "lower": " (lower is better)"}.get(better, "")
    axis.set_title(name + arrow, fontsize=9, loc="left")
    return svg(picture, f"{name} by dialect")


def _dress(axis: "Axes", groups: Sequence[str], low: float, high: float) -> None:
    """A line for each group, the first shaded; what cannot be negative has no axis there."""
    axis.set_yticks(range(len(groups)), groups, fontsize=8)
    axis.set_ylim(len(groups) - 0.5, -0.5)
    axis.axhspan(-0.5, 0.5, color="#eef1f4", zorder=0)
    if low >= 0:
        axis.set_xlim(*((0, 1) if high == 0 else (max(0, axis.get_xlim()[0]), None)))
    axis.tick_params(axis="x", labelsize=8)
    axis.grid(axis="x", alpha=0.35)
    axis.spines[["top", "right", "left"]].set_visible(False)
