"""The report as one HTML page that needs no network."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from corpus_tools.report.style import STYLE


def page(title: str, sections: Iterable[tuple[str, str]]) -> str:
    """A page of headed sections (heading, HTML), with a list of them at its top."""
    named = [(f"s{i}", heading, body) for i, (heading, body) in enumerate(sections)]
    links = " ".join(f'<a href="#{key}">{escape(heading)}</a>' for key, heading, _ in named)
    bodies = "\n".join(
        f'<section id="{key}"><h2>{escape(heading)}</h2>\n{body}</section>'
        for key, heading, body in named
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1><nav>{links}</nav>\n{bodies}\n</body></html>\n"
    )


class Html(str):
    """Text that is HTML already and is not escaped again."""


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], empty: str = "nothing") -> str:
    """A table; numbers to the right, `Html` as it is, everything else escaped."""
    lines = [f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows]
    if not lines:
        return f'<p class="none">{escape(empty)}</p>'
    heads = "".join(f"<th>{escape(name)}</th>" for name in head)
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if isinstance(value, Html):
        return f"<td>{value}</td>"
    if isinstance(value, float):
        return f'<td class="number">{value:.2f}</td>'
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    return f"<td>{escape(str(value))}</td>"


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def folded(summary: str, body: str) -> str:
    """A long part that opens on a click."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
