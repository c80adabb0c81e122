"""From pieces to mels: planned one by one, integrated together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import torch
from torch import Tensor
from torch.nn.functional import pad

from diamoe.bundle import Bundle
from diamoe.flow.sampling import BUCKET, Sampling
from diamoe.model.adapters import AdapterRef, current_adapters, using
from diamoe.model.dit import Conditioning
from diamoe.synthesis.engines import Engine, velocity
from diamoe.synthesis.planning import planner
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import PhoneSeq

OPEN_FRAMES = 1
"""Frames of silence that are left at an end where the sentence goes on."""
MOST_FRAMES = 6000
"""Frames that are integrated together, padding and prompts included."""


@dataclass(frozen=True)
class Order:
    """One piece to make: `durations` (tokens,) frames of `phones.with_edges()` where they are
    given, else predicted at `speed`; `seed` of the noise; `adapter` that it goes through, None
    for what `using` says; `mix` as of `SynthesisOptions`; the rest as of `Piece`."""

    phones: PhoneSeq
    voice: Voice | None
    sampling: Sampling
    speed: float = 1.0
    seed: int = 0
    open_start: bool = False
    open_end: bool = False
    durations: Tensor | None = None
    adapter: AdapterRef | None = None
    mix: str | None = None


@dataclass(frozen=True)
class Plan:
    """An order with its durations (tokens,), conditioning and noise (1, frames, n_mels)."""

    order: Order
    durations: Tensor
    conditioning: Conditioning
    noise: Tensor

    @property
    def frames(self) -> int:
        """Frames with the prompt's."""
        return self.noise.shape[1]

    @property
    def padded(self) -> int:
        """Frames that it is integrated with. Imported networks take padding for silence, so
        theirs are as many as there are."""
        return _rounded(self.frames) if self.conditioning.separable else self.frames


@dataclass(frozen=True)
class Made:
    """`mel` (frames, n_mels) log-mel of a piece, `durations` (tokens,) frames of its tokens."""

    mel: Tensor
    durations: Tensor


class Maker:
    """Makes mels with a bundle's model.

    The noise of a piece depends on its own seed alone, and padding changes nothing, so batch
    mates do not matter; nor do they to rounding, since a piece is padded alike with and without
    them. The solver computes in `precision`, text and durations in float32. Eight bits are dealt
    out over a whole batch, so with that engine every piece is integrated by itself.
    """

    def __init__(
        self,
        bundle: Bundle,
        precision: torch.dtype = torch.float32,
        engine: Engine = "torch",
    ):
        self.bundle, self.precision = bundle, precision
        self.planner, self.velocity = planner(bundle), velocity(bundle.model, engine)
        self.most_frames = 0 if engine == "int8" else MOST_FRAMES

    def make(self, orders: Sequence[Order]) -> list[Made]:
        """The mels of all orders, in their order."""
        made = dict(self.in_turn(orders))
        return [made[i] for i in range(len(orders))]

    @torch.inference_mode()
    def in_turn(self, orders: Sequence[Order]) -> Iterator[tuple[int, Made]]:
        """The place and the mel of every order as soon as it is made, those of about one length
        at once."""
        plans = []
        for order in orders:
            with using(_rows([order])):
                plans.append(self.plan(order))
        for group in groups(plans, self.most_frames):
            with using(_rows([plans[i].order for i in group])):
                mels = self._solve([plans[i] for i in group])
            for i, mel in zip(group, mels, strict=True):
                yield i, Made(mel, plans[i].durations)

    def plan(self, order: Order) -> Plan:
        """What the solver needs for one piece."""
        durations = order.durations
        if durations is None:
            durations = self.planner.durations(order.phones, order.voice, order.speed, order.mix)[0]
        durations = durations.clone()
        if order.open_start:
            durations[0] = durations[0].clamp(max=OPEN_FRAMES)
        if order.open_end:
            durations[-1] = durations[-1].clamp(max=OPEN_FRAMES)
        conditioning = self.planner.conditioning(
            order.phones, durations[None], order.voice, order.mix
        )
        generator = torch.Generator().manual_seed(order.seed)
        return Plan(
            order,
            durations,
            conditioning,
            torch.randn(conditioning.prompt.shape, generator=generator),
        )

    def _solve(self, plans: Sequence[Plan]) -> list[Tensor]:
        conditioning, noise = stacked(plans)
        lower = self.precision != torch.float32
        with torch.autocast(noise.device.type, self.precision, enabled=lower):
            mels = plans[0].order.sampling.solve(self.velocity, conditioning, noise)
        ends = [plan.frames for plan in plans]
        heads = [end - int(plan.durations.sum()) for end, plan in zip(ends, plans, strict=True)]
        return [
            self.bundle.model.config.scale.restore(mel[head:end])
            for mel, head, end in zip(mels, heads, ends, strict=True)
        ]


def stacked(plans: Sequence[Plan]) -> tuple[Conditioning, Tensor]:
    """Conditioning and noise of several plans as one batch, padded with zeros."""
    size = max(plan.padded for plan in plans)
    first = plans[0].conditioning  # of whatever kind the model makes
    rows = {
        name: torch.cat([_padded(getattr(plan.conditioning, name), size) for plan in plans])
        for name, value in vars(first).items()
        if isinstance(value, Tensor)
    }
    conditioning = replace(first, **rows, full=False)
    return conditioning, torch.cat([_padded(plan.noise, size) for plan in plans])


def _rows(orders: Sequence[Order]) -> list[AdapterRef | None]:
    """The adapter of every row of a batch of orders."""
    usual = next(iter(current_adapters()), None)
    return [order.adapter or usual for order in orders]


def _padded(rows: Tensor, size: int) -> Tensor:
    """(1, frames, ...) with zeros up to `size` frames."""
    missing = size - rows.shape[1]
    return rows if not missing else pad(rows, (0, 0) * (rows.dim() - 2) + (0, missing))


def groups(plans: Sequence[Plan], frames: int = MOST_FRAMES) -> Iterator[list[int]]:
    """Indices of plans that are integrated together: sampled alike, padded to the same length
    with the prompt and without it, at most so many frames unless one alone has more."""

    def kind(i: int) -> tuple[str, int, int]:
        plan = plans[i]
        made = int(plan.durations.sum())
        return repr(plan.order.sampling), plan.padded, _rounded(made)

    for (_, size, _), alike in groupby(sorted(range(len(plans)), key=kind), kind):
        members = list(alike)
        most = max(1, frames // size)
        for start in range(0, len(members), most):
            yield members[start : start + most]


def _rounded(frames: int) -> int:
    """The next multiple of `BUCKET`."""
    return -(-frames // BUCKET) * BUCKET
