"""The experiment's table: every cell, once; and the shipped settings."""

import json
from dataclasses import replace
from math import nan
from typing import get_args

import pytest

from diamoe.adaptation.cells import System
from diamoe.adaptation.experiment import Experiment, ExperimentConfig, Task
from diamoe.adaptation.settings import FULL_FIT, AdaptConfig, FitConfig
from diamoe.adaptation.table import as_markdown
from diamoe.config import build
from diamoe.errors import ConfigError
from diamoe.hydra_command import read_settings
from diamoe.text.vocabulary import PhoneVocabulary
from tests import factory
from tests.adaptation.corpus import dialect_corpus
from tests.factory import tiny_bundle


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiment")
    corpus = str(dialect_corpus(folder / "sines"))
    base = str(tiny_bundle(folder / "bundle"))
    fit = FitConfig(steps=2, check_every=2, batch_seconds=6.0, draws=1)
    task = {"dialect": "chengdu", "train": [corpus], "valid": [corpus], "base": base}
    config = ExperimentConfig(
        {"town": task}, out=str(folder / "out"), minutes=[0.12, 9.0], sentences=2, held_out=4,
        steps=1, fit=fit, full=fit, others=[corpus],
    )  # fmt: skip
    Experiment(config).run()
    return config, folder / "out"


def test_every_system_has_its_row_its_curve_and_its_mel(finished):
    _, out = finished
    cells = json.loads((out / "results.json").read_text())
    assert [c["system"] for c in cells] == list(get_args(System))
    base, adapter, full, *_ = cells
    assert base["trained"] == 0 < adapter["trained"] < full["trained"]
    assert len(adapter["curve"]) == 2 and adapter["curve"][0] == pytest.approx(base["flow"])
    assert all(c["per"] >= 0 for c in cells)
    assert set(adapter["others"]) == {"sines"} and adapter["others"] != base["others"]
    for name in ("curves.png", "mels.png"):
        assert (out / name).stat().st_size > 1000
    table = (out / "results.md").read_text()
    assert table.count("\n") == 8 and "the recordings" in table
    assert not list(out.rglob("progress.pt"))


def test_what_is_there_is_not_computed_again(finished):
    config, out = finished
    file = out / "cells" / "town" / "0.12_adapter.json"
    before = file.stat().st_mtime_ns
    Experiment(config).run()
    assert file.stat().st_mtime_ns == before


def test_a_phone_that_only_the_held_out_speech_has_is_spoken_and_judged(tmp_path, monkeypatch):
    """Of two minutes of speech a rare phone may be absent."""

    def rare(cut, index):
        told = cut.supervisions[0]
        items = told.alignment["phone"]
        old = items[1].symbol  # after the edge
        told.custom["phones"] = told.custom["phones"].replace(old, "ɻʷ", 1)
        told.alignment["phone"] = [items[0], items[1]._replace(symbol="ɻʷ"), *items[2:]]

    train = dialect_corpus(tmp_path / "train")
    valid = dialect_corpus(tmp_path / "valid", 2, change=rare)
    known = PhoneVocabulary(tuple(t for t in factory.VOCABULARY.tokens if "ɻʷ" not in t))
    monkeypatch.setattr(factory, "VOCABULARY", known)
    base = str(tiny_bundle(tmp_path / "bundle"))
    fit = FitConfig(steps=1, check_every=1, batch_seconds=6.0, draws=1)
    task = {"dialect": "chengdu", "train": [str(train)], "valid": [str(valid)], "base": base}
    config = ExperimentConfig(
        {"town": task}, out=str(tmp_path / "out"), minutes=[0.12], systems=["adapter"],
        sentences=2, held_out=2, steps=1, fit=fit, full=fit,
    )  # fmt: skip
    Experiment(config).run()
    assert json.loads((tmp_path / "out" / "results.json").read_text())[0]["per"] >= 0


def test_the_gain_is_told_against_full_fine_tuning():
    def cell(system, flow, per=0.1, tones=0.5):
        return {
            "task": "t", "given": 10.0, "system": system, "trained": 1, "flow": flow,
            "per": per, "tone_accuracy": tones, "seconds": 1.0, "others": {"o": 2 * flow},
        }  # fmt: skip

    base, adapter = cell("base", 0.2, 0.5, 0.4), cell("adapter", 0.11, 0.2, 0.7)
    table = as_markdown([base, adapter, cell("full", 0.1, 0.1, 0.6)], {})
    assert "| 90% / 75% / 150% |" in table and "| -45% |" in table
    worse = as_markdown([base, adapter, cell("full", 0.3, 0.1, 0.4)], {})
    assert "| full gains none / 75% / full gains none |" in worse
    toneless = [
        cell(s, f, p, nan) for s, f, p in (("base", 1, 1), ("adapter", 0, 0), ("full", 0, 0))
    ]
    assert "| 100% / 100% / – |" in as_markdown(toneless, {})


@pytest.mark.parametrize("kind", ["default", "perturbed", "expert"])
def test_the_shipped_settings_of_an_adaptation_can_be_built(kind):
    words = ["dialect=nanjing", "data=x", f"kind={kind}"]
    config = read_settings("adapt", AdaptConfig, words, "conf.adapter")
    assert config.data == ["x"] and config.out == "adapters/nanjing"
    assert (config.perturb.share > 0.0) == (kind == "perturbed")
    assert (config.route == "expert") == (kind == "expert")


def test_the_shipped_settings_of_the_experiment_can_be_built():
    config = read_settings("experiment", ExperimentConfig, [], "conf.adapter")
    for name, values in config.tasks.items():
        assert build(Task, values).dialect == name
    assert config.full == FULL_FIT and config.full.learning_rate < config.fit.learning_rate
    with pytest.raises(ConfigError, match="known tasks: shanghai"):
        Experiment(replace(config, only=["mars"]))
