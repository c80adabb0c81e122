"""F0 for pictures: by autocorrelation, with numpy alone.

`diamoe.evaluation.tone.measure_f0` is the measure that figures are made with; it needs pyworld,
which speaking and drawing do without.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

LOW, HIGH = 60.0, 500.0
"""F0 is looked for between these, Hz."""
_VOICED = 0.5
"""Least autocorrelation of a voiced frame."""
_NEARLY = 0.9
"""Of peaks this close to the highest the first one counts, not a multiple of its period."""
_BLOCK = 1024
"""Frames that are worked on together, which bounds the memory."""


def drawn_f0(wave: np.ndarray, sample_rate: int, hop: int) -> np.ndarray:
    """F0 in Hz every `hop` samples of `wave` (samples,), 0 where unvoiced.

    The method is P. Boersma's (1993): autocorrelation over that of the window.

    >>> tone = np.sin(2 * np.pi * 200 * np.arange(24_000) / 24_000)
    >>> float(np.median(drawn_f0(tone, 24_000, 256)))
    200.0
    """
    size = 1 << int(np.ceil(np.log2(2 * sample_rate / LOW)))
    padded = np.pad(wave.astype(np.float64), size // 2)
    frames = sliding_window_view(padded, size)[::hop]
    power = np.concatenate(
        [(frames[i : i + _BLOCK] ** 2).mean(axis=1) for i in range(0, len(frames), _BLOCK)]
    )
    found = [_of_frames(frames[i : i + _BLOCK], sample_rate) for i in range(0, len(frames), _BLOCK)]
    f0 = np.where(power > 1e-4 * power.max(), np.concatenate(found), 0.0)
    voiced = f0 > 0
    around = sliding_window_view(np.pad(np.where(voiced, f0, np.nan), 2, constant_values=np.nan), 5)
    f0[voiced] = np.nanmedian(around[voiced], axis=1)  # a jump of one frame is none
    return f0


def _of_frames(frames: np.ndarray, sample_rate: int) -> np.ndarray:
    window = np.hanning(frames.shape[1])
    own = _autocorrelation(window)
    found = _autocorrelation(frames * window) / np.maximum(own / own[0], 1e-3)
    first, last = int(sample_rate / HIGH), int(sample_rate / LOW)
    likeness = found[:, first:last] / np.maximum(found[:, :1], 1e-9)
    middle = likeness[:, 1:-1]
    peak = (middle >= likeness[:, :-2]) & (middle >= likeness[:, 2:])
    score = np.where(peak, middle, 0.0)
    best = score.max(axis=1)
    period = first + 1 + (score >= _NEARLY * best[:, None]).argmax(axis=1)
    return np.where(best > _VOICED, sample_rate / period, 0.0)


def _autocorrelation(rows: np.ndarray) -> np.ndarray:
    size = rows.shape[-1]
    return np.fft.irfft(np.abs(np.fft.rfft(rows, 2 * size)) ** 2)[..., :size]
