"""LoRA through peft: which linear layers an adapter changes, how much, and for which rows."""

import warnings
from typing import Any

from torch import Tensor, nn

from diamoe.errors import AdapterError
from diamoe.model.adapters import add_rows, rows_by_key

RANKS = (16, 12, 8, 6, 4, 3, 2, 1)
"""Ranks that are tried, the largest first, until the adapter is within its share."""
SCALE = 2
"""LoRA's alpha, as a multiple of the rank."""


def ranks_of(rank: int, once: int) -> dict[str, int]:
    """The rank of every layer that LoRA changes, by how its name ends.

    Args:
        rank: that of attention; feed-forwards have a quarter of it.
        once: that of the output projection; the other layers that a model has once have a part.

    >>> ranks_of(1, 16)["dit.project_out"], ranks_of(16, 16)["feed_forward.0"]
    (16, 4)
    """
    return {
        "attention.query_key_value": rank,
        "attention.out": rank,
        "feed_forward.0": max(1, rank // 4),
        "feed_forward.2": max(1, rank // 4),
        "dit.project_in": max(rank, once // 2),
        "dit.modulation_out": max(1, once // 8),
        "dit.project_out": once,
    }


def attach_lora(model: nn.Module, key: str, ranks: dict[str, int]) -> None:
    """Put LoRA of this key into a model; its second factor is zero, so nothing changes yet.

    Raises:
        AdapterError: peft is not installed.
    """
    try:
        import peft
    except ImportError as error:
        raise AdapterError(f"adapters need peft: pip install 'diamoe[train]' ({error})") from error
    config = peft.LoraConfig(
        target_modules=list(ranks),
        rank_pattern=ranks,
        alpha_pattern={name: SCALE * size for name, size in ranks.items()},
        lora_dropout=0.0,
    )
    with warnings.catch_warnings():  # a second adapter is what we want
        warnings.simplefilter("ignore")
        peft.inject_adapter_in_model(config, model, adapter_name=key)
    for layer in lora_layers(model):
        if not layer.disable_adapters:  # fresh: peft is to leave the rows to us
            layer.enable_adapters(False)
            layer.register_forward_hook(_change_rows)


def _change_rows(layer: Any, inputs: tuple[Tensor], output: Tensor) -> Tensor:
    """What the base's layer gave, with the change of every row's adapter.

    peft's own way for several adapters copies every row, which makes a step a quarter slower.
    """
    x = inputs[0]
    for key, rows in rows_by_key(len(x)).items():
        if key in layer.lora_A:
            part = x if len(rows) == len(x) else x[rows]
            change = layer.lora_B[key](layer.lora_A[key](part)) * layer.scaling[key]
            output = add_rows(output, rows, change)
    return output


def detach_lora(model: nn.Module, key: str) -> None:
    """Take LoRA of this key out of a model."""
    with warnings.catch_warnings():  # peft speaks of an active adapter; we have none
        warnings.simplefilter("ignore")
        for layer in lora_layers(model):
            layer.delete_adapter(key)


def lora_layers(model: nn.Module) -> list[Any]:
    """The layers of a model that LoRA has taken over: `peft.tuners.lora.Linear`."""
    return [module for module in model.modules() if hasattr(module, "lora_A")]


def lora_size(model: nn.Module, ranks: dict[str, int]) -> int:
    """Parameters that LoRA would have in a model without adapters."""
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in model.named_modules()
        for end, rank in ranks.items()
        if isinstance(module, nn.Linear) and name.endswith(end)
    )
