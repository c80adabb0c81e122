"""Two real processes: they learn what one would, and the end of one is the end of both."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diamoe.training.record import read_metrics
from tests.training.corpus import make_corpus
from tests.training.runs import assert_same_weights, last, train, words

ROOT = Path(__file__).resolve().parents[2]
PLAIN = (
    "precision=32-true", "samples=0", "save_every=1", "valid_every=100000",
    "optimiser.schedule=constant",
)  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("corpus") / "sines")


def start(corpus: Path, out: Path, steps: int, trainer: str = "ddp") -> subprocess.Popen:
    more = (f"trainer={trainer}", "devices=2", "data.workers=0", *PLAIN)
    return subprocess.Popen(
        [sys.executable, "-m", "diamoe.train", *words(corpus, out, steps, *more)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def curve(out: Path) -> list[float]:
    return [value for _, name, value in read_metrics(out / "metrics.csv") if name == "train/loss"]


@pytest.mark.parametrize(("trainer", "parts"), [("ddp", (5,)), ("fsdp", (3, 5))])
def test_two_processes_learn_what_one_does_with_twice_the_batches(corpus, tmp_path, trainer, parts):
    """In one go, and, where the parameters are spread, also when taken up again."""
    two = tmp_path / "two"
    for steps in parts:
        process = start(corpus, two, steps, trainer)
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-2000:]
    average = () if trainer == "ddp" else ("ema=0.0",)
    one = train(corpus, tmp_path / "one", 5, "accumulate=2", *PLAIN, *average)
    assert len(curve(one)) == 5
    assert curve(two) == pytest.approx(curve(one), rel=1e-5)
    assert last(one)["batches"] == last(two)["batches"] == 10
    assert_same_weights(last(one), last(two), rtol=1e-4, atol=1e-6)


def child_of(process: subprocess.Popen) -> int:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return next(
        int(pid) for pid in listed if b"diamoe.train" in Path(f"/proc/{pid}/cmdline").read_bytes()
    )


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs /proc")
def test_a_process_that_dies_ends_the_run_with_an_error(corpus, tmp_path):
    process = start(corpus, tmp_path / "run", 1_000_000)
    deadline = time.monotonic() + 300
    while not list((tmp_path / "run").glob("checkpoints/*.ckpt")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(child_of(process), signal.SIGKILL)
    try:
        _, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode != 0
    assert "another process of this run is gone" in errors or process.returncode < 0
    assert last(tmp_path / "run")["global_step"] > 0
