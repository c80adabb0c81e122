"""Small trainable parts beside a frozen model, and which of them each row of a batch uses.

`attach` (diamoe/adaptation) puts them in. All are zero at initialisation: a model with a fresh
adapter computes bit for bit what it computed without. Which adapter a row uses is said around a
call, not stored in the modules:

    with using([nanjing, None]):
        model(...)   # rows 0, 2, 4, ... through `nanjing`, the others through the base
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from diamoe.text.dialect import load_dialect


@dataclass(frozen=True)
class AdapterRef:
    """An adapter that is attached to a model."""

    name: str
    """What it is called; unique among a model's adapters."""
    dialect: str = ""
    """Code of the dialect that it brings."""
    place: int = 0
    """The dialect id under which the model hears of that dialect."""
    voices: tuple[str, ...] = ()
    """Voices that came with it."""

    @property
    def key(self) -> str:
        """Its name inside the modules, where no module of the base can have the same."""
        return f"@{self.name}"


_rows: ContextVar[tuple[AdapterRef | None, ...]] = ContextVar("adapter_rows", default=())


@contextmanager
def using(rows: Sequence[AdapterRef | None]) -> Iterator[None]:
    """Inside, row `i` of every batch goes through adapter `rows[i % len(rows)]`; None is the base.

    So one entry stands for all rows, and a batch that guidance has doubled needs nothing more.
    """
    token = _rows.set(tuple(rows))
    try:
        yield
    finally:
        _rows.reset(token)


def current_adapters() -> tuple[AdapterRef | None, ...]:
    """What `using` was told; empty outside of it."""
    return _rows.get()


def dialect_id(code: str) -> int:
    """The id under which the model in use knows a dialect: that of the adapter which brings it,
    else the package's.

    Raises:
        UnknownDialect, UnplacedDialect: neither has one.
    """
    for ref in _rows.get():
        if ref is not None and ref.dialect == code:
            return ref.place
    return load_dialect(code).id


