"""Speed and pitch: the change that was asked for, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from diamoe.audio.augment import Change, PerturbConfig, perturb, scale_times, stretch
from diamoe.audio.files import read_audio
from diamoe.errors import ConfigError

RATE = 24_000


def gliding_voice(seconds: float = 1.2) -> np.ndarray:
    """A buzz whose pitch falls and rises like a dipping tone, between two silences."""
    time = np.arange(round(seconds * RATE)) / RATE
    hertz = 150 + 60 * (2 * time / seconds - 1) ** 2
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    wave = sum(np.sin(k * phase) / k for k in range(1, 12))
    silence = np.zeros(RATE // 5)
    return np.concatenate([silence, 0.1 * wave, silence]).astype(np.float32)


def pitch(wave: np.ndarray) -> np.ndarray:
    from diamoe.evaluation.tone import measure_f0

    return measure_f0(wave, RATE)


@pytest.mark.parametrize(
    "change",
    [Change(0.85), Change(1.2), Change(1.0, 2.0), Change(1.0, -3.0), Change(0.9, 1.5)],
)
def test_contours_stay(change: Change):
    wave = gliding_voice()
    changed = perturb(wave, RATE, change)
    assert len(changed) == pytest.approx(len(wave) / change.speed, abs=1)
    before, after = pitch(wave), pitch(changed)
    after = after[np.minimum((np.arange(len(before)) / change.speed).astype(int), len(after) - 1)]
    both = (before > 0) & (after > 0)
    assert both.sum() > 0.9 * (before > 0).sum()
    shift = 12 * np.log2(after[both] / before[both])
    assert np.median(shift) == pytest.approx(change.semitones, abs=0.1)
    assert np.corrcoef(np.log(before[both]), np.log(after[both]))[0, 1] > 0.97
    level = [np.sqrt((w**2).mean()) for w in (wave, changed)]
    assert level[1] == pytest.approx(level[0], rel=0.1)


def test_no_change_is_the_same():
    wave = gliding_voice()
    assert perturb(wave, RATE, Change()) is wave
    assert np.abs(stretch(wave, RATE, 1.0) - wave)[1000:-1000].max() < 1e-5


@pytest.mark.parametrize("samples", [0, 1, 100, 2000])
def test_short_and_silent_sounds(samples: int):
    for change in (Change(1.3), Change(0.7), Change(1.1, 4.0)):
        changed = perturb(np.zeros(samples, np.float32), RATE, change)
        assert len(changed) == round(samples / change.speed) and np.isfinite(changed).all()


def test_times_follow():
    assert scale_times([("m", 1.0, 0.5)], Change(speed=0.5)) == [("m", 2.0, 1.0)]


def test_draws_depend_on_the_key_alone():
    config = PerturbConfig(share=0.5)
    changes = [config.draw(f"a{i}") for i in range(400)]
    assert changes == [config.draw(f"a{i}") for i in range(400)]
    made = [c for c in changes if not c.is_none]
    assert 150 < len(made) < 250
    assert all(1 / 1.1 - 0.001 <= c.speed <= 1.101 and abs(c.semitones) <= 2 for c in made)
    assert all(PerturbConfig().draw(str(i)).is_none for i in range(50))
    with pytest.raises(ConfigError, match="share"):
        PerturbConfig(share=2.0)


@pytest.mark.shared
def test_real_speech_keeps_its_tones(shared: Path):
    files = sorted((shared / "data/cmn_words_tan").rglob("*.opus"))[40:60:4]
    likeness = []
    for file in files:
        wave, _ = read_audio(file, RATE)
        before = pitch(wave)
        after = pitch(perturb(wave, RATE, Change(1.0, 2.0)))
        both = (before > 0) & (after[: len(before)] > 0)
        likeness.append(np.corrcoef(np.log(before[both]), np.log(after[: len(before)][both]))[0, 1])
    assert np.mean(likeness) > 0.85
