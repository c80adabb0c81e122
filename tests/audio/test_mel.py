"""The log-mel is torchaudio's, without needing it."""

import torch
import torchaudio

from diamoe.audio.mel import LogMel, MelConfig


def test_it_is_that_of_torchaudio():
    config = MelConfig()
    theirs = torchaudio.transforms.MelSpectrogram(
        sample_rate=config.sample_rate, n_fft=config.n_fft, hop_length=config.hop,
        n_mels=config.n_mels, power=1.0, center=True,
    )  # fmt: skip
    wave = torch.randn(2, 12_345, generator=torch.Generator().manual_seed(0))
    wanted = theirs(wave).clamp(min=config.floor).log().transpose(1, 2)
    found = LogMel(config)(wave)
    assert found.shape == (2, 1 + 12_345 // 256, 100)
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-5)


def test_nothing_of_it_is_saved():
    assert not LogMel().state_dict()
