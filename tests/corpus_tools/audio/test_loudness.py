"""Loudness and gain."""

import numpy as np
import pytest

from corpus_tools.audio.loudness import frame_level, gain_to, loudness

RATE = 24_000


def sine(seconds: float, amplitude: float, hertz: float = 997.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def test_full_scale_sine_is_minus_three():
    # The reference of BS.1770.
    assert loudness(sine(3.0, 1.0), RATE) == pytest.approx(-3.01, abs=0.1)


def test_short_sounds_by_level():
    assert loudness(sine(0.2, 0.1), RATE) == pytest.approx(-23.01, abs=0.1)
    assert frame_level(np.zeros(10), RATE) < -100


def test_pauses_do_not_count():
    speech = sine(1.0, 0.1)
    paused = np.concatenate([speech, np.zeros(2 * RATE), speech])
    assert loudness(paused, RATE) == pytest.approx(loudness(speech, RATE), abs=1.0)


def test_gain_gives_way_to_the_peak():
    quiet = sine(1.0, 0.01)
    assert loudness(quiet * gain_to(quiet, RATE, -23, 0.94), RATE) == pytest.approx(-23, abs=0.01)
    spiky = quiet.copy()
    spiky[100] = 0.5
    assert np.abs(spiky * gain_to(spiky, RATE, -10, 0.94)).max() == pytest.approx(0.94)
    assert np.isfinite(gain_to(np.zeros(RATE), RATE, -23, 0.94))
