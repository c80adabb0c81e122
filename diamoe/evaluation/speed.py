"""`python -m diamoe.evaluation.speed` (`make bench`): how fast a bundle speaks on this machine."""

import argparse
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from diamoe import bundle as bundles
from diamoe.bundle import SHIPPED
from diamoe.demo import SENTENCES
from diamoe.errors import DiamoeError
from diamoe.synthesis.engines import Engine
from diamoe.synthesis.precision import Precision
from diamoe.synthesis.synthesizer import Request, SynthesisOptions, Synthesizer

FIRST = "今天天气真好，我们一起去公园里散步吧，好吗"
"""A sentence of about twenty characters."""
BATCH = 16
"""Sentences spoken together."""


def measure(
    bundle: Path,
    rounds: int,
    options: SynthesisOptions,
    precision: Precision,
    engine: Engine,
    device: str,
) -> None:
    """Print the time of each part over the demo's sentences, as medians of `rounds`."""
    began = time.perf_counter()
    synthesizer = Synthesizer(
        bundles.load(bundle), precision=precision, engine=engine, device=device
    )
    print(f"load: {time.perf_counter() - began:.2f} s")
    for dialect, text in SENTENCES:
        synthesizer(text, dialect, options=options)  # dictionaries and caches
    whole, vocoder, lengths = [], [], []
    for _ in range(rounds):
        for dialect, text in SENTENCES:
            began = time.perf_counter()
            speech = synthesizer(text, dialect, options=options)
            whole.append(time.perf_counter() - began)
            mel = torch.from_numpy(speech.mel).unsqueeze(0).to(synthesizer.renderer.device)
            began = time.perf_counter()
            synthesizer.vocoder.decode(mel).cpu()
            vocoder.append(time.perf_counter() - began)
            lengths.append(speech.seconds)
    used = options.sampling(synthesizer.sampling)
    factors = [w / s for w, s in zip(whole, lengths, strict=True)]
    parts = [v / s for v, s in zip(vocoder, lengths, strict=True)]
    print(
        f"{platform.machine()}, {torch.get_num_threads()} threads, {used.steps} steps, "
        f"guidance {used.guidance}, {synthesizer.maker.precision}, engine {engine} on {device}: "
        f"real-time factor, text to samples {statistics.median(factors):.3f} "
        f"(worst {max(factors):.3f}), of which vocoder {statistics.median(parts):.3f}"
    )
    print(
        f"time to first audio, {len(FIRST)} characters: "
        f"{statistics.median(first_audio(synthesizer, rounds, options)) * 1000:.0f} ms; "
        f"batch of {BATCH}: {batch_gain(synthesizer, options):.2f} times the throughput of one at "
        f"a time; memory {peak_memory():.0f} MB at most; cold start to file "
        f"{cold_start(bundle, options):.2f} s"
    )


def first_audio(synthesizer: Synthesizer, rounds: int, options: SynthesisOptions) -> list[float]:
    """Seconds from a text to the first chunk of its stream."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        next(iter(synthesizer.stream(FIRST, options=options)))
        times.append(time.perf_counter() - began)
    return times


def batch_gain(synthesizer: Synthesizer, options: SynthesisOptions) -> float:
    """Throughput of a batch against one at a time."""
    asked = [Request(FIRST, options=replace(options, seed=seed)) for seed in range(BATCH)]
    began = time.perf_counter()
    for request in asked:
        synthesizer.batch([request])
    alone = time.perf_counter() - began
    began = time.perf_counter()
    synthesizer.batch(asked)
    return alone / (time.perf_counter() - began)


def cold_start(bundle: Path, options: SynthesisOptions) -> float:
    """Seconds that the command takes for a sentence, from nothing to a file."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "speech.wav")
        command = [sys.executable, "-m", "diamoe.cli", "synthesize", "--bundle", str(bundle)]
        command += ["--out", out, FIRST]
        if options.steps is not None:
            command += ["--steps", str(options.steps)]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began


def peak_memory() -> float:
    """Most memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.speed", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="bundle folder")
    parser.add_argument("--rounds", type=int, default=5, help="times each sentence is spoken")
    parser.add_argument("--steps", type=int, help="solver steps (default: the bundle's own)")
    parser.add_argument("--precision", default="auto", help="32, bf16 or auto")
    parser.add_argument("--engine", default="torch", help="torch, compile, int8 or onnx")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps or auto")
    given = parser.parse_args()
    try:
        options = SynthesisOptions(steps=given.steps)
        asked = (given.precision, given.engine, given.device)
        measure(given.bundle, given.rounds, options, *asked)
    except DiamoeError as error:
        print(f"speed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
