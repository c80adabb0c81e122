"""`python -m diamoe.inspect COMMAND key=value ...`: look into models.

routing   heat map of experts by dialect, with their mutual information
cost      parameters, arithmetic, memory and training time of a model size
speed     training step and sampling against a plain implementation
pinyin    prepared corpora with Mandarin pinyin for phones, for the ablation
ablation  the table of finished ablation runs
imports   the house: floors, rooms and who imports whom, as a picture
"""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from diamoe.config import build
from diamoe.errors import ConfigError, DiamoeError
from diamoe.extras import extra

with extra("train", "python -m diamoe.inspect"):
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

COMMANDS = {
    "routing": "RoutingConfig",
    "cost": "CostConfig",
    "speed": "SpeedConfig",
    "pinyin": "PinyinConfig",
    "ablation": "AblationConfig",
    "imports": "ImportsConfig",
}
"""Module of this package -> its settings; `run` of the module does the work."""


def parse(words: list[str]) -> tuple[Callable[[Any], Any], Any]:
    """The function of a command and its settings.

    Raises:
        ConfigError: no such command, no key=value, or an unknown setting.
    """
    if not words or words[0] not in COMMANDS:
        found = repr(words[0]) if words else "nothing"
        raise ConfigError(f"expected one of {', '.join(COMMANDS)}, found {found}")
    name, *pairs = words
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise ConfigError(f"{name}: expected key=value, found {wrong[0]!r}")
    try:
        settings = OmegaConf.to_container(OmegaConf.from_dotlist(pairs), resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{name}: {error}") from error
    module = import_module(f"diamoe.inspect.{name}")
    return module.run, build(getattr(module, COMMANDS[name]), settings, name)


def main(words: list[str] | None = None) -> int:
    """Run a command; 0 when it worked, 1 when the input or a file is wrong."""
    words = sys.argv[1:] if words is None else words
    if words[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    try:
        run, settings = parse(words)
        run(settings)
    except DiamoeError as error:
        print(f"diamoe.inspect: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
