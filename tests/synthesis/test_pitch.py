"""F0 for pictures, and the picture."""

import numpy as np
import pytest

from diamoe.plots import speech_figure
from diamoe.synthesis.pitch import drawn_f0
from diamoe.synthesis.speech import Speech, TimedPhone
from diamoe.text.phones import PhoneSeq

RATE, HOP = 24_000, 256


def glide(low, high, seconds=1.0):
    """A buzz of six harmonics from `low` to `high` Hz, then as much faint noise."""
    count = int(seconds * RATE)
    phase = 2 * np.pi * np.cumsum(np.geomspace(low, high, count)) / RATE
    buzz = sum(np.sin(n * phase) / n for n in range(1, 7))
    noise = np.random.default_rng(0).normal(size=count)
    return np.concatenate((0.3 * buzz, 0.02 * noise)).astype(np.float32)


@pytest.mark.parametrize(("low", "high"), [(70, 120), (150, 300), (420, 200)])
def test_a_glide_is_followed_and_noise_is_unvoiced(low, high):
    f0 = drawn_f0(glide(low, high), RATE, HOP)
    assert len(f0) == 2 * RATE // HOP + 1
    middle = np.arange(10, RATE // HOP - 10)
    true = low * (high / low) ** (middle * HOP / RATE)
    assert np.abs(12 * np.log2(np.maximum(f0[middle], 1) / true)).max() < 0.5
    assert (f0[RATE // HOP + 5 :] > 0).mean() < 0.05


def test_the_picture_has_mel_phones_and_f0():
    wave = glide(150, 300)
    mel = np.zeros((len(wave) // HOP, 100), np.float32)
    timing = (TimedPhone("m", 0.0, 0.4), TimedPhone("ˈaᴴᴴ", 0.4, 2.0))
    speech = Speech(wave, RATE, PhoneSeq(("m", "ˈaᴴᴴ"), "putonghua"), timing, mel)
    upper, lower = speech_figure(speech, "title").axes
    assert [label.get_text() for label in upper.get_xticklabels()] == ["m", "ˈaᴴᴴ"]
    drawn = np.asarray(lower.lines[0].get_ydata())
    assert np.nanmin(drawn) == pytest.approx(150, rel=0.05)
    assert np.nanmax(drawn) == pytest.approx(300, rel=0.05)
    assert upper.get_xlim() == lower.get_xlim()
