"""Changes to speech that leave the phones what they are."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class AugmentConfig:
    """How much training mels are changed. Gain and tone colour need no change: the recogniser
    takes every band's mean away."""

    speed: float = 0.12
    """Largest change of speed, either way; the pitch stays."""
    codec: float = 0.15
    """Share of utterances that pass through a telephone's or a low-rate codec when read."""
    warp: float = 0.1
    """Largest stretch of the frequency axis, either way: other vocal tracts, other pitches."""
    noise: float = 0.5
    """Share of utterances that get noise."""
    noise_level: tuple[float, float] = (-6.5, -1.5)
    """Noise against the utterance's loud frames, nats."""
    time_masks: int = 2
    """Masks over time."""
    time_width: int = 12
    """Widest mask, frames."""
    band_masks: int = 2
    """Masks over bands."""
    band_width: int = 14
    """Widest mask, bands."""


def augment(
    mel: Tensor, frames: Tensor, config: AugmentConfig, generator: torch.Generator
) -> Tensor:
    """`mel`: (batch, frames, n_mels) log-mel, `frames`: (batch,) -> the same shape, changed."""
    mel = _add_noise(_warp(mel, config.warp, generator), config, generator)
    batch, length, bands = mel.shape
    fill = mel.mean((1, 2), keepdim=True)
    for _ in range(config.time_masks):
        start = torch.rand(batch, generator=generator) * frames
        mel = torch.where(
            _spans(start, config.time_width, length, generator)[:, :, None], fill, mel
        )
    for _ in range(config.band_masks):
        start = torch.rand(batch, generator=generator) * bands
        hidden = _spans(start, config.band_width, bands, generator)
        mel = torch.where(hidden[:, None], fill, mel)
    return mel


def _spans(start: Tensor, widest: int, length: int, generator: torch.Generator) -> Tensor:
    width = torch.rand(len(start), generator=generator) * widest
    index = torch.arange(length)[None]
    return (index >= start[:, None]) & (index < (start + width)[:, None])


def _warp(mel: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    batch, _, bands = mel.shape
    factor = 1 + amount * (2 * torch.rand(batch, generator=generator) - 1)
    position = (torch.arange(bands)[None] * factor[:, None]).clamp(max=bands - 1)
    low = position.long()
    high = (low + 1).clamp(max=bands - 1)
    share = (position - low)[:, None]
    index = low[:, None].expand_as(mel), high[:, None].expand_as(mel)
    return mel.gather(2, index[0]) * (1 - share) + mel.gather(2, index[1]) * share


def _add_noise(mel: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    batch, _, bands = mel.shape
    low, high = config.noise_level
    loud = mel.amax((1, 2), keepdim=True)
    level = low + (high - low) * torch.rand(batch, 1, 1, generator=generator)
    tilt = 2 * (torch.rand(batch, 1, 1, generator=generator) - 0.5)
    slope = tilt * torch.linspace(-1, 1, bands)
    ripple = 0.5 * torch.randn(mel.shape, generator=generator)
    noise = loud - 3.0 + level + slope + ripple
    noisy = torch.rand(batch, 1, 1, generator=generator) < config.noise
    return torch.where(noisy, torch.logaddexp(mel, noise), mel)
