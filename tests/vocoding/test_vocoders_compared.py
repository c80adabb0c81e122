"""The comparison of vocoders: a copy is perfect, noise is not, and every row is there."""

import numpy as np
import pytest
import torch

from diamoe.audio.files import read_audio
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import GriffinLimVocoder
from diamoe.errors import ConfigError
from diamoe.evaluation.nisqa_tts import NisqaTtsPredictor
from diamoe.evaluation.vocoders import Judge, compare, compare_generated, main, recordings
from tests.training.corpus import make_corpus

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def judge(shared) -> Judge:
    return Judge(shared / "weights")


@pytest.fixture(scope="module")
def waves(tmp_path_factory) -> list[np.ndarray]:
    return list(recordings([make_corpus(tmp_path_factory.mktemp("heard") / "tones", 3)], 2, 0.3))


def test_a_copy_is_perfect_and_noise_is_far(judge, waves):
    copy = judge(waves[0], waves[0])
    noise = np.random.default_rng(0).standard_normal(len(waves[0]), np.float32)
    noise = judge(0.1 * noise, waves[0])
    assert copy.mcd == 0 and copy.distance == 0
    assert noise.mcd > 5 and noise.distance > 1
    assert judge(waves[0]).mcd is None


def test_every_vocoder_has_a_row(judge, waves):
    assert all(len(wave) % MelConfig().hop == 0 for wave in waves)
    vocoders = {"few": GriffinLimVocoder(iterations=1), "many": GriffinLimVocoder(iterations=12)}
    rows = list(compare(vocoders, waves, judge))
    assert [row.split("|")[1].strip() for row in rows] == ["the recordings", "few", "many"]
    distance = [float(row.split("|")[6]) for row in rows]
    assert distance[0] == 0 < distance[2] < distance[1]
    (row,) = compare_generated(
        {"few": vocoders["few"]}, [LogMel()(torch.from_numpy(waves[0])[None])], judge
    )
    assert row.split("|")[5].strip() == "" and float(row.split("|")[7]) > 0


def test_people_sound_more_natural_than_rubbish(judge, shared):
    """NISQA-TTS hears a recording, the same in pieces of 60 ms in another order, and noise."""
    file = sorted((shared / "data" / "nld_nathalie").rglob("*.opus"))[0]
    wave, _ = read_audio(file, 24_000)
    pieces = wave[: len(wave) // 1440 * 1440].reshape(-1, 1440)
    shuffled = np.random.default_rng(0).permutation(pieces).ravel()
    noise = 0.05 * np.random.default_rng(0).standard_normal(len(wave)).astype(np.float32)
    real, cut, hiss = (judge.nisqa_tts(sound, 24_000) for sound in (wave, shuffled, noise))
    assert 5 > real > cut + 0.5 and real > hiss + 0.5


def test_other_weights_are_named(tmp_path, shared):
    with pytest.raises(ConfigError, match=r"nisqa_tts.tar missing; see docs/corpora.md"):
        NisqaTtsPredictor(tmp_path)
    (tmp_path / "nisqa_tts.tar").write_bytes((shared / "weights/nisqa/nisqa.tar").read_bytes())
    with pytest.raises(ConfigError, match="not NISQA-TTS's weights"):
        NisqaTtsPredictor(tmp_path)


def test_missing_weights_are_named(tmp_path, capsys):
    assert main(["--corpora", str(tmp_path), "--weights", str(tmp_path)]) == 1
    assert "sig_bak_ovr.onnx" in capsys.readouterr().err
