"""Pictures: mel-spectrograms with phones along the time axis and F0, and expert use."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diamoe.audio.mel import MelConfig
from diamoe.extras import extra

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from diamoe.synthesis.synthesizer import Speech, TimedPhone

PLAIN = {"，": ",", "。": ".", "？": "?", "！": "!", "、": ",", "；": ";", "：": ":", "_": ""}
"""Pauses as labels: DejaVu Sans, which matplotlib brings and which holds the IPA, lacks the
full-width marks."""


def _figure(width: float, height: float) -> "Figure":
    with extra("plots", "a picture"):
        import matplotlib
        from matplotlib.figure import Figure

    matplotlib.rcParams["font.family"] = ["DejaVu Sans"]
    return Figure(figsize=(width, height), layout="constrained")


def mel_figure(
    mels: Mapping[str, np.ndarray],
    timing: Sequence["TimedPhone"] = (),
    config: MelConfig | None = None,
) -> "Figure":
    """One panel a mel (frames, n_mels), titled by its key; phones on the last one's time axis."""
    config = config or MelConfig()
    seconds = max(config.seconds(len(m)) for m in mels.values())
    figure = _figure(max(6.0, min(2.6 * seconds, 40.0)), 2.6 * len(mels) + 0.4)
    axes = figure.subplots(len(mels), 1, squeeze=False)[:, 0]
    for axis, (title, mel) in zip(axes, mels.items(), strict=True):
        values = np.asarray(mel, dtype=np.float32).T
        extent = (0, config.seconds(values.shape[1]), 0, config.n_mels)
        axis.imshow(
            values, origin="lower", aspect="auto", extent=extent, cmap="magma", vmin=-11, vmax=2
        )
        axis.set_title(title, fontsize=9)
        axis.set_ylabel("mel band")
    last = axes[-1]
    if timing:
        middles = [(t.start + t.end) / 2 for t in timing]
        last.set_xticks(middles, [PLAIN.get(t.token, t.token) for t in timing])
        last.tick_params(axis="x", labelsize=9, length=0)
        for phone in timing:
            last.axvline(phone.start, color="white", linewidth=0.4, alpha=0.6)
    else:
        last.set_xlabel("seconds")
    return figure


def routing_figure(rows: Mapping[str, np.ndarray], title: str = "") -> "Figure":
    """Mean gate weight, dialect by expert; weights from 0.05 up are written out."""
    table = np.stack([np.asarray(row) for row in rows.values()])
    figure = _figure(2.6 + 0.55 * table.shape[1], 0.4 * len(rows) + 1.6)
    axis = figure.subplots()
    image = axis.imshow(table, vmin=0, vmax=max(1e-6, table.max()), cmap="viridis", aspect="auto")
    for (row, column), weight in np.ndenumerate(table):
        if weight >= 0.05:
            shade = "black" if weight > 0.6 * table.max() else "white"
            axis.text(column, row, f"{weight:.2f}", ha="center", va="center", color=shade, size=7)
    axis.set_xticks(range(table.shape[1]))
    axis.set_yticks(range(len(rows)), list(rows))
    axis.set_xlabel("expert")
    axis.set_title(title, fontsize=9)
    figure.colorbar(image, ax=axis, label="mean gate weight")
    return figure


def speech_figure(speech: "Speech", title: str = "", config: MelConfig | None = None) -> "Figure":
    """The mel of a `Speech` with its phones, and below it F0 in Hz over the same time."""
    from diamoe.synthesis.pitch import drawn_f0

    config = config or MelConfig()
    figure = mel_figure({title: speech.mel}, speech.timing, config)
    upper = figure.axes[0]
    figure.set_size_inches(figure.get_figwidth(), 4.4)
    grid = figure.add_gridspec(2, 1, height_ratios=(3, 2))
    upper.set_subplotspec(grid[0])
    lower = figure.add_subplot(grid[1])
    f0 = drawn_f0(speech.wave, speech.sample_rate, config.hop)
    seconds = np.arange(len(f0)) * config.hop / speech.sample_rate
    lower.plot(seconds, np.where(f0 > 0, f0, np.nan), color="tab:blue", linewidth=1.4)
    lower.set_xlim(upper.get_xlim())
    lower.set_xlabel("seconds")
    lower.set_ylabel("F0, Hz")
    lower.grid(alpha=0.3)
    return figure


def save_speech_plot(speech: "Speech", path: Path, title: str = "") -> None:
    """Draw a `Speech`'s mel, phones and F0 into a PNG."""
    speech_figure(speech, title).savefig(path, dpi=110)
