"""Training runs: they learn, they stop and go on exactly, and say what stopped them."""

import copy
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.config import build
from diamoe.errors import BundleError, ConfigError, CorpusError, TrainingError
from diamoe.export import ExportConfig, export
from diamoe.flow.sampling import Sampling
from diamoe.synthesis.options import bundle_sampling
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.training.checkpoints import newest_checkpoint
from diamoe.training.record import read_metrics
from diamoe.training.settings import TrainConfig
from diamoe.vocoding.network import NetworkConfig, make_generator, save_vocoder
from tests.factory import tiny_bundle
from tests.training.corpus import make_corpus
from tests.training.runs import assert_same_weights, last, settings, train, words

ROOT = Path(__file__).resolve().parents[2]
HARD = ("accumulate=2", "data.perturb.share=0.5", "data.temperature=2.0")
"""What makes going on harder: batches to a step, changed speech, shares of dialects."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return make_corpus(tmp_path_factory.mktemp("corpus") / "sines")


@pytest.fixture(scope="module")
def whole(corpus, tmp_path_factory):
    return train(corpus, tmp_path_factory.mktemp("runs") / "whole", 12, *HARD)


def command(corpus, out, steps, *more):
    return [sys.executable, "-m", "diamoe.train", *words(corpus, out, steps, *more)]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(corpus, whole, tmp_path, capsys):
    out = tmp_path / "killed"
    process = subprocess.Popen(
        command(corpus, out, 12, "data.workers=1", *HARD),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 180
    metrics = out / "metrics.csv"  # which has the checkpoint's own step after it is written

    def has_begun() -> bool:
        saved = newest_checkpoint(out / "checkpoints") is not None
        return saved and (1, "train/loss") in [row[:2] for row in read_metrics(metrics)]

    while not has_begun() and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert last(out)["global_step"] < 12, "the run ended before it could be killed"
    train(corpus, out, 12, *HARD)
    assert "step: 100%" in capsys.readouterr().out
    assert last(out)["global_step"] == last(whole)["global_step"] == 12
    assert_same_weights(last(whole), last(out))
    rows = [row for row in read_metrics(out / "metrics.csv") if row[1] == "train/loss"]
    assert rows == [row for row in read_metrics(whole / "metrics.csv") if row[1] == "train/loss"]


def test_a_run_folder_says_how_it_came_about(corpus, whole):
    record = json.loads((whole / "config.json").read_text())
    assert record["versions"].keys() >= {"diamoe", "python", "torch", "lightning"}
    assert (ROOT / ".git").exists() == ("git" in record)
    assert record["data"][0]["name"] == "sines" and record["data"][0]["cuts"] == 12
    assert record["train"]["accumulate"] == 2
    losses = [v for _, name, v in read_metrics(whole / "metrics.csv") if name == "train/loss"]
    assert len(losses) == 12 and losses[-1] < losses[0]


def test_a_run_leaves_speech_pictures_and_figures(whole):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from diamoe.audio.files import read_audio

    folders = sorted((whole / "samples").iterdir())
    assert [f.name for f in folders] == ["0000006", "0000012"]
    assert sorted(f.name for f in folders[0].iterdir()) == [
        "putonghua.png", "putonghua.wav", "xian.png", "xian.wav",
    ]  # fmt: skip
    assert abs(read_audio(folders[1] / "xian.wav")[0]).max() > 0
    events = EventAccumulator(str(whole))
    events.Reload()
    scalars = {"valid/flow", "valid/duration", "valid/dialect", "routing/first_choice"}
    assert scalars <= set(events.Tags()["scalars"])
    assert {"mel/xian", "experts"} <= set(events.Tags()["images"])


def test_a_finished_run_leaves_a_bundle_that_the_next_stage_starts_from(corpus, whole, tmp_path):
    model, _ = bundles.load_own(whole / "bundle")
    averaged = last(whole)["state_dict"]
    name = "dit.project_in.weight"
    torch.testing.assert_close(model.state_dict()[name], averaged[f"model.{name}"].half().float())
    more = ("experiment=experts", f"init={whole / 'bundle'}", "flow.dialect_weight=2.0")
    out = train(corpus, tmp_path / "next", 1, *more)
    record = json.loads((out / "config.json").read_text())
    assert record["acoustic"]["flow"]["dialect_weight"] == 2.0
    assert [source["name"] for source in record["origin"]["sources"]] == ["sines"]
    after = last(out)["current_model_state"]
    gate, rest = (f"model.dit.{n}.weight" for n in ("moe.gate", "blocks.0.attention.out"))
    moved = {n: (after[n] - model.state_dict()[n[6:]]).abs().mean() for n in (gate, rest)}
    assert moved[gate] > 4 * moved[rest] > 0, "experts learn, the rest follows slowly"


def test_a_run_becomes_a_bundle_that_speaks(corpus, whole, tmp_path):
    voice = {"name": "anna", "corpus": str(corpus), "speaker": "anna"}
    out = tmp_path / "bundle"
    sampling = Sampling(steps=3, prompt_from=0.1)
    export(ExportConfig(str(whole), str(out), seconds=0.8, voices=[voice], sampling=sampling))
    assert bundle_sampling(out) == sampling
    loaded = bundles.load(out)
    assert loaded.origin.sources[0]["name"] == "sines"
    assert loaded.origin.licence == "CC-BY-SA-4.0"
    assert set(loaded.origin.dialects) == {"putonghua", "chengdu", "cantonese", "xian"}
    speech = Synthesizer(loaded)("你好", options=SynthesisOptions(steps=2))
    assert len(speech.wave) > 0


def test_a_voice_that_is_not_there_is_named(corpus, whole, tmp_path):
    voice = {"name": "bob", "corpus": str(corpus), "speaker": "bob"}
    with pytest.raises(CorpusError, match="bob"):
        export(ExportConfig(run=str(whole), out=str(tmp_path / "b"), voices=[voice]))


def test_a_full_disk_leaves_the_last_checkpoint_and_the_run_goes_on(corpus, tmp_path):
    out = train(corpus, tmp_path / "run", 2, "samples=0")
    before = last(out)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(TrainingError, match=r"step=4\.ckpt.*last good one is step=2\.ckpt"):
            train(corpus, out, 4, "samples=0")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [f.name for f in (out / "checkpoints").iterdir()] == ["step=2.ckpt"]
    assert_same_weights(before, last(out))
    train(corpus, out, 4, "samples=0")
    assert last(out)["global_step"] == 4


def test_a_corrupt_shard_is_named_and_the_run_goes_on_after_repair(tmp_path):
    corpus = make_corpus(tmp_path / "sines")
    out = train(corpus, tmp_path / "run", 2, "samples=0")
    shard = next(corpus.glob("recording.*.tar"))
    good = shard.read_bytes()
    shard.write_bytes(good[: len(good) // 3])
    with pytest.raises(CorpusError, match=f"{shard.name}.*restore this shard"):
        train(corpus, out, 4, "samples=0")
    shard.write_bytes(good)
    train(corpus, out, 4, "samples=0")
    assert last(out)["global_step"] == 4
    with pytest.raises(ConfigError, match="begun with other data"):
        train(make_corpus(tmp_path / "others", 8), out, 6, "samples=0")


def test_a_corrupt_checkpoint_is_named(corpus, tmp_path):
    out = train(corpus, tmp_path / "run", 2, "samples=0")
    file = newest_checkpoint(out / "checkpoints")
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(TrainingError, match=r"step=2\.ckpt: not a readable checkpoint"):
        train(corpus, out, 4, "samples=0")


def test_compiled_and_checkpointed_blocks_learn_the_same(corpus, tmp_path):
    exact = ("precision=32-true", "samples=0")
    plain = train(corpus, tmp_path / "plain", 2, *exact)
    more = ("compile=aot_eager", "activation_checkpointing=true")
    other = train(corpus, tmp_path / "other", 2, *exact, *more)
    assert_same_weights(last(plain), last(other), rtol=1e-3, atol=1e-5)


def test_wrong_words_are_one_line(tmp_path):
    words_ = command("/nowhere", tmp_path / "x", 2, "data.colour=blue")
    run = subprocess.run(words_, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode != 0 and len(run.stderr.splitlines()) == 1
    assert "train.data: unknown setting 'colour'; known settings: corpora, valid" in run.stderr
    with pytest.raises(CorpusError, match="no prepared corpus"):
        train(Path("/nowhere"), tmp_path / "y", 2)


EXPERIMENTS = sorted(p.stem for p in (ROOT / "conf" / "experiment").glob("*.yaml"))


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_trains_a_step(experiment, corpus, whole, tmp_path):
    config = settings([f"experiment={experiment}"])
    assert config.data.corpora and config.data.valid
    init = [f"init={whole / 'bundle'}"] if config.init else []
    out = train(corpus, tmp_path / "run", 1, f"experiment={experiment}", "samples=0", *init)
    assert last(out)["global_step"] == 1


@pytest.mark.parametrize(
    "setting",
    [
        {"steps": "many"},
        {"steps": 0},
        {"model": {"dim": 30, "heads": 4}},
        {"strategy": "fsdp"},
        {"devices": 2},
        {"optimiser": {"schedule": "steep"}},
        {"guard": {"action": "pray"}},
    ],
)
def test_impossible_settings_are_named(setting):
    with pytest.raises(ConfigError):
        build(TrainConfig, setting)


def test_a_part_that_the_model_lacks_is_named(corpus, tmp_path):
    config = settings(words(corpus, tmp_path / "x", 1))
    assert config.optimiser.factors == {}
    with pytest.raises(ConfigError, match=r"no part 'dit\.mole'; parts: .*dit\.moe"):
        train(corpus, tmp_path / "x", 1, "optimiser.factors={dit.mole: 1.0}")


def test_a_bundle_may_keep_some_of_what_the_run_started_from(whole, tmp_path):
    plain, start, blended = (tmp_path / name for name in ("plain", "start", "blended"))
    export(ExportConfig(run=str(whole), out=str(plain)))
    own = bundles.load(plain)
    shifted = copy.deepcopy(own.model)
    with torch.no_grad():
        for parameter in shifted.parameters():
            parameter.add_(1.0)
    bundles.save(start, shifted, own.vocabulary, own.mel, [])
    export(ExportConfig(run=str(whole), out=str(blended), blend=str(start), blend_share=0.25))
    mixed = bundles.load(blended).model.state_dict()
    for name, weights in own.model.named_parameters():
        torch.testing.assert_close(mixed[name], weights + 0.25, atol=5e-3, rtol=5e-3)
    with pytest.raises(ConfigError, match="blend_share"):
        export(ExportConfig(run=str(whole), out=str(blended), blend=str(start), blend_share=2.0))
    with pytest.raises(ConfigError, match="another kind of model"):
        export(
            ExportConfig(run=str(whole), out=str(blended), blend=str(tiny_bundle(tmp_path / "t")))
        )


def test_a_bundle_is_given_a_vocoder(whole, tmp_path):
    sizes, mel = NetworkConfig(dim=16, intermediate_dim=32, num_layers=1), MelConfig()
    trained = make_generator(sizes, mel).state_dict()
    save_vocoder(tmp_path / "vocoder", trained, sizes, mel, {"licence": "CC0-1.0"})
    out = tmp_path / "bundle"
    export(ExportConfig(run=str(whole), out=str(out), vocoder=str(tmp_path / "vocoder")))
    speech = Synthesizer(bundles.load(out))("你好", options=SynthesisOptions(steps=2))
    assert (out / "vocoder" / "card.json").is_file() and len(speech.wave) > 0
    with pytest.raises(BundleError, match="a Vocos folder holds config.yaml"):
        export(ExportConfig(run=str(whole), out=str(out), vocoder=str(whole)))
