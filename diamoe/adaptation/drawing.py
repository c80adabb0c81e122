"""Learning curves of adaptations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 3
"""Panels beside one another: the amounts of speech of the experiment."""


def curve_figure(
    panels: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]],
) -> "Figure":
    """Held-out flow loss over steps: a panel each, the curves in it by name, each as its steps and
    values; the lowest point is marked."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(4.6 * columns + 0.6, 3.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (title, curves) in zip(axes.flat, panels.items(), strict=False):
        for name, (steps, values) in curves.items():
            (line,) = axis.plot(steps, values, label=name, linewidth=1.2)
            best = int(np.argmin(values))
            axis.plot(steps[best], values[best], "o", color=line.get_color(), markersize=4)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("steps")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("held-out flow loss")
    return figure
