"""More of a recording's own background noise, to fill pauses with."""

import numpy as np

GRAIN = 480
"""Samples of one grain, 20 ms at 24 kHz."""
FAINT = 10 ** (-80 / 20)
"""Level of the noise used where a recording has no background of its own."""
SHORTEST = 2 * GRAIN
"""Samples of background that are enough to draw grains from."""


def make_background(noise: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of the same colour and level as `noise`, of any length.

    Random grains with a sine window are added half overlapping, in random polarity: their powers
    add up to a constant, so the level is even and nothing repeats audibly.

    Args:
        noise: background of a recording, (samples,); too little of it gives faint white noise.
        length: samples wanted.
    """
    if length <= 0:
        return np.zeros(0, np.float32)
    if len(noise) < SHORTEST:
        return (FAINT * rng.standard_normal(length)).astype(np.float32)
    half = GRAIN // 2
    window = np.sin(np.pi * (np.arange(GRAIN) + 0.5) / GRAIN).astype(np.float32)
    count = length // half + 2
    starts = rng.integers(0, len(noise) - GRAIN + 1, count)
    signs = rng.choice(np.array([-1.0, 1.0], np.float32), count)
    out = np.zeros((count + 1) * half, np.float32)
    for i, (start, sign) in enumerate(zip(starts, signs, strict=True)):
        out[i * half : i * half + GRAIN] += sign * window * noise[start : start + GRAIN]
    return out[half : half + length]


def fade(wave: np.ndarray, samples: int) -> np.ndarray:
    """A copy with quarter-sine fades of so many samples at both ends (equal power)."""
    samples = min(samples, len(wave) // 2)
    if samples == 0:
        return wave.copy()
    ramp = np.sin(0.5 * np.pi * (np.arange(samples) + 0.5) / samples).astype(np.float32)
    out = wave.astype(np.float32, copy=True)
    out[:samples] *= ramp
    out[-samples:] *= ramp[::-1]
    return out
