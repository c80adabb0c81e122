"""YIN against tones whose pitch is known, and where there is none."""

import pytest
import torch

from diamoe.vocoding.pitch import yin


def buzz(f0: torch.Tensor) -> torch.Tensor:
    """Harmonics up to 4 kHz of a pitch (samples,) -> (1, samples)."""
    angle = (f0.double() / 24_000).cumsum(0) * 2 * torch.pi
    parts = [torch.cos(k * angle) * (k * f0 < 4000) / k for k in range(1, 50)]
    return torch.stack(parts).sum(0).float()[None] / 10


@pytest.mark.parametrize("hz", [65.0, 110.0, 233.0, 480.0, 650.0])
def test_a_steady_voice(hz):
    f0, voiced = yin(buzz(torch.full((12_000,), hz)), 24_000, 256)
    assert f0.shape == voiced.shape == (1, 47)
    assert voiced[0, 3:-3].all()
    assert (f0[0, 3:-3] / hz - 1).abs().max() < 0.01


def test_a_glide_is_followed_without_delay():
    pitch = torch.linspace(150, 300, 24_000)
    f0, voiced = yin(buzz(pitch), 24_000, 256)
    wanted = pitch[::256]
    inside = slice(4, 90)
    assert voiced[0, inside].all()
    assert (f0[0, inside] / wanted[inside] - 1).abs().max() < 0.02


def test_noise_and_silence_are_unvoiced_and_rows_do_not_disturb_each_other():
    noise = torch.randn(1, 12_000, generator=torch.Generator().manual_seed(0)) / 10
    tone = buzz(torch.full((12_000,), 200.0))
    f0, voiced = yin(torch.cat((noise, torch.zeros(1, 12_000), tone)), 24_000, 256)
    assert voiced[0].float().mean() < 0.05 and not voiced[1].any() and voiced[2, 3:-3].all()
    assert torch.allclose(yin(tone, 24_000, 256)[0][0], f0[2])
    assert torch.isfinite(f0).all()
