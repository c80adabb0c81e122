"""Noise, bandwidth and clipping of sounds made so that the answer is known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from corpus_tools.audio.cleaning import clean_recording, clean_wave
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.quality.measure import Quality, measure_recording
from corpus_tools.quality.sound import bandwidth, signal_to_noise
from diamoe.audio.files import resample
from diamoe.errors import ConfigError

RATE = 24_000


@pytest.mark.parametrize("wanted", [5.0, 15.0, 30.0, 45.0])
def test_noise_of_known_level(make_burst: Callable[..., np.ndarray], wanted: float):
    wave = make_burst(1.0, noise=0.0)
    speech = wave[round(0.3 * RATE) : round(1.3 * RATE)]
    level = np.sqrt((speech**2).mean() / 10 ** (wanted / 10))
    wave = wave + level * np.random.default_rng(1).standard_normal(len(wave))
    assert signal_to_noise(wave, RATE, 0.3, 1.3) == pytest.approx(wanted, abs=1.0)
    given = level * np.random.default_rng(2).standard_normal(5000)
    assert signal_to_noise(wave, RATE, 0.3, 1.3, given) == pytest.approx(wanted, abs=1.0)


def test_silence_has_no_ratio_but_a_figure():
    assert signal_to_noise(np.zeros(RATE), RATE, 0.0, 1.0) <= 0


@pytest.mark.parametrize("edge", [3400.0, 5500.0, 8000.0])
def test_bandwidth(edge: float):
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    low = sosfilt(butter(12, edge, fs=RATE, output="sos"), noise).astype(np.float32)
    assert edge <= bandwidth(low, RATE) < edge * 1.9
    assert bandwidth(noise.astype(np.float32), RATE) > 11_000


def test_telephone_rate_is_seen_after_conversion(make_burst: Callable[..., np.ndarray]):
    wave = make_burst(1.0, noise=3e-3)
    narrow = resample(resample(wave, RATE, 8_000), 8_000, RATE)
    assert bandwidth(wave, RATE) > 9_000 > 4_500 > bandwidth(narrow, RATE)


def test_measures_of_a_recording(make_burst: Callable[..., np.ndarray]):
    wave = make_burst(0.6, noise=2e-3)
    wave[10_000:10_004] = 1.0
    quality = measure_recording(clean_wave(wave, CleanSettings()))
    assert quality.speech == pytest.approx(0.6, abs=0.05)
    assert quality.snr == pytest.approx(35, abs=4)
    assert quality.clipped == pytest.approx(4 / len(wave))
    assert quality.dnsmos is None
    again = Quality.from_dict(quality.to_dict())
    assert again.snr == pytest.approx(quality.snr, abs=1e-3) and again.rate is None


@pytest.mark.shared
def test_real_recordings_are_fit(shared: Path):
    files = sorted((shared / "data/cmn_words_tan").rglob("*.opus"))[:20]
    found = [measure_recording(clean_recording(f, CleanSettings())) for f in files]
    assert min(q.snr for q in found) > 25
    assert min(q.bandwidth for q in found) > 9_000


def test_weights_are_looked_for_and_missed_by_name(tmp_path: Path):
    from corpus_tools.quality.predictors import find_weights

    assert find_weights("nisqa", "none", tmp_path) == ""
    with pytest.raises(ConfigError, match=r"nisqa=.*nisqa.tar missing"):
        find_weights("nisqa", str(tmp_path), tmp_path)
    (tmp_path / "weights/nisqa").mkdir(parents=True)
    (tmp_path / "weights/nisqa/nisqa.tar").touch()
    found = find_weights("nisqa", "auto", tmp_path / "data")
    assert found == str(tmp_path / "weights/nisqa")


@pytest.mark.shared
def test_predictors_rank_noise_below_speech(shared: Path):
    pytest.importorskip("torchmetrics")
    from corpus_tools.quality.predictors import Predictors, find_weights

    found = [find_weights(name, "auto", shared / "data") for name in ("dnsmos", "nisqa")]
    assert found == [str((shared / "weights" / name).resolve()) for name in ("dnsmos", "nisqa")]
    predictors = Predictors.load(*found)
    file = sorted((shared / "data/deu_kerstin").rglob("*.opus"))[0]
    recording = clean_recording(file, CleanSettings())
    noise = 0.05 * np.random.default_rng(0).standard_normal(len(recording.wave))
    assert predictors.dnsmos and predictors.nisqa
    wave = (recording.wave + noise).astype(np.float32)
    assert predictors.dnsmos(wave, RATE) < predictors.dnsmos(recording.wave, RATE) - 0.3
    assert predictors.nisqa(wave, RATE) < predictors.nisqa(recording.wave, RATE) - 0.3
    assert 1 <= predictors.nisqa(wave[:4800], RATE) <= 5
