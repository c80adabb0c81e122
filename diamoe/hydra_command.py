"""Commands whose settings Hydra composes: a dataclass, a YAML file of conf/ over it, and the words
of the command line over both. So every setting of the dataclass can be given and is listed by
`--help`, and an unknown one is refused with those that there are."""

import sys
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any, TypeVar

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import OverrideType
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from diamoe.config import build, default_settings, find_setting
from diamoe.errors import ConfigError, DiamoeError

T = TypeVar("T")


def run_command(
    program: str, config: str, kind: type[T], work: Callable[[T], object], room: str = "conf"
) -> None:
    """Do `work` with the settings that the command line asks for.

    `config` names the YAML file in the package `room`, whose defaults begin with
    `CONFIG_settings`: all of `kind`'s. An error of this package ends `program` in one line.
    """

    def composed(settings: DictConfig) -> None:
        try:
            work(_built(kind, settings, config))
        except DiamoeError as error:
            sys.exit(f"{program}: {error}")

    try:
        _offer(config, kind)
        sys.argv[1:] = _understood(sys.argv[1:], kind, config, room)
    except DiamoeError as error:
        sys.exit(f"{program}: {error}")
    composed.__module__ = program  # which Hydra takes for the job's name
    hydra.main(version_base=None, config_path=f"pkg://{room}", config_name=config)(composed)()


def read_settings(config: str, kind: type[T], words: Sequence[str], room: str = "conf") -> T:
    """The settings that `run_command` would work with if these were the command line's words.

    Raises:
        ConfigError: an unknown setting, or a wrong value.
    """
    _offer(config, kind)
    overrides = _understood(words, kind, config, room)
    try:
        with hydra.initialize_config_module(room, version_base=None):
            return _built(kind, hydra.compose(config, overrides=overrides), config)
    except HydraException as error:
        found = " ".join(str(error.__cause__ or error).split())
        raise ConfigError(f"{config}: {found}") from error


def _offer(config: str, kind: type) -> None:
    """Let a YAML's `defaults: [CONFIG_settings]` stand for every setting of a dataclass."""
    ConfigStore.instance().store(f"{config}_settings", default_settings(kind))


def _built(kind: type[T], settings: DictConfig, where: str) -> T:
    values: Any = OmegaConf.to_container(settings, resolve=True)
    return build(kind, values, where)


def _understood(words: Sequence[str], kind: type, where: str, room: str) -> list[str]:
    """The words as Hydra takes them: keys of a mapping, which are free, may be new, and Hydra's `+`
    for settings that a YAML file does not have may stand before any.

    Raises:
        ConfigError: a word sets what is no setting.
    """
    groups = {entry.name for entry in resources.files(room).iterdir() if entry.is_dir()}
    return [_plain(word, groups, kind, where) for word in words]


def _plain(word: str, groups: set[str], kind: type, where: str) -> str:
    if "=" not in word or word.startswith("-"):
        return word
    try:
        (override,) = OverridesParser.create().parse_overrides([word])
    except HydraException:  # which will say so itself
        return word
    name = override.key_or_group
    others = name in groups or name.startswith("hydra") or override.package is not None
    if others or override.type not in (OverrideType.CHANGE, OverrideType.ADD):
        return word
    free = find_setting(kind, name, where)
    return f"++{word.removeprefix('+')}" if free or override.type == OverrideType.ADD else word
