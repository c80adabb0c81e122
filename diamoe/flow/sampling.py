"""Solvers: from noise to mel along a velocity field."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from diamoe.model.dit import Conditioning

VelocityModel = Callable[[Tensor, Tensor, Conditioning], Tensor]
"""(x (batch, frames, n_mels), time (batch,), conditioning) -> velocity of the shape of x."""
VelocityField = Callable[[Tensor, Tensor], Tensor]
"""(x (batch, frames, n_mels), time ()) -> velocity of the same shape."""


def sway_times(steps: int, sway: float = -1.0) -> Tensor:
    """`steps + 1` times from 0 to 1; a negative `sway` puts more of them near the noise.

    t + s (cos(pi t / 2) - 1 + t), F5-TTS eq. 7 (arXiv 2410.06885).

    >>> sway_times(2, 0.0).tolist()
    [0.0, 0.5, 1.0]
    """
    t = torch.linspace(0, 1, steps + 1)
    return t + sway * (torch.cos(math.pi / 2 * t) - 1 + t)


def sample(field: VelocityField, x0: Tensor, times: Tensor) -> Tensor:
    """Integrate `field` from `times[0]` to `times[-1]` with Euler steps.

    `x0` (batch, frames, n_mels) noise, `times` (steps + 1,) rising -> mel of the same shape.
    """
    x = x0
    for now, after in zip(times[:-1], times[1:], strict=True):
        x = x + (after - now) * field(x, now)
    return x


def guided(model: VelocityModel, conditioning: Conditioning, scale: float) -> VelocityField:
    """Classifier-free guidance: v + scale (v - v_null), both sides in one batched call.

    A scale of 0 leaves the unconditional side out.
    """
    if scale == 0:
        return lambda x, time: model(x, time.expand(len(x)), conditioning).float()
    both = conditioning.pack(conditioning.null())

    def field(x: Tensor, time: Tensor) -> Tensor:
        velocity = model(torch.cat((x, x)), time.expand(2 * len(x)), both).float()
        conditional, unconditional = velocity.chunk(2)
        return conditional + scale * (conditional - unconditional)

    return field
