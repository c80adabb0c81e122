"""The vocoder of pulses and noise: its parts, its twin in the vocos package, its folder."""

import pytest
import torch
import yaml

from diamoe.audio.mel import MelConfig
from diamoe.audio.short_time import ShortTime
from diamoe.audio.source_filter import (
    CLASS,
    Backbone,
    SourceFilterHead,
    bridged,
    hiss,
    pitch_at,
    place_of,
    pulse_train,
)
from diamoe.audio.vocoder import VocosVocoder
from diamoe.errors import BundleError, ConfigError
from diamoe.vocoding.network import NetworkConfig, make_generator, save_vocoder

SMALL = NetworkConfig(dim=16, intermediate_dim=32, num_layers=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A vocoder folder with random weights that read pitches off mels by chance."""
    torch.manual_seed(1)
    generator = make_generator(SMALL, MelConfig())
    for parameter in generator.head.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    path = tmp_path_factory.mktemp("source") / "vocoder"
    save_vocoder(path, generator.state_dict(), SMALL, MelConfig(), {})
    return path


def test_pulses_are_all_harmonics_with_one_power():
    wave = pulse_train(torch.full((1, 95), 250.0), 256, 24_000)
    assert wave.shape == (1, 94 * 256)
    assert wave.square().mean() == pytest.approx(1.0, abs=0.05)
    spectrum = torch.fft.rfft(wave[0, :24_000] * torch.hann_window(24_000)).abs()
    harmonics = spectrum[250:11_500:250]
    between = spectrum[375:11_500:250]
    assert harmonics.min() > 0.7 * harmonics.max()
    assert between.max() < 0.01 * harmonics.min()


def test_pulses_follow_a_glide_and_stay_finite():
    f0 = torch.linspace(80, 400, 200)[None]
    wave = pulse_train(f0, 256, 24_000)
    assert torch.isfinite(wave).all() and wave.abs().max() < 25
    longer = pulse_train(torch.cat((f0, f0), 1), 256, 24_000)
    assert torch.allclose(longer[:, : wave.shape[1]], wave, atol=1e-4)


def test_noise_begins_alike_and_has_one_power():
    long = hiss(48_000, 0, torch.device("cpu"))
    assert torch.equal(long[:, :1000], hiss(1000, 0, torch.device("cpu")))
    assert not torch.equal(long[:, :1000], hiss(1000, 1, torch.device("cpu")))
    assert long.square().mean() == pytest.approx(1.0, abs=0.02)


def test_the_scale_of_pitches_is_its_own_inverse():
    places = torch.arange(176)
    assert torch.equal(place_of(pitch_at(places.float())), places)
    assert place_of(torch.tensor([0.0, 1e9])).tolist() == [0, 175]


def test_pitch_goes_straight_from_one_voiced_frame_to_the_next():
    f0 = torch.tensor([[1.0, 100.0, 1.0, 1.0, 800.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])
    bridge = bridged(f0, f0 > 50)
    assert bridge[0].tolist() == pytest.approx([100, 100, 200, 400, 800, 800])
    assert bridge[1].unique().numel() == 1  # nothing is voiced


def test_the_backbone_is_that_of_vocos():
    from vocos.models import VocosBackbone

    theirs = VocosBackbone(100, 32, 64, 3)
    ours = Backbone(100, 32, 64, 3)
    ours.load_state_dict(theirs.state_dict())
    mel = torch.randn(2, 100, 30)
    assert torch.allclose(ours(mel), theirs(mel), atol=1e-6)


def test_transform_there_and_back():
    wave = torch.randn(2, 40 * 256)
    transform = ShortTime(1024, 256)
    spectrum = transform.spectrum(wave)
    theirs = torch.stft(wave, 1024, 256, window=transform.window, return_complex=True)
    assert torch.allclose(spectrum, theirs.transpose(1, 2), atol=1e-3)
    assert torch.allclose(transform.wave(spectrum), wave, atol=1e-5)
    with pytest.raises(ConfigError, match="n_fft 1000 must be a multiple of twice the hop, 256"):
        ShortTime(1000, 256)


def test_a_filter_shapes_pulses():
    """A gain that is the same at all times is the spectrum of the sound."""
    head = SourceFilterHead(1, 1024, 256, 24_000)
    with torch.no_grad():
        head.filters.weight.zero_()
        bias = head.filters.bias.view(3, -1)
        bias[1] = 0
        bias[0] = torch.linspace(0, -6, 129)
        bias[2] = -20
    f0 = torch.full((1, 60), 187.5)  # harmonics in the middle of every eighth bin
    wave = head.sound(torch.zeros(1, 60, 1), f0)
    found = head.transform.spectrum(wave)[0, 30].abs()[8:500:8].log()
    wanted = torch.linspace(0, -6, 513)[8:500:8]
    assert ((found - found[0]) - (wanted - wanted[0])).abs().max() < 0.1


def test_another_padding_is_refused():
    with pytest.raises(ConfigError, match="must be center, found 'same'"):
        SourceFilterHead(1, 1024, 256, 24_000, padding="same")


@pytest.mark.parametrize("frames", [0, 1, 2, 4, 40])
def test_length_is_frames_minus_one_hops(folder, frames):
    wave = VocosVocoder.load(folder).decode(torch.full((2, frames, 100), -5.0))
    assert wave.shape == (2, max(0, frames - 1) * 256) and torch.isfinite(wave).all()


def test_a_row_is_the_same_alone_and_a_long_mel_begins_as_a_short_one(folder):
    vocoder = VocosVocoder.load(folder)
    mel = torch.randn(2, 60, 100, generator=torch.Generator().manual_seed(0))
    together = vocoder.decode(mel)
    # The last bit of a pitch is heard in its hundredth harmonic, seconds later.
    alone = (vocoder.decode(mel[1:]) - together[1:]).abs().max()
    assert alone < 0.01 * together.abs().max()
    short = vocoder.decode(mel[:, :40])
    begun = (short - together[:, : 39 * 256])[:, : 25 * 256].abs().max()
    assert begun < 0.01 * together.abs().max()


def test_other_classes_are_refused(folder, tmp_path):
    parts = yaml.safe_load((folder / "config.yaml").read_text())
    assert parts["head"]["class_path"] == CLASS
    parts["head"]["class_path"] = "subprocess.Popen"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(parts))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(BundleError, match=r"names the class 'subprocess.Popen'; allowed: diamoe"):
        VocosVocoder.load(tmp_path)
    (tmp_path / "config.yaml").write_text("- nothing\n")
    with pytest.raises(BundleError, match="not a Vocos mel model"):
        VocosVocoder.load(tmp_path)
