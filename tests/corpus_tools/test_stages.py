"""The command line: settings, help, errors."""

import pytest

from corpus_tools.__main__ import main
from corpus_tools.settings import PrepareSettings
from corpus_tools.stages import read_settings
from diamoe.errors import ConfigError


def test_defaults_are_the_dataclass():
    assert read_settings("prepare") == PrepareSettings()


def test_overrides_keep_their_types():
    settings = read_settings("prepare", ["corpora=[a,b]", "join.seconds=[3,9]", "clean.level=-20"])
    assert settings.corpora == ["a", "b"]
    assert tuple(settings.join.seconds) == (3.0, 9.0)
    assert settings.clean.level == -20.0


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("colour=red", "Key 'colour' not in 'PrepareSettings'"),
        ("join.colour=red", "Key 'colour' not in 'JoinSettings'"),
        ("workers=many", "Value 'many'"),
        ("workers", "workers"),
        ("+new=1", "new"),
    ],
)
def test_bad_overrides(override: str, found: str):
    with pytest.raises(ConfigError, match=r"allowed keys: source, .*join\.passes") as error:
        read_settings("prepare", [override])
    assert found in str(error.value)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help(arguments: list[str], capsys):
    assert main(arguments) == 0
    assert "prepare" in capsys.readouterr().out


def test_help_of_a_stage(capsys):
    assert main(["prepare", "--help"]) == 0
    assert "passes: 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["paint"], ["prepare", "colour=red"], ["prepare", "corpora=[x]"]]
)
def test_errors_are_one_line_and_code_2(arguments: list[str], capsys):
    assert main(arguments) == 2
    text = capsys.readouterr().err
    assert text.startswith("corpus_tools: ") and text.count("\n") == 1
