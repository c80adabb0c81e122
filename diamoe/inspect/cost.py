"""What a model size costs: parameters, arithmetic, memory, and hours of training."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError
from diamoe.flow.matching import AcousticModel, Batch
from diamoe.inspect.flops import forward_flops, make_model, matmul_rate, random_batch
from diamoe.model.dit import Conditioning
from diamoe.text.vocabulary import PhoneVocabulary

STATE_BYTES = 20
"""Bytes a parameter in training: weight, gradient, AdamW's two moments, average; float32."""
BACKWARD = 3
"""A training step does about three times the arithmetic of its forward pass."""


@dataclass(frozen=True)
class CostConfig:
    """Settings of `python -m diamoe.inspect cost`."""

    model: str = "seed"
    """Size: a name in conf/model."""
    seconds: float = 10.0
    """Length of the utterance that is counted."""
    batch_seconds: float = 300.0
    """Speech of a training batch, for the memory."""
    hours: float = 1000.0
    """Hours of speech to train on."""
    epochs: float = 100.0
    """How often all of it is heard."""
    rate: float = 0.0
    """Operations a second that training reaches; 0 takes `utilisation` of this CPU's measured
    bfloat16 matrix products."""
    utilisation: float = 0.5
    """Share of the matrix-product rate that training reaches, where `rate` is measured."""
    out: str = ""
    """JSON file for the figures; empty writes none."""

    def __post_init__(self) -> None:
        for name in ("seconds", "batch_seconds", "hours", "epochs", "utilisation"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"cost.{name}: expected more than 0, found {getattr(self, name)}")


def parameters(model: AcousticModel) -> dict[str, int]:
    """Parameters of every part, and of all."""
    parts = {name: part for name, part in model.dit.named_children()}
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}
    counts["modulation"] += model.dit.modulation_offsets.numel()
    counts["duration"] = sum(p.numel() for p in model.duration.parameters())
    return {name: n for name, n in counts.items() if n} | {"all": sum(counts.values())}


def saved_bytes(model: AcousticModel, batch: Batch, checkpointed: bool) -> int:
    """Bytes that one training step keeps for its backward pass, in float32, weights not counted.

    Nothing need be computed: fake tensors will do. Not those of the meta device, for which torch
    takes an attention that keeps a matrix of frames by frames, as neither CPUs nor GPUs do.
    """
    own = {p.untyped_storage()._cdata for p in model.parameters()}
    seen: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in own:
            seen[storage._cdata] = storage
        return tensor

    model.dit.activation_checkpointing = checkpointed
    mask = batch.frame_mask
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        framed = model.dit.frame_text(hidden, batch.durations, mask)
        conditioning = Conditioning(framed, batch.mel, torch.zeros_like(mask), mask)
        velocity = model.dit(batch.mel, batch.mel.new_zeros(len(batch.mel)), conditioning)
    del velocity
    model.dit.activation_checkpointing = False
    return sum(storage.nbytes() for storage in seen.values())


def run(config: CostConfig) -> dict[str, Any]:
    """Count, print, and write `out`."""
    model, vocabulary = make_model(config.model, "meta"), PhoneVocabulary.default()
    mel = MelConfig()
    frames = round(config.seconds * mel.frame_rate)
    batch = random_batch(1, frames, model.config.model, vocabulary, "meta")
    counts, flops = parameters(model), forward_flops(model, batch)
    rate = config.rate or config.utilisation * matmul_rate(torch.bfloat16)
    step = BACKWARD * (flops["text"] + flops["field"])
    state = STATE_BYTES * counts["all"]
    train_seconds = config.hours * 3600 / config.seconds * step * config.epochs / rate
    report = {
        "model": config.model,
        "parameters": counts,
        "flops_per_frame": flops["field"] / frames,
        "flops_text_per_second_of_speech": flops["text"] / config.seconds,
        "flops_training_per_second_of_speech": step / config.seconds,
        "bytes_inference_float32": 4 * counts["all"],
        "bytes_inference_float16": 2 * counts["all"],
        "bytes_training_state": state,
        "flops_per_second": rate,
        "training_hours": train_seconds / 3600,
        "speech_hours_per_hour": rate * config.seconds / step,
    }
    with FakeTensorMode():
        model = make_model(config.model, "cpu")
        batch = random_batch(1, frames, model.config.model, vocabulary, "cpu")
        for name, checkpointed in (("", False), ("_checkpointed", True)):
            kept = saved_bytes(model, batch, checkpointed) * config.batch_seconds / config.seconds
            report[f"bytes_activations{name}"] = round(kept)
    print(_text(report, config))
    if config.out:
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
        Path(config.out).write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


def _text(report: dict[str, Any], config: CostConfig) -> str:
    counts = report["parameters"]
    lines = [f"{name:16}{n / 1e6:10.2f} M" for name, n in counts.items()]
    gigabytes = {k: v / 2**30 for k, v in report.items() if k.startswith("bytes")}
    lines += [
        f"one evaluation: {report['flops_per_frame'] / 1e9:.2f} GFLOP a frame "
        f"(utterance of {config.seconds:g} s)",
        f"training: {report['flops_training_per_second_of_speech'] / 1e12:.2f} TFLOP a second "
        "of speech",
        f"weights: {gigabytes['bytes_inference_float32']:.2f} GiB in float32, "
        f"{gigabytes['bytes_inference_float16']:.2f} in float16",
        f"training: {gigabytes['bytes_training_state']:.2f} GiB for weights, gradients, AdamW and "
        f"average; at {config.batch_seconds:g} s of speech a batch about "
        f"{gigabytes['bytes_activations']:.2f} GiB of activations in float32 (half of it in "
        f"bfloat16), {gigabytes['bytes_activations_checkpointed']:.2f} with checkpointing",
        f"{config.epochs:g} times {config.hours:g} h of speech at "
        f"{report['flops_per_second'] / 1e12:.2f} TFLOP/s: {report['training_hours']:.3g} h "
        f"({report['speech_hours_per_hour']:.2f} h of speech an hour)",
    ]
    return "\n".join(lines)
