"""Adapters put into a model and taken out of it, and what of a model is an adapter's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

import torch
from torch import Tensor, nn

from diamoe.adaptation.lora import RANKS, attach_lora, detach_lora, lora_size, ranks_of
from diamoe.bundle import misfits
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticModel
from diamoe.model.adapters import (
    AdaptedEmbedding,
    AdapterRef,
    ConditioningAdapter,
    ConditioningAdapters,
    ExpertCopies,
    ExpertCopy,
    RowDeltas,
)
from diamoe.model.layers import ConvNeXtBlock
from diamoe.model.text_encoder import PhoneEmbedding
from diamoe.text.vocabulary import PhoneVocabulary

SHARE = 0.01
"""Largest share of the base's parameters that a rank chosen by itself makes trainable."""

Route = Literal["id", "parent", "expert"]
"""How the mixture hears of the dialect: a changed row of its own id (`id`), the id of a related
dialect as it is (`parent`), or an id and a copied expert (`expert`)."""


@dataclass(frozen=True)
class AdapterShape:
    """What decides the tensors of an adapter."""

    rank: int = 16
    """Rank of LoRA in attention; that of other layers follows (`ranks_of`)."""
    bottleneck: int = 0
    """Width inside the conditioning adapters; 0 takes a sixteenth of each block's width."""
    route: Route = "id"
    """See `Route`."""
    expert: int = -1
    """Which expert is copied, where one is."""
    segments: list[str] = field(default_factory=list)
    """Segments whose embedding rows change: those of the adapter's data."""
    prosodies: list[str] = field(default_factory=list)
    """Prosodies whose embedding rows change."""
    once: int = 16
    """Rank of LoRA in the output projection; see `ranks_of`."""


def attach(
    model: AcousticModel, ref: AdapterRef, shape: AdapterShape, vocabulary: PhoneVocabulary
) -> None:
    """Put a fresh adapter into a model; it changes nothing yet. All parameters are left frozen.

    Args:
        model: our own network, bare or with other adapters.
        ref: its name, dialect and dialect id.
        shape: its sizes.
        vocabulary: the model's phones.

    Raises:
        AdapterError: the model has an adapter of this name, or lacks what the shape names.
    """
    if ref.name in adapter_names(model):
        raise AdapterError(f"there is an adapter {ref.name!r} already; names must differ")
    for block in list(model.modules()):
        if isinstance(block, ConvNeXtBlock):
            _attach_conditioning(block, ref.key, shape.bottleneck)
    _attach_phones(model, ref.key, shape, vocabulary)
    _attach_dialect(model, ref, shape.route)
    if shape.route == "expert":
        _attach_expert(model, ref.key, shape.expert)
    attach_lora(model, ref.key, ranks_of(shape.rank, shape.once))
    model.requires_grad_(False).eval()


def _attach_conditioning(block: ConvNeXtBlock, key: str, bottleneck: int) -> None:
    if block.adapter is None:
        block.adapter = ConditioningAdapters()
    dim = block.depthwise.in_channels
    adapter = ConditioningAdapter(dim, bottleneck)
    adapters = cast(ConditioningAdapters, block.adapter)
    adapters[key] = adapter.to(block.depthwise.weight.device)


def _attach_phones(
    model: AcousticModel, key: str, shape: AdapterShape, vocabulary: PhoneVocabulary
) -> None:
    for kind, known, wanted in (
        ("segment", vocabulary.segments, shape.segments),
        ("prosody", vocabulary.prosodies, shape.prosodies),
    ):
        strange = sorted(set(wanted) - set(known))
        if strange:
            raise AdapterError(f"the model's vocabulary has no {kind} {' '.join(strange)}")
        indices = [known.index(name) for name in wanted]
        for module in list(model.modules()):
            if isinstance(module, PhoneEmbedding):
                _adapted(module, kind).changes[key] = RowDeltas(getattr(module, kind), indices)


def _attach_dialect(model: AcousticModel, ref: AdapterRef, route: Route) -> None:
    """The dialect's row: in the mixture unless its routing is borrowed, and in the durations."""
    owners: list[nn.Module] = [model.duration]
    if route != "parent" and model.dit.moe is not None:
        owners.append(model.dit.moe)
    for owner in owners:
        embedding = _adapted(owner, "dialect")
        embedding.changes[ref.key] = RowDeltas(embedding, [ref.place])


def _adapted(owner: nn.Module, name: str) -> AdaptedEmbedding:
    embedding = getattr(owner, name)
    if not isinstance(embedding, AdaptedEmbedding):
        embedding = AdaptedEmbedding(embedding)
        setattr(owner, name, embedding)
    return embedding


def _attach_expert(model: AcousticModel, key: str, expert: int) -> None:
    moe = model.dit.moe
    if moe is None or not 0 <= expert < len(moe.up):
        raise AdapterError(f"no expert {expert} to copy: the base has {moe and len(moe.up)}")
    if (moe.config.kind, moe.config.gating) != ("mlp", "utterance"):
        raise AdapterError(
            f"route=expert copies mlp experts that utterances choose; the base has "
            f"{moe.config.kind} experts chosen by {moe.config.gating}"
        )
    copies = getattr(moe, "copies", None)
    if copies is None:
        copies = ExpertCopies()
        moe.copies = copies
        moe.register_forward_hook(copies.hook)
    copies[key] = ExpertCopy(moe.up[expert], moe.down[expert], expert)


