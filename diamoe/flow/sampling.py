"""Solvers: from noise to mel along a velocity field."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch
from torch import Tensor

from diamoe.errors import ConfigError
from diamoe.model.dit import Conditioning

VelocityModel = Callable[[Tensor, Tensor, Conditioning], Tensor]
"""(x (batch, frames, n_mels), time (batch,), conditioning) -> velocity of the shape of x."""
VelocityField = Callable[[Tensor, Tensor], Tensor]
"""(x (batch, frames, n_mels), time ()) -> velocity of the same shape."""
Solver = Literal["euler", "midpoint", "heun"]
"""`euler` looks at the field once a step, the others twice."""
Schedule = Literal["sway", "pruned"]
"""`sway` for any number of steps; `pruned` for those in `PRUNED`."""
Guided = Literal["made", "all"]
"""Frames that guidance bends: those that are to be made, or the prompt's too."""
BUCKET = 32
"""Frames: lengths are padded to multiples of this, so that sums have one order, and with it one
rounding, whatever else is in the batch."""

PRUNED = {
    5: (0, 2, 4, 8, 16, 32),
    6: (0, 2, 4, 6, 8, 16, 32),
    7: (0, 2, 4, 6, 8, 16, 24, 32),
    10: (0, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32),
    12: (0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32),
    16: (0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32),
}
"""Of 32 even steps those that matter, found by trial (Fast F5-TTS, arXiv 2505.19931)."""


@dataclass(frozen=True)
class Sampling:
    """How a model is integrated; a bundle says which way suits it."""

    steps: int = 6
    """Solver steps."""
    guidance: float = 2.0
    """Strength of classifier-free guidance; 0 leaves it out and halves the work."""
    sway: float = -1.0
    """Step schedule, see `sway_times`."""
    solver: Solver = "euler"
    """euler, midpoint or heun."""
    schedule: Schedule = "sway"
    """sway, or pruned: see `PRUNED`."""
    guide_from: float = 0.0
    """Flow time before which guidance is left out."""
    guide_to: float = 0.6
    """Flow time from which on guidance is left out. In the last step of a few it only adds noise:
    with it the shipped voices have a NISQA of 3.3, without it 4.0, and as many phone errors."""
    guide: Guided = "made"
    """made or all, see `Guided`; without the prompt the unconditional side is shorter."""
    prompt_share: float = 1.0
    """How much of the guidance the prompt gets beside the text, see `guided_alone`: with 1 both as
    much, with less what is said weighs more than whom it sounds like. Imported networks, whose
    frames hang together, can only guide by both as much."""
    prompt_from: float = 0.0
    """Flow time from which on the model is told the prompt, see `late_prompt`; imported networks,
    whose frames hang together, are told it from the beginning."""
    smoothing: int = 1
    """Frames of the bell that the finished mel is averaged under, see `smoothed`; 1 leaves it."""
    contrast: float = 0.0
    """How much further each band of the finished mel departs from the bands around it, see
    `contrasted`; 0 leaves it."""

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"{name} must lie between {low} and {high}, found {value!r}")
        for name, kind in (("solver", Solver), ("schedule", Schedule), ("guide", Guided)):
            if getattr(self, name) not in get_args(kind):
                allowed = ", ".join(get_args(kind))
                raise ConfigError(f"{name} must be one of {allowed}, found {getattr(self, name)!r}")
        if self.guide == "all" and self.prompt_share != 1:
            raise ConfigError(
                f"prompt_share must be 1 where guide is 'all', found {self.prompt_share!r}"
            )
        if self.smoothing % 2 == 0:
            raise ConfigError(f"smoothing must be odd, found {self.smoothing}")
        if self.schedule == "pruned" and self.steps not in PRUNED:
            raise ConfigError(
                f"steps must be one of {', '.join(map(str, PRUNED))} with the pruned schedule, "
                f"found {self.steps}"
            )

    def times(self) -> Tensor:
        """(steps + 1,) times from 0 to 1."""
        if self.schedule == "sway":
            return sway_times(self.steps, self.sway)
        return sway_warp(torch.tensor(PRUNED[self.steps]) / 32, self.sway)

    def field(self, model: VelocityModel, conditioning: Conditioning) -> VelocityField:
        """The guided field of a model."""
        interval = (self.guide_from, self.guide_to)
        if self.guide == "made" and conditioning.separable:
            told = guided_alone(model, conditioning, self.guidance, interval, self.prompt_share)
        elif self.prompt_share != 1:
            raise ConfigError(
                f"prompt_share must be 1 for an imported network, found {self.prompt_share!r}"
            )
        else:
            told = guided(model, conditioning, self.guidance, interval)
        if not (self.prompt_from and conditioning.separable and conditioning.known.any()):
            return told
        return late_prompt(model, conditioning, told, self.prompt_from, self.guidance, interval)

    def solve(self, model: VelocityModel, conditioning: Conditioning, x0: Tensor) -> Tensor:
        """The mel that `model` makes of noise `x0` (batch, frames, n_mels)."""
        field = self.field(model, conditioning)
        mel = sample(field, x0, self.times().to(x0.device), self.solver)
        return self.finished(mel, conditioning.mask)

    def finished(self, mel: Tensor, mask: Tensor) -> Tensor:
        """What the solver made, smoothed and contrasted: `mel` (batch, frames, n_mels), `mask`
        (batch, frames) -> as `mel`."""
        mel = smoothed(mel, mask, self.smoothing) if self.smoothing > 1 else mel
        return contrasted(mel, self.contrast) if self.contrast else mel


