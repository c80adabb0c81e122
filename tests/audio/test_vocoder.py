"""Vocoders: shape, determinism, batch independence, quality, and errors that name the fault."""

from shutil import copytree

import pytest
import torch
import yaml

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import GriffinLimVocoder, VocosVocoder, bundle_vocoder
from diamoe.errors import BundleError, ConfigError


def vowel(seconds: float = 1.0, f0: float = 140.0) -> torch.Tensor:
    """A harmonic tone with a falling spectrum: (1, samples)."""
    time = torch.arange(int(seconds * 24_000)) / 24_000
    partials = [torch.sin(2 * torch.pi * f0 * k * time) / k for k in range(1, 40)]
    return 0.1 * torch.stack(partials).sum(0)[None]


@pytest.fixture(scope="module")
def vocoder() -> GriffinLimVocoder:
    return GriffinLimVocoder()


@pytest.mark.parametrize("frames", [0, 1, 2, 3, 5, 40])
def test_length_is_frames_minus_one_hops(vocoder, frames):
    wave = vocoder.decode(torch.full((2, frames, 100), -5.0))
    assert wave.shape == (2, max(0, frames - 1) * 256)
    assert torch.isfinite(wave).all()


def test_resynthesis_keeps_the_mel(vocoder):
    log_mel = LogMel()
    mel = log_mel(vowel())
    again = log_mel(vocoder.decode(mel))
    frames = slice(4, again.shape[1] - 4)
    assert (mel[:, frames] - again[:, frames]).abs().mean() < 0.25


def test_same_mel_same_wave_whatever_the_batch(vocoder):
    log_mel = LogMel()
    mel = torch.cat([log_mel(vowel(0.5)), log_mel(vowel(0.5, f0=210.0))])
    together = vocoder.decode(mel)
    torch.manual_seed(123)
    alone = vocoder.decode(mel[1:])
    assert torch.allclose(together[1:], alone, atol=1e-4)


def test_silence_stays_silent(vocoder):
    silence = torch.full((1, 50, 100), float(torch.tensor(1e-5).log()))
    assert vocoder.decode(silence).abs().max() < 1e-3


def test_wrong_bands_are_named(vocoder):
    with pytest.raises(ConfigError, match="100"):
        vocoder.decode(torch.zeros(1, 10, 80))
    with pytest.raises(ConfigError, match="momentum 1.5"):
        GriffinLimVocoder(momentum=1.5)


@pytest.fixture(scope="module")
def vocos_folder(tmp_path_factory):
    """A Vocos checkpoint with small random weights, in the released form."""
    folder = tmp_path_factory.mktemp("vocos")
    config = {
        "feature_extractor": {
            "class_path": "vocos.feature_extractors.MelSpectrogramFeatures",
            "init_args": {"sample_rate": 24000, "n_fft": 1024, "hop_length": 256, "n_mels": 100},
        },
        "backbone": {
            "class_path": "vocos.models.VocosBackbone",
            "init_args": {
                "input_channels": 100,
                "dim": 16,
                "intermediate_dim": 32,
                "num_layers": 1,
            },
        },
        "head": {
            "class_path": "vocos.heads.ISTFTHead",
            "init_args": {"dim": 16, "n_fft": 1024, "hop_length": 256, "padding": "center"},
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    from vocos import Vocos

    network = Vocos.from_hparams(str(folder / "config.yaml"))
    torch.save(network.state_dict(), folder / "pytorch_model.bin")
    return folder


def test_vocos_loads_from_a_folder(vocos_folder):
    vocoder = VocosVocoder.load(vocos_folder)
    assert vocoder.mel == MelConfig()
    wave = vocoder.decode(torch.zeros(1, 20, 100))
    assert wave.shape == (1, 19 * 256)


def test_vocos_faults_are_named(vocos_folder, tmp_path):
    with pytest.raises(BundleError, match=r"found nothing"):
        VocosVocoder.load(tmp_path)
    (tmp_path / "config.yaml").write_text((vocos_folder / "config.yaml").read_text())
    (tmp_path / "pytorch_model.bin").write_bytes(b"not a checkpoint")
    with pytest.raises(BundleError, match=r"pytorch_model.bin: not a readable checkpoint"):
        VocosVocoder.load(tmp_path)
    torch.save({"x": torch.zeros(1)}, tmp_path / "pytorch_model.bin")
    with pytest.raises(BundleError, match="not a Vocos mel model"):
        VocosVocoder.load(tmp_path)


def test_a_missing_folder_says_what_to_put_there():
    with pytest.raises(BundleError, match=r"give a folder that holds config.yaml and pytorch"):
        VocosVocoder.load("./no/such/folder")


def test_a_bundle_may_bring_its_own(vocos_folder, tmp_path):
    assert isinstance(bundle_vocoder(None, MelConfig()), GriffinLimVocoder)
    assert isinstance(bundle_vocoder(tmp_path, MelConfig()), GriffinLimVocoder)
    copytree(vocos_folder, tmp_path / "vocoder")
    assert isinstance(bundle_vocoder(tmp_path, MelConfig()), VocosVocoder)
    (tmp_path / "vocoder" / "config.yaml").unlink()
    with pytest.raises(BundleError, match="vocoder: a Vocos folder holds config.yaml"):
        bundle_vocoder(tmp_path, MelConfig())
