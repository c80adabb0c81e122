"""In what the solver computes: bfloat16 where the processor multiplies it fast."""

from typing import Literal, get_args

import torch

from diamoe.errors import ConfigError
from diamoe.synthesis.engines import Engine

Precision = Literal["auto", "32", "bf16"]
"""`auto` takes bf16 where the processor multiplies it faster than float32."""


def compute_type(
    precision: Precision, engine: Engine = "torch", device: torch.device | None = None
) -> torch.dtype:
    """What the solver computes in; `int8` and `onnx` round their own way, so around them it is
    float32.

    Raises:
        ConfigError: the precision is none of those known, or the engine does not have it.

    >>> compute_type("32")
    torch.float32
    """
    if precision not in get_args(Precision):
        allowed = ", ".join(get_args(Precision))
        raise ConfigError(f"precision must be one of {allowed}, found {precision!r}")
    if engine in ("int8", "onnx"):
        if precision == "bf16":
            raise ConfigError(f"precision with engine {engine} must be auto or 32, found 'bf16'")
        return torch.float32
    if precision == "bf16" or (precision == "auto" and has_fast_bfloat16(device)):
        return torch.bfloat16
    return torch.float32


def has_fast_bfloat16(device: torch.device | None = None) -> bool:
    """Whether products of bfloat16 are faster than those of float32 on a device; without one, on
    this processor.

    With AMX they are, and with AMD's `avx512_bf16`; Intel's, without AMX, takes twice the time of
    float32. CUDA says for itself.
    """
    if device is not None and device.type != "cpu":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    # Not in every torch that is allowed.
    known: dict = getattr(torch.cpu, "get_capabilities", dict)()
    intel = str(known.get("cpu_name")).startswith("Intel")
    return bool(known.get("amx_bf16") or (known.get("avx512_bf16") and not intel))