_RANGES = (
    ("steps", 1, 256),
    ("guidance", 0, 20),
    ("sway", -1, 1),
    ("guide_from", 0, 1),
    ("guide_to", 0, 1),
    ("prompt_share", 0, 1),
    ("prompt_from", 0, 1),
    ("smoothing", 1, 15),
    ("contrast", 0, 1),
)


def smoothed(mel: Tensor, mask: Tensor, frames: int) -> Tensor:
    """Every frame averaged with its neighbours under a bell of so many frames (an odd number).

    A few solver steps leave a flutter from frame to frame, all bands together, which no sound can
    have that the frames overlap in.

    `mel` (batch, frames, n_mels), `mask` (batch, frames) -> as `mel`.

    >>> bump = torch.tensor([[[0.0], [4.0], [0.0], [9.0]]])
    >>> smoothed(bump, torch.tensor([[True, True, True, False]]), 3).flatten().tolist()[:3]
    [1.3333333730697632, 2.0, 1.3333333730697632]
    """
    bell = torch.hann_window(frames + 2, periodic=False)[1:-1].tolist()
    real = mask.unsqueeze(-1).to(mel.dtype)

    def spread(rows: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(rows, (0, 0, frames // 2, frames // 2))
        shifted = (padded[:, i : i + rows.shape[1]] * share for i, share in enumerate(bell))
        return torch.stack(list(shifted)).sum(0)

    return spread(mel * real) / spread(real).clamp(min=1e-6)


def contrasted(mel: Tensor, strength: float, reach: int = 7) -> Tensor:
    """Every band moved away from the mean of itself and `reach` bands on either side, by `strength`
    of what it departs from it.

    A small model's mels have shallower formants and harmonics than speech has: least squares gives
    the mean of what could be there. At the edges the outermost band stands for those beyond.

    `mel` (batch, frames, n_mels) -> as `mel`.

    >>> contrasted(torch.tensor([[[0.0, 3.0, 0.0]]]), 0.5, reach=1).tolist()
    [[[-0.5, 4.0, -0.5]]]
    """
    rows = torch.nn.functional.pad(mel, (reach, reach), mode="replicate")
    around = torch.nn.functional.avg_pool1d(rows, 2 * reach + 1, stride=1)
    return mel + strength * (mel - around)


def sway_times(steps: int, sway: float = -1.0) -> Tensor:
    """`steps + 1` times from 0 to 1; a negative `sway` puts more of them near the noise.

    >>> sway_times(2, 0.0).tolist()
    [0.0, 0.5, 1.0]
    """
    return sway_warp(torch.linspace(0, 1, steps + 1), sway)


def sway_warp(t: Tensor, sway: float) -> Tensor:
    """t + s (cos(pi t / 2) - 1 + t), F5-TTS eq. 7 (arXiv 2410.06885)."""
    return t + sway * (torch.cos(math.pi / 2 * t) - 1 + t)


def sample(field: VelocityField, x0: Tensor, times: Tensor, solver: Solver = "euler") -> Tensor:
    """Integrate `field` from `times[0]` to `times[-1]`.

    `x0` (batch, frames, n_mels) noise, `times` (steps + 1,) rising -> mel of the same shape.
    """
    x = x0
    for now, after in zip(times[:-1], times[1:], strict=True):
        x = x + (after - now) * _slope(field, x, now, after, solver)
    return x


def _slope(field: VelocityField, x: Tensor, now: Tensor, after: Tensor, solver: Solver) -> Tensor:
    """Mean velocity of one step."""
    first = field(x, now)
    if solver == "euler":
        return first
    if solver == "midpoint":
        half = (after - now) / 2
        return field(x + half * first, now + half)
    return (first + field(x + (after - now) * first, after)) / 2


def guided(
    model: VelocityModel,
    conditioning: Conditioning,
    scale: float,
    interval: tuple[float, float] = (0.0, 1.0),
) -> VelocityField:
    """Classifier-free guidance: v + scale (v - v_null), both sides in one batched call.

    A scale of 0, or a time outside `interval` (Kynkäänniemi et al. 2024, arXiv 2404.07724), leaves
    the unconditional side out.
    """
    conditioning = conditioning.checked()
    both = conditioning.pack(conditioning.null()) if scale else conditioning

    def field(x: Tensor, time: Tensor) -> Tensor:
        if not scale or not interval[0] <= float(time) < interval[1]:
            return model(x, time.expand(len(x)), conditioning).float()
        velocity = model(torch.cat((x, x)), time.expand(2 * len(x)), both).float()
        conditional, unconditional = velocity.chunk(2)
        return conditional + scale * (conditional - unconditional)

    return field


def guided_alone(
    model: VelocityModel,
    conditioning: Conditioning,
    scale: float,
    interval: tuple[float, float] = (0.0, 1.0),
    prompt_share: float = 1.0,
) -> VelocityField:
    """Guidance of the frames to be made alone: v + scale (v_text - v_null + share (v - v_text)).

    v_text is told the text and no prompt, v_null neither. Both do without the prompt's frames,
    which follow v: that saves a third of the work of a short sentence, and with a `prompt_share`
    of 1, plain guidance, v_text is not needed. Known frames come first in each row.
    """
    conditioning = conditioning.checked()
    if not scale:
        return guided(model, conditioning, 0.0)
    index, real = made_frames(conditioning)
    alone = _untold(conditioning, index, real)
    plain = prompt_share == 1
    beside = (alone.null() if plain else alone.null().pack(alone)).checked()

    def field(x: Tensor, time: Tensor) -> Tensor:
        velocity = model(x, time.expand(len(x)), conditioning).float()
        if not interval[0] <= float(time) < interval[1]:
            return velocity
        rows = _taken(x, index)
        rows = rows if plain else torch.cat((rows, rows))
        untold = model(rows, time.expand(len(rows)), beside).float()
        told = _taken(velocity, index)
        if plain:
            towards = told - untold
        else:
            null, text = untold.chunk(2)
            towards = text - null + prompt_share * (told - text)
        bend = scale * towards * real.unsqueeze(-1)
        return velocity.scatter_add(1, index.unsqueeze(-1).expand_as(bend), bend)

    return field


def late_prompt(
    model: VelocityModel,
    conditioning: Conditioning,
    told: VelocityField,
    prompt_from: float,
    scale: float,
    interval: tuple[float, float],
) -> VelocityField:
    """Guidance that knows the text alone up to `prompt_from`, the field `told` from there on.

    What is said is settled near the noise, how it sounds later. A voice whose recordings are of
    another dialect, or of single words, is understood better where it joins in once phones and
    tones are settled. The work before it is less by the prompt's frames, which go straight to
    where they are known to end; they come first in each row.
    """
    index, real = made_frames(conditioning)
    untold = guided(model, _untold(conditioning, index, real), scale, interval)

    def field(x: Tensor, time: Tensor) -> Tensor:
        if float(time) >= prompt_from:
            return told(x, time)
        straight = (conditioning.prompt - x) / (1 - time) * conditioning.known.unsqueeze(-1)
        velocity = untold(_taken(x, index), time) * real.unsqueeze(-1)
        return straight.scatter_add(1, index.unsqueeze(-1).expand_as(velocity), velocity)

    return field


def made_frames(conditioning: Conditioning) -> tuple[Tensor, Tensor]:
    """Indices of the frames after each row's prompt, padded to a multiple of `BUCKET`, and which
    of them are no padding: (batch, width) both."""
    heads = conditioning.known.sum(dim=1)
    counts = conditioning.mask.sum(dim=1) - heads
    width = -(-int(counts.max()) // BUCKET) * BUCKET
    steps = torch.arange(width, device=heads.device)
    last = conditioning.mask.shape[1] - 1
    return (heads[:, None] + steps).clamp(max=last), steps < counts[:, None]


def _untold(conditioning: Conditioning, index: Tensor, real: Tensor) -> Conditioning:
    """That of some frames, all of which are to be made."""
    return replace(
        conditioning,
        text=_taken(conditioning.text, index),
        prompt=conditioning.prompt.new_zeros(*index.shape, conditioning.prompt.shape[-1]),
        known=torch.zeros_like(real),
        mask=real,
    )


def _taken(rows: Tensor, index: Tensor) -> Tensor:
    """(batch, frames, n) at (batch, width) -> (batch, width, n)."""
    return rows.gather(1, index.unsqueeze(-1).expand(-1, -1, rows.shape[-1]))