def adapter_names(model: nn.Module) -> list[str]:
    """The adapters in a model, in the order in which they came."""
    keys = (k for m in model.modules() if isinstance(m, ConditioningAdapters) for k in m)
    return [key[1:] for key in dict.fromkeys(keys) if key.startswith("@")]


def detach(model: AcousticModel, ref: AdapterRef) -> None:
    """Take an adapter out of a model; what stays computes what it did."""
    for module in list(model.modules()):
        if isinstance(module, ConditioningAdapters | ExpertCopies) and ref.key in module:
            del module[ref.key]
        elif isinstance(module, AdaptedEmbedding) and ref.key in module.changes:
            del module.changes[ref.key]
    detach_lora(model, ref.key)


def adapter_parameters(model: nn.Module, ref: AdapterRef) -> dict[str, nn.Parameter]:
    """The adapter's own parameters by the names they are kept under (without the key)."""
    return dict(_own(model.named_parameters(), ref.key))


def _own(named: Iterator[tuple[str, nn.Parameter]], key: str) -> Iterator[tuple[str, nn.Parameter]]:
    for name, parameter in named:
        parts = name.split(".")
        if key in parts:
            yield ".".join(part for part in parts if part != key), parameter


def load_parameters(model: nn.Module, ref: AdapterRef, tensors: dict[str, Tensor]) -> None:
    """Give an attached adapter the values of another time.

    Raises:
        AdapterError: tensors are missing, superfluous or misshapen.
    """
    own = adapter_parameters(model, ref)
    if faults := misfits(own, tensors):
        raise AdapterError(f"{ref.name}: {faults}")
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(tensors[name])


def fitted(model: AcousticModel, shape: AdapterShape, vocabulary: PhoneVocabulary) -> AdapterShape:
    """The shape with the largest ranks whose adapter has at most `SHARE` of the base's parameters:
    attention gives way first, then the layers that a model has once; 1 is the least."""
    base = sum(p.numel() for p in model.parameters())
    others = adapter_size(model, shape, vocabulary)
    choices = [(rank, shape.once) for rank in RANKS]
    choices += [(1, once) for once in RANKS if once < shape.once]
    for rank, once in choices:
        if lora_size(model, ranks_of(rank, once)) + others <= SHARE * base:
            break
    return replace(shape, rank=rank, once=once)


def adapter_size(model: AcousticModel, shape: AdapterShape, vocabulary: PhoneVocabulary) -> int:
    """Parameters of an adapter without its LoRA part."""
    blocks = [m.depthwise.in_channels for m in model.modules() if isinstance(m, ConvNeXtBlock)]
    with torch.device("meta"):
        adapters = [ConditioningAdapter(dim, shape.bottleneck) for dim in blocks]
    size = sum(p.numel() for adapter in adapters for p in adapter.parameters())
    rows = len(shape.segments) + len(shape.prosodies)
    embeddings = [m for m in model.modules() if isinstance(m, PhoneEmbedding)]
    size += sum(rows * m.segment.embedding_dim for m in embeddings)
    moe = model.dit.moe
    size += model.duration.dialect.embedding_dim
    if moe is not None and shape.route != "parent":
        size += moe.dialect.embedding_dim
    if moe is not None and shape.route == "expert":
        size += moe.up[0].numel() + moe.down[0].numel()
    return size


def grow(model: AcousticModel, old: PhoneVocabulary, tokens: Sequence[str]) -> PhoneVocabulary:
    """Make room for phones that the model's vocabulary lacks; what it knew stays as it is.

    A new segment starts as the mean of all segments: a phone of no particular sound, for an
    adapter to learn. Returns the longer vocabulary.
    """
    new = PhoneVocabulary(old.tokens + tuple(t for t in tokens if t not in old))
    if new == old:
        return old
    segment_of, prosody_of = new.factors()
    device = model.silent.device
    for module in list(model.modules()):
        if isinstance(module, PhoneEmbedding):
            _widen(module.segment, len(new.segments))
            _widen(module.prosody, len(new.prosodies))
            module.segment_of = torch.tensor(segment_of, device=device)
            module.prosody_of = torch.tensor(prosody_of, device=device)
    added = torch.zeros(len(new) - len(old), dtype=torch.bool, device=device)
    model.silent = torch.cat((model.silent, added))
    model.pausing = torch.cat((model.pausing, added))
    return new


def _widen(embedding: nn.Embedding, size: int) -> None:
    extra = size - embedding.num_embeddings
    if extra <= 0:
        return
    weight = embedding.weight.data
    rows = weight.mean(dim=0, keepdim=True).expand(extra, -1)
    embedding.weight = nn.Parameter(torch.cat((weight, rows)), requires_grad=False)
    embedding.num_embeddings = size
    for change in getattr(embedding, "changes", {}).values():
        change.place = torch.cat((change.place, change.place.new_full((extra,), len(change.delta))))
