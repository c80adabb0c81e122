"""What of an imported F5-TTS or DiaMoE-TTS network can begin one of ours, tensor by tensor."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from diamoe.errors import ConfigError
from diamoe.model.dit import DiT, DiTConfig
from diamoe.model.released import ReleasedConfig, ReleasedDiT


@dataclass(frozen=True)
class Takeover:
    """What was taken over, what of ours begins anew, and what of theirs has no place."""

    taken: tuple[str, ...]
    """Our tensors that hold imported weights."""
    anew: tuple[str, ...]
    """Our tensors that begin from random values."""
    left: tuple[str, ...]
    """Imported tensors that have no counterpart: characters, position convolutions, experts."""
    parameters: int
    """Parameters in `taken`."""
    total: int
    """Parameters of our network."""
    notes: tuple[str, ...] = ()
    """What means something else in our network, so that training has to mend it."""

    def text(self) -> str:
        """A line for the log."""
        share = f"{self.parameters:,} of {self.total:,} parameters ({len(self.taken)} tensors)"
        notes = "".join(f"; {note}" for note in self.notes)
        return f"taken over: {share}; {len(self.anew)} tensors begin anew{notes}"


def take_over(theirs: ReleasedDiT, ours: DiT) -> Takeover:
    """Copy into `ours` every tensor of `theirs` that means the same there.

    Attention, feed-forward, flow time, time modulation, the ConvNeXt blocks over text and the
    input projection's columns for mel, prompt and text have the same meaning in both. The output
    projection has it where ours predicts a velocity, too.

    Raises:
        ConfigError: the sizes differ; each is named.
    """
    _check_sizes(theirs.config, ours.config)
    source, own = theirs.state_dict(), ours.state_dict()
    taken: dict[str, Tensor] = {}
    used: set[str] = set()
    for name, tensor, names in _pairs(source, own, ours.config):
        taken[name] = tensor
        used |= set(names)
    ours.load_state_dict({**own, **taken})
    return Takeover(
        taken=tuple(taken),
        anew=tuple(name for name in own if name not in taken),
        left=tuple(name for name in source if name not in used),
        parameters=sum(t.numel() for t in taken.values()),
        total=sum(p.numel() for p in ours.parameters()),
        notes=tuple(_notes(theirs.config, ours.config)),
    )


def _check_sizes(theirs: ReleasedConfig, ours: DiTConfig) -> None:
    sizes = {
        "dim": (theirs.dim, ours.dim),
        "depth": (theirs.depth, ours.depth),
        "heads": (theirs.heads, ours.heads),
        "width of a head": (theirs.head_dim, ours.dim // ours.heads),
        "expansion": (theirs.expansion, ours.expansion),
        "text_dim": (theirs.text_dim, ours.text_dim),
        "text_depth": (theirs.text_depth, ours.text_depth),
        "n_mels": (theirs.n_mels, ours.n_mels),
        "frames of a position (patch)": (1, ours.patch),
    }
    wrong = [f"{name} is {a} there and {b} here" for name, (a, b) in sizes.items() if a != b]
    if ours.modulation != "block":
        wrong.append(f"modulation is block there and {ours.modulation} here")
    if wrong:
        raise ConfigError(
            f"init: the imported network is of another size than model: {'; '.join(wrong)} "
            "(model=seed has the size of F5-TTS Base and DiaMoE-TTS)"
        )


def _pairs(
    source: dict[str, Tensor], own: dict[str, Tensor], config: DiTConfig
) -> Iterator[tuple[str, Tensor, list[str]]]:
    """Our tensors, what they become, and what of theirs that is made of."""
    for name in own:
        same = name.replace("text_encoder.blocks.", "text.blocks.", 1)
        alike = ("time.", "blocks.", "text_encoder.blocks.", "project_in.bias")
        if name.startswith(alike) and same in source and source[same].shape == own[name].shape:
            yield name, source[same], [same]
    for name, part in (("modulation.weight", "weight"), ("modulation_offsets", "bias")):
        names = [f"modulations.{i}.{part}" for i in range(config.depth)]
        rows = torch.stack([source[n] for n in names])
        yield name, rows.reshape(own[name].shape), names
    for part in ("weight", "bias"):  # theirs scales, then shifts; ours the other way round
        scale, shift = source[f"modulation_out.{part}"].chunk(2)
        yield f"modulation_out.{part}", torch.cat((shift, scale)), [f"modulation_out.{part}"]
    mels = 2 * config.n_mels
    columns = source["project_in.weight"]
    known = torch.zeros_like(columns[:, :1])  # ours is also told which frames are known
    joined = torch.cat((columns[:, :mels], known, columns[:, mels:]), dim=1)
    yield "project_in.weight", joined, ["project_in.weight"]
    if config.prediction == "velocity":
        for name in ("project_out.weight", "project_out.bias"):
            yield name, source[name], [name]


def _notes(theirs: ReleasedConfig, ours: DiTConfig) -> Iterator[str]:
    if theirs.rotary_heads < theirs.heads:
        rest = theirs.heads - theirs.rotary_heads
        yield f"{rest} of {theirs.heads} heads knew no positions there and do here"
    if theirs.qk_norm:
        yield "queries and keys were normalised there and are not here"
    if ours.prediction != "velocity":
        yield (
            "the output projection begins anew, since the network predicts the mel "
            "(model.prediction=velocity takes it over)"
        )
