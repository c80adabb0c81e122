"""Charts as inline SVG: no library, no network."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

WIDTH, HEIGHT = 360, 150
LEFT, BOTTOM = 34, 22


def histogram(counts: Mapping[int, int], width: float, title: str, unit: str) -> str:
    """Bars of counts by bin number; bins are `width` wide. The outermost half percent at either
    end is put into the last bin shown."""
    if not counts:
        none = '<p class="none">not measured</p>'
        return f"<figure><figcaption>{escape(title)}</figcaption>{none}</figure>"
    first, last = _bounds(counts)
    step = max(1, -(-(last - first + 1) // 60))
    bars = [0] * ((last - first) // step + 1)
    for number, count in counts.items():
        bars[(min(max(number, first), last) - first) // step] += count
    high, room = max(bars), (WIDTH - LEFT - 4) / len(bars)
    parts = []
    for i, count in enumerate(bars):
        tall = (HEIGHT - BOTTOM - 12) * count / high
        low = (first + i * step) * width
        note = escape(f"{low:.4g} to {low + step * width:.4g} {unit}: {count}")
        parts.append(
            f'<rect x="{LEFT + i * room:.1f}" y="{HEIGHT - BOTTOM - tall:.1f}" '
            f'width="{max(room - 0.6, 0.5):.1f}" height="{tall:.1f}">'
            f"<title>{note}</title></rect>"
        )
    span = first * width, (first + len(bars) * step) * width
    parts += _axis(span, high, unit)
    return _figure(title, parts)


def _bounds(counts: Mapping[int, int]) -> tuple[int, int]:
    numbers = sorted(counts)
    sums = np.cumsum([counts[n] for n in numbers]) / sum(counts.values())
    first = numbers[int(np.searchsorted(sums, 0.005))]
    last = numbers[min(int(np.searchsorted(sums, 0.995)), len(numbers) - 1)]
    return first, max(first, last)


def _axis(span: tuple[float, float], high: int, unit: str) -> list[str]:
    base = HEIGHT - BOTTOM
    parts = [f'<line x1="{LEFT}" y1="{base}" x2="{WIDTH - 4}" y2="{base}"/>']
    parts.append(f'<text x="{LEFT - 4}" y="16" text-anchor="end">{high}</text>')
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = LEFT + share * (WIDTH - LEFT - 4)
        value = span[0] + share * (span[1] - span[0])
        text = f"{value:.3g}" + (f" {unit}" if share == 1 else "")
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{text}</text>')
    return parts


def _figure(title: str, parts: Sequence[str], size: tuple[int, int] = (WIDTH, HEIGHT)) -> str:
    picture = (
        f'<svg viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}" height="{size[1]}" role="img"'
    )
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        f'{picture} aria-label="{escape(title)}">{"".join(parts)}</svg></figure>'
    )


def bar(share: float) -> str:
    """A bar for a table cell, `share` of its width filled."""
    filled = 100 * min(max(share, 0.0), 1.0)
    return f'<span class="bar"><span style="width:{filled:.1f}%"></span></span>'


def contour(specified: np.ndarray, measured: np.ndarray, spread: np.ndarray, title: str) -> str:
    """A tone on levels 1 to 5: specified dashed, measured solid with its quartiles around it."""
    width, height = 150, 120

    def point(i: int, level: float) -> str:
        x = 22 + i * (width - 28) / (len(measured) - 1)
        return f"{x:.1f},{8 + (5.6 - min(max(level, 0.4), 5.6)) / 5.2 * (height - 16):.1f}"

    upper = [point(i, m + s) for i, (m, s) in enumerate(zip(measured, spread, strict=True))]
    lower = [point(i, m - s) for i, (m, s) in enumerate(zip(measured, spread, strict=True))]
    parts = []
    for level in range(1, 6):
        x, y = point(0, level).split(",")
        parts.append(f'<line class="grid" x1="{x}" y1="{y}" x2="{width - 6}" y2="{y}"/>')
        parts.append(f'<text x="14" y="{float(y) + 3:.1f}" text-anchor="end">{level}</text>')
    parts.append(f'<polygon points="{" ".join(upper + lower[::-1])}"/>')
    for name, levels in (("specified", specified), ("measured", measured)):
        places = " ".join(point(i, level) for i, level in enumerate(levels))
        parts.append(f'<polyline class="{name}" points="{places}"/>')
    return _figure(title, parts, (width, height))
