"""From a mel back to magnitudes, phases and a sound that has it."""

import pytest
import torch

from diamoe.audio.inversion import MelInversion
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.source_filter import hiss


@pytest.fixture(scope="module")
def inversion() -> MelInversion:
    return MelInversion(MelConfig())


@pytest.fixture(scope="module")
def wanted() -> torch.Tensor:
    """Forty hops of a low rumble."""
    return torch.randn(1, 40 * 256, generator=torch.Generator().manual_seed(0)).cumsum(1) / 50


def noise() -> torch.Tensor:
    return hiss(40 * 256, 0, torch.device("cpu"))


def test_magnitudes_have_the_mel_that_they_are_made_of(inversion, wanted):
    mel = LogMel()(wanted)
    magnitudes = inversion.magnitudes(mel)
    assert magnitudes.shape == (1, 41, 513) and magnitudes.min() > 0
    away = ((magnitudes @ inversion.filters).log() - mel).abs().mean()
    more = ((inversion.magnitudes(mel, 80) @ inversion.filters).log() - mel).abs().mean()
    assert more < away < 0.05


def test_phases_come_to_agree_with_magnitudes(inversion, wanted):
    transform = inversion.transform
    magnitudes = transform.spectrum(wanted).abs()
    angles = transform.spectrum(noise()).sgn()
    away = []
    for iterations in (0, 4, 30):
        made = transform.spectrum(inversion.phased(magnitudes, angles, iterations, 0.9))
        away.append(float((made.abs() - magnitudes).norm() / magnitudes.norm()))
    assert away[2] < away[1] < 0.7 * away[0]
    own = inversion.phased(magnitudes, transform.spectrum(wanted).sgn(), 2, 0.9)
    assert torch.allclose(own, wanted, atol=1e-3)


def test_a_sound_is_set_right_by_its_mel(inversion, wanted):
    log_mel = LogMel()
    mel = log_mel(wanted)

    def away(rounds: int, momentum: float = 0.0) -> float:
        sound = inversion.set_right(noise(), mel, rounds, momentum)
        return float((log_mel(sound) - mel).abs().mean())

    assert away(1) < 0.3 * away(0) and away(6) < away(3) < away(1)
    assert away(20, 0.6) < 0.9 * away(20)
    assert torch.allclose(inversion.set_right(wanted, mel, 1, 0.6), wanted, atol=1e-3)
