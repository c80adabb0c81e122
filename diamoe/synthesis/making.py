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
HEAD_FRAMES = 64
"""The head of a piece, which is made before the rest, ends with the first syllable after so many:
about three quarters of a second, which is as long as the rest takes to make."""
AHEAD_FRAMES = 16
"""Frames after a head that are made with it, so that its sound goes on as it will."""
HEAD_WINDOW = 192
"""Frames that a head is made with, the end of the voice's prompt among them: two seconds. A longer
prompt makes no fewer phone errors."""


@dataclass(frozen=True)
class Order:
    """One piece to make: `durations` (tokens,) frames of `phones.with_edges()` where they are
    given, else predicted at `speed`; `seed` of the noise; `adapter` that it goes through, None
    for what `using` says; `mix` as of `SynthesisOptions`; `ends` the tokens of
    `phones.with_edges()` after which its head may end, none where it is made in one go; the
    rest as of `Piece`."""

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
    ends: tuple[int, ...] = ()


@dataclass(frozen=True)
class Plan:
    """An order with its durations (tokens,), conditioning and noise (1, frames, n_mels): those of
    the prompt, `made` ones of the piece that are known already, and the rest."""

    order: Order
    durations: Tensor
    conditioning: Conditioning
    noise: Tensor
    made: int = 0

    @property
    def frames(self) -> int:
        """Frames with the prompt's."""
        return self.noise.shape[1]

    @property
    def padded(self) -> int:
        """Frames that it is integrated with. Imported networks take padding for silence, so
        theirs are as many as there are."""
        return _rounded(self.frames) if self.conditioning.separable else self.frames

    @property
    def prompt(self) -> int:
        """Frames of the voice's prompt."""
        return int(self.conditioning.known.sum()) - self.made

    @property
    def head(self) -> int:
        """Frames of the piece that are made before the rest: 0 where it is made in one go."""
        if not self.conditioning.separable:
            return 0
        ends = self.durations.cumsum(0)
        fits = (int(ends[token]) for token in self.order.ends)
        head = next((frames for frames in fits if frames >= HEAD_FRAMES), 0)
        return head if head + 2 * AHEAD_FRAMES <= int(ends[-1]) else 0

    def of_head(self) -> "Plan":
        """The plan of the head, whose text knows how the piece goes on."""
        end = self.prompt + self.head + AHEAD_FRAMES
        window = slice(max(0, min(self.prompt, end - HEAD_WINDOW)), end)
        return replace(
            self,
            conditioning=self.conditioning.frames(window),
            noise=self.noise[:, window],
        )

    def of_rest(self, head: Tensor) -> "Plan":
        """The plan of what follows a head (frames, n_mels), normalised as the prompt is."""
        known = self.prompt + len(head)
        conditioning = replace(
            self.conditioning,
            prompt=self.conditioning.prompt.clone(),
            known=self.conditioning.known.clone(),
        )
        conditioning.prompt[:, self.prompt : known] = head
        conditioning.known[:, :known] = True
        return replace(self, conditioning=conditioning, made=len(head))


@dataclass(frozen=True)
class Made:
    """`mel` (frames, n_mels) log-mel of a piece from its beginning, `durations` (tokens,) frames
    of its tokens.

    A piece is made in one go, or its head first: what is new in it are its frames from `begin` to
    `end`, and more of it follows unless it is `last`.
    """

    mel: Tensor
    durations: Tensor
    begin: int = 0
    ahead: int = 0

    @property
    def end(self) -> int:
        """Frame at which what is new ends."""
        return len(self.mel) - self.ahead

    @property
    def last(self) -> bool:
        """Whether this is the end of the piece."""
        return not self.ahead


class Maker:
    """Makes mels with a bundle's model.

    The noise of a piece depends on its own seed alone, and padding changes nothing, so batch
    mates do not matter; nor do they to rounding, since a piece is padded alike with and without
    them. The solver computes in `precision`, text and durations in float32. Eight bits are dealt
    out over a whole batch, and a processor rounds float32 products by the size of their batch: in
    both cases every piece is integrated by itself, which takes hardly longer.
    """

    def __init__(
        self,
        bundle: Bundle,
        precision: torch.dtype = torch.float32,
        engine: Engine = "torch",
    ):
        self.bundle, self.precision = bundle, precision
        self.planner, self.velocity = planner(bundle), velocity(bundle.model, engine)
        exact = precision == torch.float32 and next(bundle.model.parameters()).device.type == "cpu"
        self.most_frames = 0 if exact or engine == "int8" else MOST_FRAMES

    def make(self, orders: Sequence[Order]) -> list[Made]:
        """The mels of all orders, in their order."""
        made = dict(self.in_turn(orders))
        return [made[i] for i in range(len(orders))]

    @torch.inference_mode()
    def in_turn(self, orders: Sequence[Order]) -> Iterator[tuple[int, Made]]:
        """The place and the mel of every order as soon as it is made, those of about one length
        at once; heads first, where orders have some."""
        plans = []
        for order in orders:
            with using(_rows([order])):
                plans.append(self.plan(order))
        heads = [i for i, plan in enumerate(plans) if plan.head]
        for place, mel in self._solved([plans[i].of_head() for i in heads]):
            i = heads[place]
            plans[i] = plans[i].of_rest(mel)
            yield i, Made(self._restored(mel), plans[i].durations, ahead=AHEAD_FRAMES)
        for i, mel in self._solved(plans):
            yield i, Made(self._restored(mel), plans[i].durations, plans[i].head)

    def _solved(self, plans: Sequence[Plan]) -> Iterator[tuple[int, Tensor]]:
        """The place and the mel (frames, n_mels), normalised, of every plan."""
        for group in groups(plans, self.most_frames):
            with using(_rows([plans[i].order for i in group])):
                mels = self._solve([plans[i] for i in group])
            yield from zip(group, mels, strict=True)

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
            # Drawn on the processor, so that a seed is the same noise everywhere.
            torch.randn(conditioning.prompt.shape, generator=generator).to(conditioning.text),
        )

    def _solve(self, plans: Sequence[Plan]) -> list[Tensor]:
        conditioning, noise = stacked(plans)
        lower = self.precision != torch.float32
        with torch.autocast(noise.device.type, self.precision, enabled=lower):
            mels = plans[0].order.sampling.solve(self.velocity, conditioning, noise)
        return [
            torch.where(
                plan.conditioning.known[0, :, None], plan.conditioning.prompt[0], mel[: plan.frames]
            )[plan.prompt :]
            for mel, plan in zip(mels, plans, strict=True)
        ]

    def _restored(self, mel: Tensor) -> Tensor:
        return self.bundle.model.config.scale.restore(mel.cpu())


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
        unknown = plan.frames - plan.prompt - plan.made
        return repr(plan.order.sampling), plan.padded, _rounded(unknown)

    for (_, size, _), alike in groupby(sorted(range(len(plans)), key=kind), kind):
        members = list(alike)
        most = max(1, frames // size)
        for start in range(0, len(members), most):
            yield members[start : start + most]


def _rounded(frames: int) -> int:
    """The next multiple of `BUCKET`."""
    return -(-frames // BUCKET) * BUCKET
