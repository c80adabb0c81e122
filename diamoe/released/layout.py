"""From the original's tensors to ours: every name, every shape, nothing left over."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from diamoe.errors import CheckpointError
from diamoe.model.layers import Rotary
from diamoe.model.released import ReleasedConfig, ReleasedDiT

SHOWN = 20
"""Faults that a message lists; the rest is counted."""

_ROTARY = "rotary_embed.inv_freq"
_ROOT = "transformer."
_LORA = re.compile(r"^(.+)\.lora_([AB])$")
_CONVNEXT = {"up": "pwconv1", "down": "pwconv2", "depthwise": "dwconv", "norm": "norm"}
_ADAPTER = {
    "local": "dw_conv",
    "narrow": "pw_conv1",
    "widen": "pw_conv2",
    "squeeze": "se.1",
    "excite": "se.3",
}
_BLOCK = {
    "attention.out": "attn.to_out.0",
    "attention.query_norm": "attn.q_norm",
    "attention.key_norm": "attn.k_norm",
    "feed_forward.0": "ff.ff.0.0",
    "feed_forward.2": "ff.ff.2",
}
_TOP = {
    "time.mlp": "time_embed.time_mlp",
    "text.embedding": "text_embed.text_embed",
    "project_in": "input_embed.proj",
    "position": "input_embed.conv_pos_embed.conv1d",
    "moe.gate": "moe.gate.linear",
    "long_skip": "long_skip_connection",
    "modulation_out": "norm_out.linear",
    "project_out": "proj_out",
}
_EXPERTS = {
    "up": "net.0.weight",
    "up_bias": "net.0.bias",
    "down": "net.2.weight",
    "down_bias": "net.2.bias",
}

Join = Literal["same", "concatenate", "stack"]


@dataclass(frozen=True)
class Source:
    """Where one of our tensors comes from: names of the original's, and how they are joined.

    `concatenate` puts rows one after the other (queries, keys, values); `stack` makes a new first
    axis (experts), each tensor transposed, which leaves vectors as they are.
    """

    names: tuple[str, ...]
    join: Join = "same"

    def shape(self, joined: torch.Size) -> tuple[int, ...]:
        """The shape of each original tensor."""
        if self.join == "concatenate":
            return (joined[0] // len(self.names), *joined[1:])
        return tuple(reversed(joined[1:])) if self.join == "stack" else tuple(joined)

    def make(self, weights: Mapping[str, Tensor]) -> Tensor:
        """Our tensor."""
        parts = [weights[name] for name in self.names]
        if self.join == "concatenate":
            return torch.cat(parts)
        if self.join == "stack":
            return torch.stack([p.mT if p.ndim > 1 else p for p in parts])
        return parts[0].clone()


def source_of(name: str, config: ReleasedConfig) -> Source:
    """Where our tensor `name` comes from.

    >>> source_of("blocks.0.feed_forward.2.bias", ReleasedConfig()).names
    ('transformer.transformer_blocks.0.ff.ff.2.bias',)
    """
    stem, _, last = name.rpartition(".")
    if match := re.match(r"text\.blocks\.(\d+)\.(.+)", name):
        return Source((f"{_ROOT}text_embed.text_blocks.{match[1]}.{_text_block(match[2])}",))
    if match := re.match(r"blocks\.(\d+)\.(.+)\.(weight|bias)$", name):
        block = f"{_ROOT}transformer_blocks.{match[1]}"
        if match[2] == "attention.query_key_value":
            parts = tuple(f"{block}.attn.to_{part}.{last}" for part in "qkv")
            return Source(parts, "concatenate")
        return Source((f"{block}.{_BLOCK[match[2]]}.{last}",))
    if match := re.match(r"modulations\.(\d+)\.", name):
        return Source((f"{_ROOT}transformer_blocks.{match[1]}.attn_norm.linear.{last}",))
    if match := re.match(r"moe\.experts\.(\d+)\.(.+)", name):
        return Source((f"{_ROOT}moe.experts.{match[1]}.encoder.{match[2]}",))
    if stem == "moe.experts":
        experts = range(config.experts.count)
        return Source(tuple(f"{_ROOT}moe.experts.{e}.{_EXPERTS[last]}" for e in experts), "stack")
    ours = next(prefix for prefix in _TOP if name.startswith(prefix + "."))
    return Source((_ROOT + _TOP[ours] + name.removeprefix(ours),))


def _text_block(name: str) -> str:
    if name in ("gamma", "beta"):
        return f"grn.{name}"
    parts = name.split(".")
    if parts[0] == "depthwise" and parts[1] in _ADAPTER:
        return ".".join(("adapter", _ADAPTER[parts[1]], *parts[2:]))
    return ".".join((_CONVNEXT[parts[0]], *parts[1:]))


def convert(
    file: Path, config: ReleasedConfig, weights: Mapping[str, Tensor], alpha: float = 1.0
) -> dict[str, Tensor]:
    """The state dict of `ReleasedDiT(config)` from the original's tensors.

    Low-rank matrices are merged: W + alpha / rank B A.

    Raises:
        CheckpointError: names every tensor that is missing, superfluous, misshapen, not of
            floating point, or not finite.
    """
    with torch.device("meta"):
        own = ReleasedDiT(config).state_dict()
    sources = {name: source_of(name, config) for name in own}
    expected = {n: s.shape(own[name].shape) for name, s in sources.items() for n in s.names}
    linear = {n for n, shape in expected.items() if len(shape) == 2}
    expected |= _unused(config)
    expected |= _low_rank(weights, expected)
    faults = list(_faults(expected, weights))
    if faults:
        rest = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise CheckpointError(
            f"{file}: {len(faults)} tensors do not fit: {'; '.join(faults[:SHOWN])}{rest}"
        )
    _check_rotary(file, config, weights[_ROOT + _ROTARY])
    merged = {name: _merge(name, weights, alpha) for name in expected if name in linear}
    return {name: source.make({**weights, **merged}) for name, source in sources.items()}


def _unused(config: ReleasedConfig) -> dict[str, tuple[int, ...]]:
    """Tensors that the files hold and the network does not need: rotary rates, which are computed,
    and the adapters' norms, which the original never calls."""
    shapes: dict[str, tuple[int, ...]] = {_ROOT + _ROTARY: (config.head_dim // 2,)}
    for i in range(config.text_depth if config.adapter.width else 0):
        for last in ("weight", "bias"):
            name = f"{_ROOT}text_embed.text_blocks.{i}.adapter.norm.{last}"
            shapes[name] = (config.text_dim,)
    return shapes


def _low_rank(
    weights: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Shapes of the low-rank pairs of the linear layers that have one of the two."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name in weights:
        match = _LORA.match(name)
        full = expected.get(f"{match[1]}.weight", ()) if match else ()
        if match and len(full) == 2:
            present = weights.get(f"{match[1]}.lora_A", weights[name])
            rank = present.shape[0 if present is not weights[name] or match[2] == "A" else -1]
            shapes[f"{match[1]}.lora_A"] = (rank, full[1])
            shapes[f"{match[1]}.lora_B"] = (full[0], rank)
    return shapes


def _faults(
    expected: Mapping[str, tuple[int, ...]], weights: Mapping[str, Tensor]
) -> Iterator[str]:
    yield from (f"missing {name}" for name in expected if name not in weights)
    yield from (f"unknown {name}" for name in weights if name not in expected)
    for name, shape in expected.items():
        if name not in weights:
            continue
        tensor = weights[name]
        if tuple(tensor.shape) != shape:
            yield f"{name} is {tuple(tensor.shape)}, not {shape}"
        elif not tensor.is_floating_point():
            yield f"{name} is {tensor.dtype}, not floating point"
        elif not tensor.isfinite().all():
            yield f"{name} is not finite"


def _check_rotary(file: Path, config: ReleasedConfig, rates: Tensor) -> None:
    ours = Rotary(config.head_dim).rates
    if not torch.allclose(rates.float(), ours, rtol=1e-2):
        raise CheckpointError(
            f"{file}: {_ROOT}{_ROTARY} are not the rates of rotary positions over base 10000, "
            "which this network computes"
        )


def _merge(name: str, weights: Mapping[str, Tensor], alpha: float) -> Tensor:
    stem, weight = name.removesuffix(".weight"), weights[name]
    if f"{stem}.lora_A" not in weights:
        return weight
    down, up = weights[f"{stem}.lora_A"].float(), weights[f"{stem}.lora_B"].float()
    return (weight.float() + alpha / len(down) * (up @ down)).to(weight.dtype)
