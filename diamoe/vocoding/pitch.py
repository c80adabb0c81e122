"""The pitch of recordings that a vocoder is taught: YIN, for a whole batch at once."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from diamoe.audio.source_filter import HIGHEST, LOWEST

LONGEST = 0.05
"""Window, seconds: two periods of a low voice and more."""
SURE = 0.25
"""Largest difference from one period to the next, as a share of that of other sounds, of a voiced
frame."""
NEARLY = 0.08
"""Of dips this close to the deepest the first one counts, not a multiple of its period."""
USUAL = 200
"""The pitch that the windows of frames are centred for, Hz."""
SOFT = 1e-5
"""Mean square of a window that is silence."""


def yin(wave: Tensor, sample_rate: int, hop: int) -> tuple[Tensor, Tensor]:
    """F0 in Hz around every hop and whether it is voiced, both (batch, 1 + samples // hop).

    `wave`: (batch, samples). The method is A. de Cheveigné's and H. Kawahara's (2002): the
    difference between a stretch of sound and the one a period later, over its mean for all
    shorter periods.

    >>> tone = torch.sin(2 * torch.pi * 200 * torch.arange(24_000) / 24_000)[None]
    >>> f0, voiced = yin(tone, 24_000, 256)
    >>> round(f0[0, 40].item()), voiced[0, 40].item()
    (200, True)
    """
    first, last = int(sample_rate / HIGHEST), int(sample_rate / LOWEST) + 1
    size = int(LONGEST * sample_rate)
    length = size - last  # samples that are compared
    centre = (length + sample_rate // USUAL) // 2  # of a stretch and the one a period later
    padded = pad(wave.unsqueeze(1), (centre, size - centre), mode="reflect").squeeze(1)
    frames = padded.unfold(1, size, hop)
    frames = frames - frames.mean(-1, keepdim=True)
    points = 1 << (size + length - 1).bit_length()
    whole, head = torch.fft.rfft(frames, points), torch.fft.rfft(frames[..., :length], points)
    alike = torch.fft.irfft(whole * head.conj(), points)[..., : last + 1]
    energy = pad(frames.square().cumsum(-1), (1, 0))
    later = energy[..., length : length + last + 1] - energy[..., : last + 1]
    difference = (later[..., :1] + later - 2 * alike).clamp(min=0)
    lags = torch.arange(1, last + 1, device=wave.device)
    means = difference[..., 1:].cumsum(-1) / lags
    share = pad(difference[..., 1:] / means.clamp(min=1e-9), (1, 0), value=1.0)
    looked = share[..., first - 1 : last + 1]
    here, before, after = looked[..., 1:-1], looked[..., :-2], looked[..., 2:]
    dips = torch.where((here <= before) & (here <= after), here, 2.0)
    deepest = dips.min(-1, keepdim=True).values
    best = (dips <= deepest + NEARLY).int().argmax(-1, keepdim=True)
    a, b, c = (part.gather(-1, best)[..., 0] for part in (before, here, after))
    shift = (a - c) / (2 * (a - 2 * b + c)).clamp(min=1e-6)
    period = first + best[..., 0] + shift.clamp(-0.5, 0.5)
    loud = energy[..., -1] / size > SOFT
    return sample_rate / period, (b < SURE) & loud