def keys_of(batch: int) -> list[str | None]:
    """The key of the adapter of every row of a batch; None for the base."""
    rows = _rows.get() or (None,)
    if batch % len(rows):
        raise ValueError(f"{len(rows)} adapter rows do not fit a batch of {batch}")
    return [None if ref is None else ref.key for ref in rows] * (batch // len(rows))


def rows_by_key(batch: int) -> dict[str, list[int]]:
    """The rows of every adapter that a batch uses."""
    found: dict[str, list[int]] = {}
    for row, key in enumerate(keys_of(batch)):
        if key is not None:
            found.setdefault(key, []).append(row)
    return found


def add_rows(x: Tensor, rows: list[int], change: Tensor) -> Tensor:
    """`x` with `change` (len(rows), ...) added to these of its rows."""
    change = change.to(x.dtype)
    if len(rows) == len(x):
        return x + change
    return x.index_add(0, torch.tensor(rows, device=x.device), change)


class ConditioningAdapter(nn.Module):
    """Bottleneck with a depthwise convolution and squeeze-excitation (DiaMoE-TTS, section 3.3).

    (batch, length, dim) with mask (batch, length) -> what is to be added. Padding has no part in
    it. The last projection is zero at initialisation. A bottleneck of 0 is a sixteenth of `dim`.
    """

    gamma = 0.25
    kernel = 3

    def __init__(self, dim: int, bottleneck: int):
        super().__init__()
        bottleneck = bottleneck or max(4, dim // 16)
        squeezed = max(2, bottleneck // 4)
        self.down = nn.Linear(dim, bottleneck)
        self.depthwise = nn.Conv1d(
            bottleneck, bottleneck, self.kernel, padding=self.kernel // 2, groups=bottleneck
        )
        self.excite = nn.Sequential(
            nn.Linear(bottleneck, squeezed),
            nn.GELU(),
            nn.Linear(squeezed, bottleneck),
            nn.Sigmoid(),
        )
        self.up = nn.Linear(bottleneck, dim)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        keep = mask.unsqueeze(-1).to(x.dtype)
        h = F.gelu(self.down(x)) * keep
        h = F.gelu(self.depthwise(h.transpose(1, 2)).transpose(1, 2)) * keep
        squeezed = h.sum(dim=1, keepdim=True) / keep.sum(dim=1, keepdim=True).clamp(min=1)
        return self.gamma * self.up(h * self.excite(squeezed))


class ConditioningAdapters(nn.ModuleDict):
    """The conditioning adapters of one ConvNeXt block: merged ones by number, others by key."""

    @classmethod
    def merged(cls, dim: int, bottlenecks: Sequence[int]) -> "ConditioningAdapters":
        """Adapters that every row goes through, one after the other."""
        return cls({str(i): ConditioningAdapter(dim, b) for i, b in enumerate(bottlenecks)})

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for name, adapter in self.items():
            if not name.startswith("@"):
                x = x + adapter(x, mask).to(x.dtype)
        for key, rows in rows_by_key(len(x)).items():
            if key in self:
                part = x if len(rows) == len(x) else x[rows]
                part_mask = mask if len(rows) == len(x) else mask[rows]
                x = add_rows(x, rows, self[key](part, part_mask))
        return x


class RowDeltas(nn.Module):
    """What one adapter adds to some rows of an embedding; zero at initialisation."""

    place: Tensor

    def __init__(self, embedding: nn.Embedding, indices: Sequence[int]):
        super().__init__()
        device = embedding.weight.device
        self.delta = nn.Parameter(torch.zeros(len(indices), embedding.embedding_dim, device=device))
        places = torch.full((embedding.num_embeddings,), len(indices))
        places[torch.tensor(indices, dtype=torch.long, device=places.device)] = torch.arange(
            len(indices)
        )
        self.register_buffer("place", places.to(device), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """(...) ids -> (..., dim), zero for rows that it does not touch."""
        padded = torch.cat((self.delta, self.delta.new_zeros(1, self.delta.shape[1])))
        return padded[self.place[ids]]


class AdaptedEmbedding(nn.Embedding):
    """An embedding whose rows adapters may change; takes the place of a frozen one."""

    def __init__(self, base: nn.Embedding):
        nn.Module.__init__(self)
        self.num_embeddings, self.embedding_dim = base.num_embeddings, base.embedding_dim
        self.padding_idx, self.max_norm, self.norm_type = None, None, 2.0
        self.scale_grad_by_freq = self.sparse = False
        self.weight = base.weight
        self.changes = nn.ModuleDict()

    def forward(self, ids: Tensor) -> Tensor:
        found = super().forward(ids)
        for key, rows in rows_by_key(len(ids)).items():
            if key in self.changes:
                part = ids if len(rows) == len(ids) else ids[rows]
                found = add_rows(found, rows, self.changes[key](part))
        return found


class ExpertCopy(nn.Module):
    """A copy of one expert of a mixture that learns in its place, kept as the difference.

    It speaks wherever the gate chooses the expert it was copied from, with that one's weight.
    """

    def __init__(self, up: Tensor, down: Tensor, expert: int):
        super().__init__()
        self.expert = expert
        self.up = nn.Parameter(torch.zeros_like(up))
        self.down = nn.Parameter(torch.zeros_like(down))

    def forward(self, x: Tensor, up: Tensor, down: Tensor) -> Tensor:
        """What the copy says beyond what its original does: (batch, tokens, dim) -> the same."""
        original = F.gelu(x @ up) @ down
        return F.gelu(x @ (up + self.up)) @ (down + self.down) - original


class ExpertCopies(nn.ModuleDict):
    """The copied experts of a `DialectMoE`; `hook` is its forward hook."""

    def hook(self, moe: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Any]) -> Any:
        """Add what the copies change to the mixture's output."""
        hidden, routing = output
        x, mask, dialect = (*inputs, None)[:3]
        hint = moe.hint(dialect, len(x))
        for key, rows in rows_by_key(len(x)).items():
            if key not in self:
                continue
            copy = self[key]
            share = routing.weights[rows]
            chosen = share.topk(moe.config.top_k, dim=-1).indices == copy.expert
            weight = share[:, copy.expert] * chosen.any(dim=-1)
            heard = moe.norm(x[rows]) + hint[rows].unsqueeze(1)
            change = copy(heard, moe.up[copy.expert].detach(), moe.down[copy.expert].detach())
            change = change * weight[:, None, None] * mask[rows].unsqueeze(-1)
            hidden = add_rows(hidden, rows, change)
        return hidden, routing
