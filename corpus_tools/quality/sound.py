"""What sound alone tells of a recording: noise, bandwidth, clipping."""

import numpy as np

WINDOW = 1024
"""Frame of the spectrum, samples."""
MOST = 70.0
"""Signal-to-noise ratio that is not told from more, dB."""
DEPTH = 70.0
"""How far below its strongest frequency speech still counts towards its bandwidth, dB."""
WIDTH = 300.0
"""Hz over which the spectrum is averaged for the bandwidth."""
SHORTEST_NOISE = 0.03
"""Seconds of background that are enough to measure it by."""


def signal_to_noise(
    wave: np.ndarray, sample_rate: int, start: float, end: float, noise: np.ndarray | None = None
) -> float:
    """Power of the speech over that of the background, dB.

    The background is `noise` where there is enough of it, else what lies before `start` and after
    `end`, else the quietest tenth of the frames. What it adds to the speech is taken away.

    Args:
        wave: (samples,); speech lies from `start` to `end` seconds.
        noise: background of the same recording at the same gain, (samples,).
    """
    power = _frame_power(wave, sample_rate)
    hop = 100  # frames a second
    inside = power[round(start * hop) : max(round(start * hop) + 1, round(end * hop))]
    floor = _noise_power(power, inside, sample_rate, noise, (round(start * hop), round(end * hop)))
    active = inside[inside >= inside.max() * 1e-3].mean()
    ratio = max(active - floor, 1e-12) / max(floor, 1e-12)
    return float(np.clip(10 * np.log10(ratio), -20.0, MOST))


def _noise_power(
    power: np.ndarray,
    inside: np.ndarray,
    sample_rate: int,
    noise: np.ndarray | None,
    edges: tuple[int, int],
) -> float:
    if noise is not None and len(noise) >= SHORTEST_NOISE * sample_rate:
        return float((noise.astype(np.float64) ** 2).mean())
    guard = 5
    outside = np.concatenate([power[: max(0, edges[0] - guard)], power[edges[1] + guard :]])
    if len(outside) >= SHORTEST_NOISE * 100:
        return float(outside.mean())
    return float(np.sort(inside)[: max(1, len(inside) // 10)].mean())


def _frame_power(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """Mean square of every 10 ms, (frames,)."""
    step = sample_rate // 100
    padded = np.pad(wave.astype(np.float64), (0, -len(wave) % step))
    return (padded.reshape(-1, step) ** 2).mean(axis=1)


def bandwidth(wave: np.ndarray, sample_rate: int) -> float:
    """The frequency up to which a recording holds sound, Hz.

    Telephone speech ends at 3 400 Hz, whatever rate it has been converted to. Of the strongest
    frames at each frequency the highest counts that is within 70 dB of the strongest of all.
    """
    padded = np.pad(wave, (0, max(0, WINDOW - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:: WINDOW // 2]
    window = np.hanning(WINDOW).astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    strongest = np.quantile(power, 0.95, axis=0)
    bins = max(1, round(WIDTH * WINDOW / sample_rate))
    smooth = np.convolve(strongest, np.ones(bins) / bins, mode="valid")
    heard = np.flatnonzero(smooth >= smooth.max() * 10 ** (-DEPTH / 10))
    return float((heard[-1] + bins / 2) * sample_rate / WINDOW) if len(heard) else 0.0
