"""`python -m diamoe.inspect speed` (`make bench`): ours against a plain implementation.

All ratios are taken in one run, the two sides in turns, on the same weights (`plain.py`).
"""

import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError
from diamoe.flow.matching import AcousticModel, Batch, FlowMatcher
from diamoe.flow.sampling import guided, sample, sway_times
from diamoe.inspect.flops import forward_flops, make_model, matmul_rate, random_batch, settle
from diamoe.inspect.plain import PlainDiT, plain_sample
from diamoe.model.dit import Conditioning
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.optimiser import OptimiserConfig


@dataclass(frozen=True)
class SpeedConfig:
    """Settings of `python -m diamoe.inspect speed`."""

    model: str = "seed"
    """Size: a name in conf/model."""
    device: str = "cpu"
    """cpu or cuda."""
    batch: int = 2
    """Utterances of a training batch."""
    seconds: float = 4.0
    """Length of an utterance."""
    steps: int = 8
    """Solver steps of a sample; bfloat16 pays for its copy of the weights once a sample."""
    rounds: int = 3
    """Times that each side is measured; the fastest counts."""
    compile: bool = False
    """Compile the transformer blocks with torch.compile; on a GPU the way to go."""
    plain: bool = True
    """Also measure the plain implementation."""
    memory_seconds: list[float] = field(default_factory=lambda: [5.0, 10.0, 20.0, 40.0])
    """On a GPU: utterance lengths whose peak memory is measured."""
    out: str = ""
    """JSON file for the figures; empty writes none."""

    def __post_init__(self) -> None:
        if self.device == "cuda" and not torch.cuda.is_available():
            raise ConfigError("device: cuda asked for, but torch finds no GPU here")
        for name in ("batch", "seconds", "steps", "rounds"):
            if not getattr(self, name) > 0:
                raise ConfigError(
                    f"speed.{name}: expected more than 0, found {getattr(self, name)}"
                )


class Bench:
    """One model on one device, measured both ways."""

    def __init__(self, config: SpeedConfig):
        self.config, self.device = config, config.device
        self.model = make_model(config.model, config.device)
        torch.nn.init.normal_(self.model.dit.project_out.weight, std=0.02)
        self.dit, self.plain = self.model.dit, PlainDiT(self.model.dit)
        if config.compile:
            for block in self.dit.blocks:
                block.compile()

    def autocast(self) -> AbstractContextManager:
        """bfloat16, as training has it."""
        return torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16)

    def batch(self, rows: int, seconds: float) -> Batch:
        """Random utterances of that length."""
        model = self.model.config.model
        frames = round(seconds * MelConfig().frame_rate / model.patch) * model.patch
        return random_batch(rows, frames, model, PhoneVocabulary.default(), self.device)

    def optimiser(self) -> torch.optim.AdamW:
        """The optimiser that training has; one for both sides, for the sake of memory."""
        return OptimiserConfig(learning_rate=1e-6).make(self.model)

    def step(
        self, batch: Batch, plain: bool, optimiser: torch.optim.Optimizer
    ) -> Callable[[], None]:
        """A training step: loss, gradients and AdamW."""
        self.model.train()
        generator = torch.Generator(self.device)

        def run() -> None:
            self.model.dit = self.plain if plain else self.dit  # type: ignore[assignment]
            with nullcontext() if plain else self.autocast():
                loss = FlowMatcher(self.model).loss(batch, generator).total
            loss.backward()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            self.model.dit = self.dit

        return run

    def sampling(self, batch: Batch, kind: str) -> Callable[[], None]:
        """A guided sample: plain, ours in float32, or ours in bfloat16."""
        self.model.eval()
        noise = torch.randn_like(batch.mel)
        times = sway_times(self.config.steps).to(self.device)

        @torch.inference_mode()
        def run() -> None:
            if kind == "plain":
                plain_sample(self.plain, batch, noise, times, 2.0)
                return
            with self.autocast() if kind == "bfloat16" else nullcontext():
                mask = batch.frame_mask
                hidden, _ = self.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
                text = self.dit.frame_text(hidden, batch.durations, mask).to(noise.dtype)
                conditioning = Conditioning(
                    text, torch.zeros_like(noise), torch.zeros_like(mask), mask
                )
                sample(guided(self.dit, conditioning.checked(), 2.0), noise, times)

        return run

    def peak_memory(self, seconds: float) -> int:
        """Bytes that a training step of one utterance needs at most on a GPU."""
        run = self.step(self.batch(1, seconds), False, self.optimiser())
        run()
        torch.cuda.reset_peak_memory_stats()
        run()
        return torch.cuda.max_memory_allocated()


