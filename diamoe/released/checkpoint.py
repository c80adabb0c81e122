"""Checkpoint files: opened without running anything they hold, and told apart."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from diamoe.errors import CheckpointError

Which = Literal["auto", "ema", "model"]
"""Averaged weights where there are any, only them, or only the plain ones."""

_EMA, _PLAIN = "ema_model_state_dict", "model_state_dict"
_PREFIX = "ema_model."
_COUNTERS = ("initted", "step", "update")
_LEFTOVERS = re.compile(r"^mel_spec\.mel_stft\.|^transformer\.moe\.dialect_classifier\.")
"""Buffers of the mel transform and training's classifier: no part of the network."""


@dataclass(frozen=True)
class Checkpoint:
    """Tensors of one network under the names that the original code gives them."""

    file: Path
    weights: dict[str, Tensor]
    averaged: bool
    """True for the moving average (EMA) of training."""
    left_out: tuple[str, ...] = ()
    """Tensors in the file that are no part of the network."""


def read_checkpoint(file: str | Path, which: Which = "auto") -> Checkpoint:
    """Read a `.pt` or `.safetensors` file; what it is decides its content, not its name.

    Raises:
        CheckpointError: the file is missing, truncated, holds pickled code, or holds no network
            (or not the weights that `which` asks for).
    """
    file = Path(file)
    content = _open(file)
    averaged, weights = _choose(file, content, which)
    if not all(isinstance(value, Tensor) for value in weights.values()):
        odd = next(k for k, v in weights.items() if not isinstance(v, Tensor))
        raise CheckpointError(f"{file}: {odd!r} is {type(weights[odd]).__name__}, not a tensor")
    left_out = tuple(name for name in weights if _LEFTOVERS.match(name))
    kept = {k: v for k, v in weights.items() if k not in left_out and k not in _COUNTERS}
    return Checkpoint(file, kept, averaged, left_out)


def _open(file: Path) -> Mapping[str, Any]:
    try:
        with file.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise CheckpointError(f"cannot read {file}: {error}") from error
    if head[8:9] == b"{":  # eight bytes of length, then JSON
        try:
            return load_file(str(file))
        except SafetensorError as error:
            raise CheckpointError(f"{file}: truncated or corrupt ({error})") from error
    try:
        content = torch.load(
            file, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(file)
        )
    except pickle.UnpicklingError as error:
        raise CheckpointError(_describe_refusal(file, str(error))) from error
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError, LookupError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{file}: truncated or corrupt ({reason})") from error
    if not isinstance(content, Mapping):
        raise CheckpointError(f"{file}: expected a mapping of tensors, found {type(content)}")
    return content


def _describe_refusal(file: Path, message: str) -> str:
    code = re.search(r"GLOBAL ([\w.]+)|global ([\w.]+)", message)
    if code is None:
        return f"{file}: truncated or corrupt, or more than tensors, which are all that is read"
    return (
        f"{file}: it holds pickled code ({code[1] or code[2]}), which is not run; "
        "save its state dict alone, or as safetensors"
    )


def _choose(file: Path, content: Mapping[str, Any], which: Which) -> tuple[bool, Mapping[str, Any]]:
    """Whether the weights are averaged, and the weights themselves."""
    bare = {k: v for k, v in content.items() if isinstance(v, Tensor) and k not in _COUNTERS}
    if bare:
        averaged = next(iter(bare)).startswith(_PREFIX)
        found = {_EMA if averaged else _PLAIN: bare}
    else:
        found = {k: v for k, v in content.items() if k in (_EMA, _PLAIN)}
    wanted = {"auto": (_EMA, _PLAIN), "ema": (_EMA,), "model": (_PLAIN,)}[which]
    for kind in wanted:
        if isinstance(found.get(kind), Mapping):
            return kind == _EMA, {k.removeprefix(_PREFIX): v for k, v in found[kind].items()}
    keys = ", ".join(map(str, list(content)[:8])) or "nothing"
    raise CheckpointError(f"{file}: no {' or '.join(wanted)} in it; it holds {keys}")
