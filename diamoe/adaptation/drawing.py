"""Learning curves of adaptations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def curve_figure(
    panels: Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]],
) -> "Figure":
    """Held-out flow loss over steps: a panel each, the curves in it by name, each as its steps and
    values; the lowest point is marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6 * len(panels) + 0.6, 3.4), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        for name, (steps, values) in curves.items():
            (line,) = axis.plot(steps, values, label=name, linewidth=1.2)
            best = int(np.argmin(values))
            axis.plot(steps[best], values[best], "o", color=line.get_color(), markersize=4)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("steps")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    axes[0].set_ylabel("held-out flow loss")
    return figure
