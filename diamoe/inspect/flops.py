"""Arithmetic: how much a model does, and how much this machine can do."""

import time
from importlib import resources

import torch
import yaml
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from diamoe.config import build
from diamoe.errors import ConfigError
from diamoe.flow.matching import AcousticConfig, AcousticModel, Batch
from diamoe.model.dit import DiTConfig
from diamoe.text.vocabulary import PhoneVocabulary

FRAMES_A_PHONE = 8
"""Frames of a phone, about 11 phones a second."""


def model_config(name: str) -> AcousticConfig:
    """The architecture `conf/model/NAME.yaml`.

    Raises:
        ConfigError: there is none of that name.
    """
    folder = resources.files("conf") / "model"
    names = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml"))
    if name not in names:
        raise ConfigError(f"model: {name!r}; known sizes: {', '.join(names)}")
    settings = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return AcousticConfig(build(DiTConfig, settings, f"model {name}"))


def make_model(name: str, device: str) -> AcousticModel:
    """A model of that size with random weights; on `meta` it has shapes alone."""
    with torch.device(device):
        return AcousticModel(model_config(name), PhoneVocabulary.default())


def random_batch(
    rows: int, frames: int, config: DiTConfig, vocabulary: PhoneVocabulary, device: str
) -> Batch:
    """Utterances of one length made of noise, a phone every `FRAMES_A_PHONE` frames."""
    generator = torch.Generator().manual_seed(0)
    tokens = max(2, frames // FRAMES_A_PHONE)
    durations = torch.full((rows, tokens), frames // tokens)
    durations[:, -1] += frames - durations[0].sum()

    def whole(high: int, *shape: int) -> Tensor:
        return torch.randint(high, shape, generator=generator)

    batch = Batch(
        mel=torch.randn(rows, frames, config.n_mels, generator=generator),
        frames=torch.full((rows,), frames),
        ids=whole(len(vocabulary), rows, tokens),
        tokens=torch.full((rows,), tokens),
        durations=durations,
        dialect=whole(config.dialects, rows),
    )
    return batch.to(torch.device(device))


def forward_flops(model: AcousticModel, batch: Batch) -> dict[str, int]:
    """Floating-point operations of the text side and of one evaluation of the velocity field."""
    from diamoe.model.dit import Conditioning

    text = FlopCounterMode(display=False)
    mask = batch.frame_mask
    with torch.no_grad(), text:
        hidden, _ = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        framed = model.dit.frame_text(hidden, batch.durations, mask)
    field = FlopCounterMode(display=False)
    conditioning = Conditioning(framed, batch.mel, torch.zeros_like(mask), mask, full=True)
    with torch.no_grad(), field:
        model.dit(batch.mel, batch.mel.new_zeros(len(batch.mel)), conditioning)
    return {"text": text.get_total_flops(), "field": field.get_total_flops()}


def matmul_rate(dtype: torch.dtype, device: str = "cpu", seconds: float = 1.0) -> float:
    """Floating-point operations a second that a matrix product reaches here: the best of several
    of (rows, 1024) with (1024, 4096), of ever more rows up to 2048 as long as there is time.

    Few rows come first, for a processor that has no instructions for `dtype` takes a minute for a
    product of all of them.
    """
    b = torch.randn(1024, 4096, device=device, dtype=dtype)
    best, spent, rows = 0.0, 0.0, 8
    repeats = 1 if device == "cpu" else 50
    while spent < seconds:
        a = torch.randn(rows, 1024, device=device, dtype=dtype)
        settle(device)
        began = time.perf_counter()
        for _ in range(repeats):
            a @ b
        settle(device)
        took = time.perf_counter() - began
        best, spent = max(best, repeats * 2 * rows * b.numel() / took), spent + took
        rows = min(2 * rows, 2048)
    return best


def settle(device: str) -> None:
    """Wait until the device has done what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()
