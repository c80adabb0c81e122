"""Where the speech of one recording is, from its energy in four bands."""

from dataclasses import dataclass

import numpy as np

from corpus_tools.audio.settings import CleanSettings
from corpus_tools.rejection import Rejected

HOP = 0.01
"""Step between frames, seconds."""
WINDOW = 512
"""Frame length, samples (21 ms at 24 kHz)."""
BANDS = ((80, 500), (500, 2000), (2000, 5000), (5000, 11000))
"""Hz. Fricatives rise in the upper bands long before the overall level does."""

SHORTEST_RUN = 3
"""Frames; a shorter burst is a click, not speech."""
MERGE_GAP = 10
"""Frames; stretches of speech closer than this are one (a stop's closure)."""
EDGE = 8
"""Frames at either end whose level is that end's background; less than the margin kept, so that
a sound which starts in them is not lost when it is taken for background."""
LEAST_RISE = 25.0
"""dB below the loudest frame; an end that is louder holds speech, not background."""
EDGE_BURST = 8
"""Frames; a stretch shorter than this at an edge, standing apart, is noise."""
EDGE_FAINT = 38.0
"""dB below the peak: a stretch that is fainter throughout and stands apart is noise (breath)."""


@dataclass(frozen=True)
class SpeechRegion:
    """Speech from `start` to `end`, seconds; `contrast` is its peak over the background, dB."""

    start: float
    end: float
    contrast: float


def band_levels(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """Level of every band in every frame, dB re full scale: (frames, bands)."""
    hop = round(HOP * sample_rate)
    padded = np.pad(wave, (WINDOW // 2, WINDOW))
    count = 1 + len(wave) // hop
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop][:count]
    window = np.hanning(WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2 * (2.0 / (WINDOW * (window**2).sum()))
    hertz = np.fft.rfftfreq(WINDOW, 1 / sample_rate)
    bands = [power[:, (hertz >= low) & (hertz < high)].sum(axis=1) for low, high in BANDS]
    return 10 * np.log10(np.stack(bands, axis=1) + 1e-10)


def _runs(active: np.ndarray, gap: int) -> list[tuple[int, int]]:
    """Stretches of true frames [start, end), those less than `gap` apart made one."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], active.astype(np.int8), [0]))))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2) if b - a >= SHORTEST_RUN]
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        if merged and start - merged[-1][1] < gap:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def find_speech(wave: np.ndarray, sample_rate: int, settings: CleanSettings) -> SpeechRegion:
    """The stretch from the first to the last speech sound.

    A frame is speech if any band rises `settings.rise` dB over that band's background and is not
    weaker than `settings.floor` dB below the loudest frame (see `thresholds`). Looking at bands
    keeps soft onsets (f, s, h) that the overall level hides. Short or faint stretches that stand
    apart at either edge are taken for noise.

    Raises:
        Rejected: silent, or no speech above the background.
    """
    bands = band_levels(wave, sample_rate)
    total = _level(bands)
    peak, contrast = _contrast(total, settings)
    limits = thresholds(bands, int(total.argmax()), peak, settings)
    runs = _runs(np.any(bands > limits, axis=1), MERGE_GAP)
    levels = [float(total[start:end].max()) for start, end in runs]
    while len(runs) > 1 and _is_noise(runs[0], levels[0], peak):
        runs, levels = runs[1:], levels[1:]
    while len(runs) > 1 and _is_noise(runs[-1], levels[-1], peak):
        runs, levels = runs[:-1], levels[:-1]
    if not runs or contrast < settings.min_contrast:
        raise Rejected("no speech", f"peak only {contrast:.0f} dB above the background")
    return SpeechRegion(runs[0][0] * HOP, min(runs[-1][1] * HOP, len(wave) / sample_rate), contrast)


def find_contrast(wave: np.ndarray, sample_rate: int, settings: CleanSettings) -> float:
    """The loudest frame over the background, dB.

    Raises:
        Rejected: silent.
    """
    return _contrast(_level(band_levels(wave, sample_rate)), settings)[1]


def _contrast(total: np.ndarray, settings: CleanSettings) -> tuple[float, float]:
    """The loudest frame's level, and how far it is over the background, dB."""
    peak = float(total.max())
    if peak < settings.silent:
        raise Rejected("silent", f"loudest frame {peak:.0f} dB")
    return peak, peak - float(np.percentile(total, 10))


def _level(bands: np.ndarray) -> np.ndarray:
    """Level of whole frames from that of their bands, dB: (frames,)."""
    return 10 * np.log10((10 ** (bands / 10)).sum(axis=1))


def thresholds(bands: np.ndarray, middle: int, peak: float, settings: CleanSettings) -> np.ndarray:
    """The level above which a band holds speech, dB: (frames, bands).

    The background is the tenth percentile of the recording's frames, or what is heard at its
    start (for frames before `middle`) and end (after it), where that is louder: in recordings
    with automatic gain the background is louder before the speech than after.
    """
    quiet = np.percentile(bands, 10, axis=0)
    head, tail = (
        np.maximum(quiet, end.mean(axis=0)) if _level(end).mean() < peak - LEAST_RISE else quiet
        for end in (bands[:EDGE], bands[-EDGE:])
    )
    background = np.where((np.arange(len(bands)) < middle)[:, None], head, tail)
    return np.maximum(background + settings.rise, peak - settings.floor)


def _is_noise(run: tuple[int, int], level: float, peak: float) -> bool:
    start, end = run
    return (end - start < EDGE_BURST and level < peak - 15) or level < peak - EDGE_FAINT
