"""The utterances of a report: players and figures, to be filtered and sorted in the page."""

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diamoe.evaluation.metric import Row
from diamoe.evaluation.sheet import number, table

_CHOICE = (
    '<label>{name} <select data-column="{name}"><option value="">all</option>{options}</select>'
    "</label> "
)
_SCRIPT = """
(() => {
  const body = document.querySelector("#utterances tbody");
  const choices = [...document.querySelectorAll("select[data-column]")];
  const filter = () => {
    for (const row of body.rows)
      row.hidden = choices.some((c) => c.value && row.dataset[c.dataset.column] !== c.value);
  };
  for (const choice of choices) choice.addEventListener("change", filter);
  document.querySelectorAll("#utterances th").forEach((head, column) => {
    const button = document.createElement("button");
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const rising = head.ariaSort !== "ascending";
      document.querySelectorAll("#utterances th").forEach((h) => (h.ariaSort = null));
      head.ariaSort = rising ? "ascending" : "descending";
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const gap = isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y;
        return rising ? gap : -gap;
      };
      body.replaceChildren(...[...body.rows].sort(order));
    });
  });
})();
"""


def utterance_table(rows: Sequence[Row], summary: Mapping[str, Any], folder: Path) -> str:
    """Every utterance with its sound (paths relative to `folder`) and its figures.

    Headings sort, two lists choose dialect and kind.
    """
    names = [n for n, f in summary["figures"].items() if f["better"] and (f["all"] or f["kinds"])]
    marks = [f'data-dialect="{escape(r["dialect"])}" data-kind="{escape(r["kind"])}"' for r in rows]
    cells = [_cells(row, names, folder) for row in rows]
    return (
        f"<p>{_choice('dialect', rows)}{_choice('kind', rows)}"
        '<span class="soft">Headings sort.</span></p>'
        f"{table(['utterance', 'sound', *names], cells, 'utterances', marks)}"
        f"<script>{_SCRIPT}</script>"
    )


def _choice(column: str, rows: Sequence[Row]) -> str:
    values = dict.fromkeys(row[column] for row in rows)
    options = "".join(f"<option>{escape(v)}</option>" for v in values)
    return _CHOICE.format(name=column, options=options)


def _cells(row: Row, names: Sequence[str], folder: Path) -> list[str]:
    problems = (
        f'<br><small class="bad">{escape(row["problems"])}</small>' if row["problems"] else ""
    )
    said = f"<td>{escape(row['text'])}<br><small>{escape(row['id'])}</small>{problems}</td>"
    player = ""
    if row["audio"]:
        source = escape(quote(os.path.relpath(row["audio"], folder)))
        player = f'<audio controls preload="none" src="{source}"></audio>'
    figures = []
    for name in names:
        value = row.get(name)
        sortable = "" if value is None else str(value)
        figures.append(f'<td class="n" data-value="{sortable}">{number(value)}</td>')
    return [said, f"<td>{player}</td>", *figures]
