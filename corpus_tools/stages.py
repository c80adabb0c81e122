"""The stages by name, and their settings: dataclass, YAML defaults, overrides."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, resources
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import OverrideType
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from diamoe.config import build, to_dict
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
    "build": Stage(
        "make training corpora of recordings: clean, label, align, judge, split, write",
        "corpus_tools.build",
        "build_corpora",
        "corpus_tools.settings",
        "BuildSettings",
    ),
    "teacher": Stage(
        "let a formant synthesizer speak dialect sentences with exact phone times",
        "corpus_tools.teacher.build",
        "build_teacher",
        "corpus_tools.teacher.build",
        "TeacherSettings",
    ),
    "revoice": Stage(
        "let a bundle's voice say the sentences of built corpora, of any dialect",
        "corpus_tools.revoicing",
        "revoice",
        "corpus_tools.revoicing",
        "RevoiceSettings",
    ),
    "report": Stage(
        "write a page about built corpora: what they hold, what was left out, what looks wrong",
        "corpus_tools.report.write",
        "write_report",
        "corpus_tools.report.write",
        "ReportSettings",
    ),
    "textgrid": Stage(
        "write the phone and word times of built corpora as Praat TextGrids",
        "corpus_tools.textgrid",
        "write_textgrids",
        "corpus_tools.textgrid",
        "TextGridSettings",
    ),
}
"""The commands; `build` runs all stages of the pipeline."""


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
    """The stage's settings: its dataclass, under conf/corpus/STAGE.yaml, under the overrides.

    A value with commas is a list: `corpus=a,b` is `corpus=[a,b]`.

    Raises:
        ConfigError: an unknown key, or a value of the wrong type.
    """
    config = _defaults(name)
    allowed = ", ".join(_keys(config))
    try:
        parser = OverridesParser.create()
        for override in parser.parse_overrides([_as_list(o) for o in overrides]):
            if override.type is not OverrideType.CHANGE:
                raise ConfigError(f"{override.input_line}: allowed: key=value")
            OmegaConf.update(config, override.key_or_group, override.value())
        return build(_settings_class(name), OmegaConf.to_container(config), name)
    except (HydraException, OmegaConfBaseException, ConfigError) as error:
        found = str(error).splitlines()[0]
        raise ConfigError(f"settings of {name}: {found}; allowed keys: {allowed}") from error


def stage_help(name: str) -> str:
    """The stage's settings and defaults as YAML."""
    stage, config = find_stage(name), _defaults(name)
    header = f"usage: python -m corpus_tools {name} [key=value ...]\n\n{stage.purpose}\n\ndefaults"
    return f"{header}\n{OmegaConf.to_yaml(config)}".rstrip()


def _settings_class(name: str) -> type[Any]:
    stage = find_stage(name)
    found: type[Any] = getattr(import_module(stage.settings_module), stage.settings)
    return found


def _defaults(name: str) -> DictConfig:
    """The dataclass' defaults with the YAML over them; the keys are all there are."""
    values = json.loads(json.dumps(to_dict(_settings_class(name)())))  # tuples become lists
    path = resources.files("conf") / "corpus" / f"{name}.yaml"
    overlay = OmegaConf.create(path.read_text("utf-8") if path.is_file() else "{}")
    config = OmegaConf.create(values)
    OmegaConf.set_struct(config, True)
    try:
        merged = OmegaConf.merge(config, overlay)
    except OmegaConfBaseException as error:
        raise ConfigError(
            f"conf/corpus/{name}.yaml: {error}; allowed keys: {', '.join(_keys(config))}"
        ) from error
    assert isinstance(merged, DictConfig)
    return merged


def _as_list(override: str) -> str:
    """
    >>> _as_list("corpus=a,b"), _as_list("join.seconds=[3,9]"), _as_list("out=corpora")
    ('corpus=[a,b]', 'join.seconds=[3,9]', 'out=corpora')
    """
    key, equals, value = override.partition("=")
    plain = value and not any(c in value for c in "[]{}\"'")
    return f"{key}{equals}[{value}]" if plain and "," in value else override


def _keys(config: DictConfig, prefix: str = "") -> list[str]:
    keys = []
    for key, node in config.items_ex(resolve=False):
        key = str(key)
        inner = isinstance(node, DictConfig) and node
        keys += _keys(node, f"{prefix}{key}.") if inner else [f"{prefix}{key}"]
    return keys
