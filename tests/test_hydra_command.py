"""What the commands that Hydra composes have in common."""

import subprocess
import sys

import pytest

from diamoe.errors import ConfigError
from diamoe.export import ExportConfig
from diamoe.hydra_command import read_settings
from diamoe.training.settings import TrainConfig


def read(*words: str) -> TrainConfig:
    return read_settings("train", TrainConfig, words)


def test_every_setting_of_the_dataclass_can_be_given():
    assert read() == TrainConfig()
    config = read("flow.time_mean=0.1", "model=test", "model.prediction=velocity", "+ema=0")
    assert (config.flow.time_mean, config.model.prediction) == (0.1, "velocity")
    assert config.model.dim == 32 and config.ema == 0


def test_mappings_take_new_keys():
    config = read("optimiser.factors.rest=0.1", "optimiser.factors={dit.moe: 2.0}", "steps=3")
    assert config.optimiser.factors == {"rest": 0.1, "dit.moe": 2.0} and config.steps == 3
    casting = read_settings("export", ExportConfig, ["release=tiny", "casting.dutch=nathalie"])
    assert casting.casting["dutch"] == "nathalie" and casting.casting["german"] == "kerstin"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("stepz=3", r"train: unknown setting 'stepz'; known settings: steps, precision"),
        ("guard.colour=1", r"train\.guard: unknown setting 'colour'; known settings: action"),
        ("+colour=blue", r"train: unknown setting 'colour'; known settings"),
        ("steps=many", r"train\.steps: expected int, found 'many'"),
        ("experiment=none_such", r"train: In 'train': Could not find 'experiment/none_such'"),
        ("steps=[1", r"train: no viable alternative at input '\[1'"),
    ],
)
def test_what_is_no_setting_is_refused(word, message):
    with pytest.raises(ConfigError, match=message):
        read(word)


def test_help_lists_every_setting_with_its_default():
    command = [sys.executable, "-m", "diamoe.export", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert text.startswith("export is powered by Hydra.")
    assert "  prompt_share: 1.0\n" in text and "blend_share: 0.3\n" in text