def fastest(
    sides: dict[str, Callable[[], None]], rounds: int, device: str, what: str
) -> dict[str, float]:
    """Seconds of every side, the least of `rounds` after one that does not count; in turns, so
    that what else the machine does meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for number in tqdm(range(rounds + 1), desc=what, unit="round"):
        for name, side in sides.items():
            settle(device)
            began = time.perf_counter()
            side()
            settle(device)
            if number:
                times[name].append(time.perf_counter() - began)
    return {name: min(values) for name, values in times.items()}


def measure_training(bench: Bench) -> dict[str, Any]:
    """Seconds of a step, ours and plain; share of the matrix-product rate; speech an hour."""
    config = bench.config
    batch = bench.batch(config.batch, config.seconds)
    work = 3 * sum(_flops(bench.model, batch).values())
    optimiser = bench.optimiser()
    sides = {"ours": bench.step(batch, False, optimiser)}
    if config.plain:
        sides["plain"] = bench.step(batch, True, optimiser)
    seconds = fastest(sides, config.rounds, config.device, "training step")
    rate = statistics.median(matmul_rate(torch.bfloat16, config.device, 0.5) for _ in range(3))
    speech = config.batch * config.seconds
    return _ratios(seconds) | {
        "flops_per_second": work / seconds["ours"],
        "matmul_flops_per_second": rate,
        "utilisation": work / seconds["ours"] / rate,
        "frames_per_second": float(batch.frames.sum()) / seconds["ours"],
        "speech_hours_per_hour": speech / seconds["ours"],
    }


def measure_sampling(bench: Bench) -> dict[str, Any]:
    """Seconds of a guided sample of one utterance: plain, and ours in both precisions."""
    config = bench.config
    batch = bench.batch(1, config.seconds)
    kinds = (["plain"] if config.plain else []) + ["float32", "bfloat16"]
    sides = {kind: bench.sampling(batch, kind) for kind in kinds}
    return _ratios(fastest(sides, config.rounds, config.device, "sampling"))


def _ratios(seconds: dict[str, float]) -> dict[str, Any]:
    ratios = {n: s / seconds["plain"] for n, s in seconds.items() if "plain" in seconds}
    ratios.pop("plain", None)
    return {"seconds": seconds, "of_plain": ratios}


def _flops(model: AcousticModel, batch: Batch) -> dict[str, int]:
    """`forward_flops` counted without the device's work."""
    meta = make_model_like(model)
    return forward_flops(meta, batch.to(torch.device("meta")))


def make_model_like(model: AcousticModel) -> AcousticModel:
    """The same architecture with shapes alone."""
    with torch.device("meta"):
        return AcousticModel(model.config, PhoneVocabulary.default())


def run(config: SpeedConfig) -> dict[str, Any]:
    """Measure, print, and write `out`."""
    print(f"{config.model} on {config.device}, {torch.get_num_threads()} CPU threads")
    bench = Bench(config)
    report: dict[str, Any] = {"model": config.model, "device": config.device}
    for what, measure in (("sampling", measure_sampling), ("training", measure_training)):
        report[what] = measure(bench)
        print(_ratio_lines(what, report[what]), flush=True)
    if config.device == "cuda":
        report["peak_bytes"] = {str(s): bench.peak_memory(s) for s in config.memory_seconds}
    print(_text(report))
    if config.out:
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
        Path(config.out).write_text(json.dumps(report, indent=1), encoding="utf-8")
    return report


def _ratio_lines(what: str, part: dict[str, Any]) -> str:
    lines = []
    for name, seconds in part["seconds"].items():
        ratio = part["of_plain"].get(name)
        told = f", {ratio:.2f} of plain eager float32" if ratio is not None else ""
        lines.append(f"{what} {name}: {seconds:.3f} s{told}")
    return "\n".join(lines)


def _text(report: dict[str, Any]) -> str:
    training = report["training"]
    lines = [
        f"training step: {training['flops_per_second'] / 1e12:.3f} of "
        f"{training['matmul_flops_per_second'] / 1e12:.3f} TFLOP/s of bfloat16 matrix products "
        f"({training['utilisation']:.0%}), {training['frames_per_second']:.0f} frames/s, "
        f"{training['speech_hours_per_hour']:.2f} h of speech an hour"
    ]
    for seconds, size in report.get("peak_bytes", {}).items():
        lines.append(f"peak memory of a step on {seconds} s: {size / 2**30:.2f} GiB")
    return "\n".join(lines)
