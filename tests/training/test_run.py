"""Training runs: they learn, they stop and go on exactly, their bundles speak."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from diamoe import bundle as bundles
from diamoe.config import build
from diamoe.errors import ConfigError, CorpusError
from diamoe.export import ExportConfig, export
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.training.checkpoints import newest_checkpoint, read_checkpoint
from diamoe.training.run import TrainConfig
from tests.training.corpus import make_corpus

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("corpus") / "sines")


def command(corpus, out, steps, *more):
    """A training run in a process of its own; the smallest model unless an experiment is named."""
    if not any(word.startswith("experiment") for word in more):
        more = ("model=test", *more)
    return [
        sys.executable, "-m", "diamoe.train", f"out={out}", f"steps={steps}",
        f"data.corpora=[{corpus}]", f"data.valid=[{corpus}]", "data.max_seconds=3.0",
        "data.workers=1", "valid_every=6", "save_every=2", "threads=1", "accelerator=cpu",
        "optimiser.warmup=2", *more,
    ]  # fmt: skip


def train(corpus, out, steps, *more):
    run = subprocess.run(
        command(corpus, out, steps, *more), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]


def weights(out):
    return read_checkpoint(newest_checkpoint(out / "checkpoints"))


@pytest.fixture(scope="module")
def whole(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "whole"
    train(corpus, out, 12)
    return out


def test_a_killed_run_goes_on_as_if_nothing_had_happened(corpus, whole, tmp_path):
    out = tmp_path / "killed"
    process = subprocess.Popen(
        command(corpus, out, 12), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while (
        newest_checkpoint(out / "checkpoints") is None
        and time.monotonic() < deadline
        and process.poll() is None
    ):
        time.sleep(0.02)
    process.kill()
    process.wait()
    stopped_at = weights(out)["global_step"]
    assert stopped_at < 12, "the run ended before it could be killed"
    train(corpus, out, 12)
    expected, found = weights(whole), weights(out)
    assert found["global_step"] == expected["global_step"] == 12
    for key in ("state_dict", "current_model_state"):
        for name, tensor in expected[key].items():
            assert torch.equal(tensor, found[key][name]), (key, name)


def test_a_run_leaves_pictures_and_figures(whole):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(whole))
    events.Reload()
    assert {"valid/flow", "valid/duration", "valid/dialect"} <= set(events.Tags()["scalars"])
    assert {"mel/xian", "experts"} <= set(events.Tags()["images"])


def test_a_run_becomes_a_bundle_that_speaks(corpus, whole, tmp_path):
    voice = {"name": "anna", "corpus": str(corpus), "speaker": "anna"}
    out = tmp_path / "bundle"
    export(ExportConfig(run=str(whole), out=str(out), seconds=0.8, voices=[voice]))
    loaded = bundles.load(out)
    assert loaded.origin.sources[0]["name"] == "sines"
    assert set(loaded.origin.dialects) == {"putonghua", "chengdu", "cantonese", "xian"}
    speech = Synthesizer(loaded)("你好", options=SynthesisOptions(steps=2))
    assert len(speech.wave) > 0


def test_a_voice_that_is_not_there_is_named(corpus, whole, tmp_path):
    voice = {"name": "bob", "corpus": str(corpus), "speaker": "bob"}
    with pytest.raises(CorpusError, match="bob"):
        export(ExportConfig(run=str(whole), out=str(tmp_path / "b"), voices=[voice]))


def test_a_missing_corpus_and_an_unknown_setting_are_one_line(tmp_path):
    for change, message in (
        ("data.corpora=[/nowhere]", "no prepared corpus"),
        ("+colour=blue", "unknown setting 'colour'"),
    ):
        words = command("/nowhere", tmp_path / "x", 2, change)
        run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode != 0 and message in run.stderr
        assert "Traceback" not in run.stderr


EXPERIMENTS = sorted(p.stem for p in (ROOT / "conf" / "experiment").glob("*.yaml"))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_trains_a_step(experiment, corpus, tmp_path):
    out = tmp_path / "run"
    words = [f"experiment={experiment}", "data.repeat={}", "data.workers=0"]
    train(corpus, out, 1, *words)
    with initialize_config_module("conf", version_base=None):
        settings = compose("train", overrides=[f"experiment={experiment}"])
    config = build(TrainConfig, OmegaConf.to_container(settings, resolve=True))
    assert config.data.corpora and config.data.valid
    assert weights(out)["global_step"] == 1


@pytest.mark.parametrize("setting", [{"steps": "many"}, {"model": {"dim": 30, "heads": 4}}])
def test_impossible_settings_are_named(setting):
    with pytest.raises(ConfigError):
        build(TrainConfig, setting)
