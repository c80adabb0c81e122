"""Vocoder training: it learns, resumes exactly, and leaves a folder that speaks."""

import json
from dataclasses import replace

import pytest
import torch

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import VocosVocoder
from diamoe.errors import ConfigError, TrainingError
from diamoe.hydra_command import read_settings
from diamoe.vocoding.coarse import Coarse
from diamoe.vocoding.crops import CropConfig, Crops
from diamoe.vocoding.network import NetworkConfig
from diamoe.vocoding.objective import CriticsConfig, ObjectiveWeights
from diamoe.vocoding.run import VocoderConfig, VocoderRun
from diamoe.vocoding.spectra import SpectralDistance
from tests.training.corpus import make_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> str:
    return str(make_corpus(tmp_path_factory.mktemp("vocoding") / "tones", 6))


def settings(corpus: str, out, **changes) -> VocoderConfig:
    config = VocoderConfig(
        out=str(out),
        steps=4,
        warmup=1,
        save_every=2,
        valid_batches=1,
        log_every=1,
        precision="32",
        network=NetworkConfig(dim=24, intermediate_dim=48, num_layers=2),
        crops=CropConfig([corpus], [corpus], frames=14, utterances=2, crops=2),
        critics=CriticsConfig(after=2, periods=[], windows=[256], channels=2),
        weights=ObjectiveWeights(spectra=10.0),
    )
    return replace(config, **changes)


def weights(run: VocoderRun) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in run.averaged.parameters()])


def test_an_interrupted_run_ends_as_one_that_was_not(corpus, tmp_path):
    whole = VocoderRun(settings(corpus, tmp_path / "whole"))
    whole.start()
    half = VocoderRun(settings(corpus, tmp_path / "half"))
    half.update(torch.zeros(4, 14 * 256))  # whatever is in memory, the checkpoint decides
    first = VocoderRun(settings(corpus, tmp_path / "half"))
    crops = Crops([corpus], first.config.crops, first.mel, first.config.seed)
    for number in range(2):
        first.update(crops.batch(number))
        first.step += 1
    first._save({})
    half.start()
    assert half.step == 4
    assert torch.equal(weights(whole), weights(half))
    assert not torch.equal(weights(whole), weights(first))  # the critics' steps changed something


def test_the_folder_speaks_and_says_where_it_comes_from(corpus, tmp_path):
    run = VocoderRun(settings(corpus, tmp_path, licence="CC-BY-SA-4.0"))
    run.start()
    vocoder = VocosVocoder.load(tmp_path / "vocoder")
    mel = LogMel()(0.1 * torch.randn(1, 24_000, generator=torch.Generator().manual_seed(0)))
    wave = vocoder.decode(mel)
    assert wave.shape == (1, (mel.shape[1] - 1) * 256)
    with torch.no_grad():
        assert torch.allclose(wave, run.averaged.half().float().decode(mel.mT), atol=1e-3)
    card = json.loads((tmp_path / "vocoder" / "card.json").read_text())
    assert card["licence"] == "CC-BY-SA-4.0" and card["corpora"] == ["tones"] and card["step"] == 4


def test_it_learns(corpus, tmp_path):
    run = VocoderRun(settings(corpus, tmp_path, steps=60, learning_rate=5e-3))
    crops = Crops([corpus], run.config.crops, run.mel, 0)
    real = crops.batch(0)
    losses = []
    for _ in range(40):
        losses.append(run.update(real)["spectra"])
    assert losses[-1] < 0.7 * losses[0]


def test_crops_depend_on_their_number_alone(corpus):
    config = CropConfig([corpus], [corpus], frames=14, utterances=2, crops=3)
    crops = Crops([corpus], config, MelConfig(), seed=1)
    later = crops.batch(5)
    assert later.shape == (6, 14 * 256) and later.abs().max() <= 1.0
    again = Crops([corpus], config, MelConfig(), seed=1)
    assert torch.equal(again.batch(5), later)
    assert not torch.equal(again.batch(6), later)


def test_spectral_distance_sees_what_a_mel_does_not():
    time = torch.arange(12_000) / 24_000
    voice = sum(torch.cos(2 * torch.pi * 120 * k * time) / k for k in range(1, 30))
    # The same harmonics with other phases: no pulses any more.
    smeared = sum(torch.cos(2 * torch.pi * 120 * k * time + k * k) / k for k in range(1, 30))
    distance, log_mel = SpectralDistance(), LogMel()
    assert float(distance(voice[None], voice[None])) == 0
    other = float((log_mel(voice[None]) - log_mel(smeared[None])).abs().mean())
    assert float(distance(smeared[None], voice[None])) > 3 * other


def test_the_shipped_settings_are_sound():
    for overrides in ([], ["vocoding=cpu"]):
        given = ["crops.corpora=[a]", "crops.valid=[b]"]
        config = read_settings("vocoder", VocoderConfig, overrides + given)
    assert config.critics.windows == [1024, 512] and config.crops.crops == 2


def test_faults_are_named(corpus, tmp_path):
    with pytest.raises(ConfigError, match="precision must be bf16 or 32, found 'half'"):
        settings(corpus, tmp_path, precision="half")
    with pytest.raises(ConfigError, match="name at least one prepared corpus"):
        CropConfig()
    VocoderRun(settings(corpus, tmp_path)).start()
    other = settings(corpus, tmp_path, network=NetworkConfig(dim=16, num_layers=1))
    with pytest.raises(TrainingError, match="not a checkpoint of a run with these sizes"):
        VocoderRun(other).start()


def test_a_model_s_mels_differ_less_from_band_to_band():
    mel = torch.randn(2, 30, 100, generator=torch.Generator().manual_seed(0))
    coarse = Coarse(100)(mel)

    def rough(mel: torch.Tensor, bands: slice) -> float:
        return float((mel[..., 1:-1] - (mel[..., 2:] + mel[..., :-2]) / 2)[..., bands].abs().mean())

    low, high = slice(0, 20), slice(78, 98)
    assert rough(coarse, high) < 0.5 * rough(mel, high)
    assert rough(coarse, high) < rough(coarse, low) < rough(mel, low)
    flat = torch.full((1, 3, 100), -4.0)
    assert torch.allclose(Coarse(100)(flat)[..., 3:-3], flat[..., 3:-3], atol=0.2)
