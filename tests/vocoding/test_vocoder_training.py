"""Vocoder training: it learns, resumes exactly, and leaves a folder that speaks."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from diamoe import bundle as bundles
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import VocosVocoder
from diamoe.bundle import SHIPPED
from diamoe.errors import ConfigError, CorpusError, TrainingError
from diamoe.flow.matching import Batch
from diamoe.flow.sampling import Sampling
from diamoe.hydra_command import read_settings
from diamoe.synthesis.options import bundle_sampling, save_sampling
from diamoe.text.dialect import DIALECT_CODES
from diamoe.vocoding.crops import CropConfig, Crops, Lesson
from diamoe.vocoding.network import NetworkConfig
from diamoe.vocoding.objective import Critics, CriticsConfig, ObjectiveWeights
from diamoe.vocoding.remade import RemadeConfig, RemadeMels, remake
from diamoe.vocoding.run import VocoderConfig, VocoderRun
from diamoe.vocoding.spectra import SpectralDistance
from tests.factory import tiny_bundle
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
    half.update(
        Lesson(torch.zeros(4, 14 * 256), torch.zeros(0, 15, 100))
    )  # whatever is in memory, the checkpoint decides
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
    assert losses[-1] < 0.85 * losses[0]


def test_crops_depend_on_their_number_alone(corpus):
    config = CropConfig([corpus], [corpus], frames=14, utterances=2, crops=3)
    crops = Crops([corpus], config, MelConfig(), seed=1)
    later = crops.batch(5).real
    assert later.shape == (6, 14 * 256) and later.abs().max() <= 1.0
    again = Crops([corpus], config, MelConfig(), seed=1)
    assert torch.equal(again.batch(5).real, later)
    assert not torch.equal(again.batch(6).real, later)


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
    for overrides in ([], ["experiment=vocoder"], ["experiment=remade"]):
        given = ["crops.corpora=[a]", "crops.valid=[b]"]
        config = read_settings("vocoder", VocoderConfig, overrides + given, "conf.vocoder")
    assert config.remade.bundle and config.weights.pitch == 6 and config.crops.frames == 48
    assert config.critics.levels and not config.critics.windows and config.crops.crops == 2


def test_faults_are_named(corpus, tmp_path):
    with pytest.raises(ConfigError, match="precision must be bf16 or 32, found 'half'"):
        settings(corpus, tmp_path, precision="half")
    with pytest.raises(ConfigError, match="name at least one prepared corpus"):
        CropConfig()
    VocoderRun(settings(corpus, tmp_path)).start()
    other = settings(corpus, tmp_path, network=NetworkConfig(dim=16, num_layers=1))
    with pytest.raises(TrainingError, match="not a checkpoint of a run with these sizes"):
        VocoderRun(other).start()


def test_mels_are_made_again_where_the_recording_has_them(corpus, tmp_path):
    bundle = tiny_bundle(tmp_path / "bundle")
    config = RemadeConfig(str(bundle), utterances=3)
    crops = Crops([corpus], CropConfig([corpus], [corpus], frames=14, crops=2), MelConfig(), 0)
    file = tmp_path / "remade.safetensors"
    made = RemadeMels.read_or_make(file, config, crops.store, seed=0)
    assert len(made.mels) == 3
    for number, mel in made.mels.items():
        wave = torch.from_numpy(crops.store.cut(number).load_audio())
        real, (begin, end) = LogMel()(wave)[0], made.spans[number]
        assert mel.shape == real.shape and 0.7 < (end - begin) / len(mel) < 0.8
        assert not torch.allclose(mel[begin:end].float(), real[begin:end], atol=0.1)
    crops.tell(made, 0.5)
    lesson = crops.batch(1)
    assert lesson.remade.shape == (4, 15, 100) and lesson.real.shape == (8, 14 * 256)
    again = RemadeMels.read_or_make(file, config, crops.store, seed=1)  # from the file
    crops.tell(again, 0.5)
    assert torch.equal(crops.batch(1).remade, lesson.remade)
    with pytest.raises(CorpusError, match="no mel of more than 14 frames"):
        crops.tell(RemadeMels({0: torch.zeros(9, 100)}, {0: (0, 9)}), 0.5)
    few = Crops([str(make_corpus(tmp_path / "few", 1))], crops.config, MelConfig(), 0)
    with pytest.raises(TrainingError, match="remade.safetensors: made of other corpora"):
        RemadeMels.read_or_make(file, config, few.store, seed=0)
    with pytest.raises(TrainingError, match=r"remade.safetensors: made with .* 3, .* needed .* 4,"):
        RemadeMels.read_or_make(file, replace(config, utterances=4), crops.store, seed=0)
    save_sampling(bundle, Sampling(steps=1))
    with pytest.raises(ConfigError, match="speaks in 1 steps, needed: 2"):
        RemadeMels.read_or_make(tmp_path / "other.safetensors", config, crops.store, seed=0)


def test_what_is_made_again_keeps_the_sound_where_it_was():
    sampling = bundle_sampling(SHIPPED)
    bundle = bundles.load(SHIPPED)
    voice = bundle.voices["kerstin"]
    edged = voice.phones.with_edges()
    batch = Batch(
        mel=voice.mel[None],
        frames=torch.tensor([len(voice.mel)]),
        ids=torch.tensor([bundle.vocabulary.encode(edged)]),
        tokens=torch.tensor([len(edged.tokens)]),
        durations=voice.durations[None],
        dialect=torch.tensor([DIALECT_CODES.index("german")]),
    )
    with torch.inference_mode():
        mel, made = remake(bundle.model, sampling, batch, torch.Generator().manual_seed(0))
    real, again = voice.mel[made[0]], mel[0][made[0]]

    def rough(mel: torch.Tensor) -> float:
        return float((mel[1:-1] - (mel[2:] + mel[:-2]) / 2).abs().mean())

    loudness = torch.stack((real.mean(1), again.mean(1)))
    assert torch.corrcoef(loudness)[0, 1] > 0.9
    assert rough(again) < 0.7 * rough(real)  # and lacks the accidents of single frames


def test_a_run_starts_from_a_vocoder(corpus, tmp_path):
    remade = RemadeConfig(str(tiny_bundle(tmp_path / "bundle")), utterances=3)
    first = VocoderRun(settings(corpus, tmp_path / "first"))
    first.start()
    folder = str(tmp_path / "first" / "vocoder")
    begun = settings(corpus, tmp_path / "second", start=folder, remade=remade, learning_rate=0.0)
    second = VocoderRun(begun)
    second.start()
    assert torch.equal(weights(second), weights(first).half().float())
    other = settings(corpus, tmp_path / "third", start=folder, network=NetworkConfig(dim=16))
    with pytest.raises(ConfigError, match=r"(?s)start: .*size mismatch"):
        VocoderRun(other).start()
    heads = torch.nn.Linear(2, 2).state_dict()
    save_file(heads, tmp_path / "model.safetensors")
    with pytest.raises(ConfigError, match=r"of another network: it lacks backbone.* besides bias"):
        VocoderRun(replace(other, start=str(tmp_path))).start()
    with pytest.raises(ConfigError, match=r"start: .*nowhere"):
        VocoderRun(replace(other, start=str(tmp_path / "nowhere"))).start()


def test_level_critics_tell_hiss_from_a_flat_spectrum_soon():
    torch.manual_seed(0)
    hiss = 0.01 * torch.randn(4, 6_000)
    pulses = torch.zeros(4, 6_000)
    pulses[:, ::37] = 0.06  # as loud, without the accidents of noise
    critics = Critics(CriticsConfig(periods=[], windows=[], levels=[256]), ObjectiveWeights())
    optimiser = torch.optim.AdamW(critics.parameters(), 2e-3)
    losses = []
    for _ in range(30):
        losses.append(critics.verdict(pulses, hiss))
        optimiser.zero_grad()
        losses[-1].backward()
        optimiser.step()
    assert losses[0] > 1.8 and losses[-1] < 0.5
    assert critics(hiss, hiss) < critics(pulses, hiss)
