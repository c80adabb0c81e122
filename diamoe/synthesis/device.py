"""Where a bundle computes: on the processor, or on a GPU."""

import torch

from diamoe.errors import ConfigError


def compute_device(name: str) -> torch.device:
    """The device of a name: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto`, a GPU where there is one.

    Raises:
        ConfigError: there is no such device here.

    >>> compute_device("cpu")
    device(type='cpu')
    """
    known = available_devices()
    if name == "auto":
        return torch.device(known[-1] if len(known) > 1 else "cpu")
    kind, _, number = name.partition(":")
    last = torch.cuda.device_count() if kind == "cuda" else 1
    if kind not in known or (number and not (number.isdecimal() and int(number) < last)):
        raise ConfigError(f"device must be auto, {', '.join(known)}, found {name!r}")
    return torch.device(name)


def available_devices() -> list[str]:
    """Kinds of device that torch finds here, the processor first."""
    gpu = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ["cpu", *(kind for kind, there in gpu.items() if there)]
