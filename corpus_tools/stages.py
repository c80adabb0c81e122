"""The stages by name, and their settings: dataclass, YAML defaults, overrides."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, resources
from typing import Any

from hydra import compose, initialize_config_module
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from diamoe.errors import ConfigError


@dataclass(frozen=True)
class Stage:
    """Where a stage's function and settings are; imported only when the stage runs."""

    purpose: str
    module: str
    function: str
    settings_module: str
    settings: str


STAGES = {
    "prepare": Stage(
        "clean, label and join real recordings",
        "corpus_tools.prepare",
        "prepare_corpora",
        "corpus_tools.settings",
        "PrepareSettings",
    ),
    "teacher": Stage(
        "let a formant synthesizer speak dialect sentences with exact phone times",
        "corpus_tools.teacher.build",
        "build_teacher",
        "corpus_tools.teacher.build",
        "TeacherSettings",
    ),
    "align": Stage(
        "find phone times in prepared corpora",
        "corpus_tools.align",
        "align_corpora",
        "corpus_tools.align",
        "AlignSettings",
    ),
}


def find_stage(name: str) -> Stage:
    """The stage of that name.

    Raises:
        ConfigError: there is none; the message lists those that there are.
    """
    if name not in STAGES:
        raise ConfigError(f"unknown stage {name!r}; stages: {', '.join(STAGES)}")
    return STAGES[name]


def run_stage(name: str, settings: Any) -> None:
    """Call the stage's function."""
    stage = find_stage(name)
    getattr(import_module(stage.module), stage.function)(settings)


def read_settings(name: str, overrides: Sequence[str] = ()) -> Any:
    """The stage's settings dataclass from conf/corpus/STAGE.yaml and `key=value` overrides.

    Raises:
        ConfigError: an unknown key, or a value of the wrong type.
    """
    config = _defaults(name)
    allowed = ", ".join(_keys(config))
    ConfigStore.instance().store(name=f"corpus_{name}", node=config)
    try:
        with initialize_config_module("conf", version_base="1.3"):
            composed = compose(f"corpus_{name}", overrides=list(overrides))
        added = [key for key in _keys(composed) if key not in _keys(config)]
        if added:
            raise ConfigError(f"settings of {name}: unknown {added}; allowed keys: {allowed}")
        return OmegaConf.to_object(composed)
    except (HydraException, OmegaConfBaseException) as error:
        found = " ".join(str(error.__cause__ or error).split())
        raise ConfigError(f"settings of {name}: {found}; allowed keys: {allowed}") from error


def stage_help(name: str) -> str:
    """The stage's settings and defaults as YAML."""
    stage, config = find_stage(name), _defaults(name)
    header = f"usage: python -m corpus_tools {name} [key=value ...]\n\n{stage.purpose}\n\ndefaults"
    return f"{header}\n{OmegaConf.to_yaml(config)}".rstrip()


def _defaults(name: str) -> DictConfig:
    """The dataclass with the YAML over it, typed, so that wrong keys and types are errors."""
    stage = find_stage(name)
    settings = getattr(import_module(stage.settings_module), stage.settings)
    config = OmegaConf.structured(settings)
    _unlock(config)
    path = resources.files("conf") / "corpus" / f"{name}.yaml"
    if not path.is_file():
        return config
    try:
        merged = OmegaConf.merge(config, OmegaConf.create(path.read_text("utf-8")))
    except OmegaConfBaseException as error:
        raise ConfigError(
            f"conf/corpus/{name}.yaml: {error}; allowed keys: {', '.join(_keys(config))}"
        ) from error
    assert isinstance(merged, DictConfig)
    return merged


def _unlock(config: DictConfig) -> None:
    """Let overrides change values of a frozen dataclass before the instance is made."""
    OmegaConf.set_readonly(config, None)
    for key in map(str, config):
        node = config._get_node(key)
        if isinstance(node, DictConfig):
            _unlock(node)


def _keys(config: DictConfig, prefix: str = "") -> list[str]:
    keys = []
    for key in map(str, config):
        node = config._get_node(key)
        if isinstance(node, DictConfig):
            keys += _keys(node, f"{prefix}{key}.")
        else:
            keys.append(f"{prefix}{key}")
    return keys
