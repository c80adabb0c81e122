"""What computes the velocity field: PyTorch as it is, compiled, in eight bits, or ONNX Runtime."""

import copy
import os
import shutil
import warnings
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from diamoe.cancelling import check_cancelled
from diamoe.errors import ConfigError, MissingBackend
from diamoe.flow.matching import AcousticModel
from diamoe.flow.released import ReleasedModel
from diamoe.flow.sampling import VelocityModel
from diamoe.model.adapters import current_adapters
from diamoe.model.dit import Conditioning, DiT

Engine = Literal["torch", "compile", "int8", "onnx"]
"""`torch` runs every model; the others our own networks without adapters."""


def velocity(model: AcousticModel | ReleasedModel, engine: Engine) -> VelocityModel:
    """The velocity field of a model as an engine computes it.

    Raises:
        ConfigError: no such engine, or it cannot run this model.
        MissingBackend: a library or a compiler that it needs is not there.
    """
    if engine not in get_args(Engine):
        raise ConfigError(f"engine must be one of {', '.join(get_args(Engine))}, found {engine!r}")
    if engine == "torch":
        return model.dit
    if not isinstance(model, AcousticModel):
        raise ConfigError(f"engine {engine}: it runs our own networks, not imported ones")
    place = next(model.parameters()).device
    if engine in ("onnx", "int8") and place.type != "cpu":
        raise ConfigError(f"engine {engine} computes on the processor, found device {place}")
    if engine == "onnx":
        from diamoe.synthesis.onnx_field import OnnxField, export_field

        with TemporaryDirectory() as folder:
            return _alone(OnnxField(export_field(model.dit, f"{folder}/velocity.onnx")), engine)
    return _alone(
        _compiled(model.dit) if engine == "compile" else _in_eight_bits(model.dit), engine
    )


def _compiled(network: DiT) -> DiT:
    """Its blocks fused by torch.compile for any length, at their first call; on a GPU each length
    becomes a CUDA graph besides."""
    if not (os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")):
        raise MissingBackend(
            "engine compile needs a C++ compiler: g++, clang++, or one that CXX names"
        )
    network = copy.deepcopy(network)
    for module in network.modules():
        module._forward_pre_hooks.clear()  # what looks for cancelling cannot be compiled
    on_gpu = next(network.parameters()).is_cuda
    network._blocks = torch.compile(  # type: ignore[method-assign]
        network._blocks, dynamic=True, mode="reduce-overhead" if on_gpu else None
    )
    return network


def _in_eight_bits(network: nn.Module) -> nn.Module:
    """Weights of linear layers in eight bits, what goes into them rounded at each call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own advice to move to another package
        return torch.ao.quantization.quantize_dynamic(network, {nn.Linear}, dtype=torch.qint8)


def _alone(field: VelocityModel, engine: Engine) -> VelocityModel:
    """The field for models without adapters; it stops between two calls where it is cancelled."""

    def checked(x: Tensor, time: Tensor, conditioning: Conditioning) -> Tensor:
        check_cancelled()
        if any(current_adapters()):
            raise ConfigError(f"engine {engine}: it knows no adapters; engine torch does")
        return field(x, time, conditioning)

    return checked
