"""Trimming, levelling and refusing single recordings."""

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from corpus_tools.audio.background import fade, make_background
from corpus_tools.audio.cleaning import clean_recording, clean_wave
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.rejection import Rejected

RATE = 24_000
SETTINGS = CleanSettings()


def refusal(wave: np.ndarray) -> str:
    with pytest.raises(Rejected) as error:
        clean_wave(wave, SETTINGS)
    return error.value.kind


@pytest.mark.parametrize(("head", "tail"), [(0.5, 0.6), (0.15, 0.15), (0.05, 0.3), (0.2, 0.02)])
def test_margins(make_burst, head: float, tail: float):
    clean = clean_wave(make_burst(0.4, head, tail), SETTINGS)
    assert clean.start == pytest.approx(0.1)
    assert len(clean.wave) / RATE - clean.end == pytest.approx(0.1, abs=0.01)
    assert clean.end - clean.start == pytest.approx(0.4, abs=0.05)


def test_soft_fricative_onset_is_kept(make_burst):
    wave = make_burst(0.4, head=0.5, tail=0.4, noise=3e-4)
    hiss = np.random.default_rng(1).standard_normal(round(0.15 * RATE))
    hiss = sosfilt(butter(4, 4000, "highpass", fs=RATE, output="sos"), hiss)
    first = round(0.35 * RATE)
    wave[first : first + len(hiss)] += 0.004 * hiss  # 30 dB below the vowel
    clean = clean_wave(wave, SETTINGS)
    assert clean.end - clean.start == pytest.approx(0.55, abs=0.04)


def test_louder_background_before_than_after(make_burst):
    wave = make_burst(0.4, head=0.4, tail=0.4, noise=1e-4)
    wave[: round(0.4 * RATE)] += 2e-3 * np.random.default_rng(2).standard_normal(round(0.4 * RATE))
    clean = clean_wave(wave, SETTINGS)
    assert clean.end - clean.start == pytest.approx(0.4, abs=0.05)


def test_click_before_the_speech_is_no_speech(make_burst):
    wave = make_burst(0.4, head=0.6)
    wave[2400:2450] += 0.05
    assert clean_wave(wave, SETTINGS).end - 0.1 < 0.45


@pytest.mark.parametrize("level", [0.02, 0.1, 0.4])
def test_level_and_offset(make_burst, level: float):
    clean = clean_wave(make_burst(level=level, noise=1e-4) + 0.05, SETTINGS)
    speech = clean.wave[round(0.15 * RATE) : round(0.45 * RATE)]
    assert 20 * np.log10(np.sqrt((speech**2).mean())) == pytest.approx(-23, abs=1.0)
    assert np.abs(clean.wave).max() < 0.95
    assert abs(clean.wave[:2000].mean()) < 1e-2


def test_peaky_sound_stays_below_full_scale(make_burst):
    wave = 0.02 * make_burst(0.6)
    wave[round(0.5 * RATE)] = 0.9
    assert np.abs(clean_wave(wave, SETTINGS).wave).max() < 0.95


def test_refusals(make_burst):
    assert refusal(np.zeros(RATE, np.float32)) == "silent"
    assert refusal(np.zeros(100, np.float32)) == "too short"
    hum = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert refusal(hum) == "no speech"
    assert refusal(np.clip(make_burst(level=4.0), -1, 1)) == "clipped"
    assert refusal(make_burst(0.045)) == "too short"
    assert refusal(np.full(RATE, np.nan, np.float32)) == "unreadable"


def test_touching_full_scale_once_is_harmless(make_burst):
    wave = make_burst(level=0.5)
    wave[10_000:10_004] = 1.0
    clean_wave(wave, SETTINGS)


@pytest.mark.parametrize(
    ("content", "kind"), [(b"", "empty"), (b"<html>not found</html>", "not audio")]
)
def test_files_that_are_no_audio(tmp_path: Path, content: bytes, kind: str):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(Rejected) as error:
        clean_recording(path, SETTINGS)
    assert error.value.kind == kind and "a.wav" in str(error.value)


def test_wav_without_samples(tmp_path: Path, write_wav):
    write_wav(tmp_path / "a.wav", np.zeros(0, np.float32))
    with pytest.raises(Rejected, match="empty"):
        clean_recording(tmp_path / "a.wav", SETTINGS)


def test_other_rates_are_resampled(tmp_path: Path, make_burst, write_wav):
    write_wav(tmp_path / "a.wav", make_burst(0.4), rate=12_000)
    clean = clean_recording(tmp_path / "a.wav", SETTINGS)
    assert clean.end - clean.start == pytest.approx(0.8, abs=0.05)


def test_background_has_the_level_of_the_noise():
    rng = np.random.default_rng(0)
    noise = 0.01 * rng.standard_normal(4000).astype(np.float32)
    made = make_background(noise, 30_000, rng)
    assert len(made) == 30_000
    assert made.std() == pytest.approx(0.01, rel=0.1)
    blocks = made.reshape(-1, 1000).std(axis=1)
    assert blocks.max() / blocks.min() < 1.6
    assert 0 < make_background(noise[:100], 500, rng).std() < 1e-3


def test_fades_cross_with_equal_power():
    ramp = fade(np.ones(1000, np.float32), 200)
    assert ramp[:200] ** 2 + ramp[-200:] ** 2 == pytest.approx(np.ones(200), abs=1e-5)
