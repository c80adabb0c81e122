"""The command line: settings, help, errors."""

import pytest

from corpus_tools.__main__ import main
from corpus_tools.settings import BuildSettings
from corpus_tools.stages import read_settings
from diamoe.errors import ConfigError


def test_defaults_are_the_dataclass():
    assert read_settings("build") == BuildSettings()


def test_overrides_keep_their_types():
    settings = read_settings("build", ["corpus=[a,b]", "join.seconds=[3,9]", "clean.level=-20"])
    assert settings.corpus == ["a", "b"]
    assert tuple(settings.join.seconds) == (3.0, 9.0)
    assert settings.clean.level == -20.0


@pytest.mark.parametrize("value", ["a,b", "[a,b]"])
def test_several_corpora(value: str):
    assert read_settings("build", [f"corpus={value}"]).corpus == ["a", "b"]


def test_one_corpus():
    assert read_settings("build", ["corpus=a"]).corpus == ["a"]


@pytest.mark.parametrize(
    ("override", "found"),
    [
        ("colour=red", "Key 'colour' is not in struct"),
        ("join.colour=red", "Key 'colour' is not in struct"),
        ("workers=many", "build.workers: expected int, found 'many'"),
        ("join.seconds=3", "build.join.seconds: expected a list, found 3"),
        ("~out", "~out: allowed: key=value"),
        ("workers", "workers"),
        ("+new=1", "new"),
    ],
)
def test_bad_overrides(override: str, found: str):
    with pytest.raises(ConfigError, match=r"allowed keys: corpus, source, .*join\.passes") as error:
        read_settings("build", [override])
    assert found in str(error.value)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help(arguments: list[str], capsys):
    assert main(arguments) == 0
    assert "build" in capsys.readouterr().out


def test_help_of_a_stage(capsys):
    assert main(["build", "--help"]) == 0
    assert "passes: 1" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["paint"], ["build", "colour=red"], ["build", "corpus=[x]"]])
def test_errors_are_one_line_and_code_2(arguments: list[str], capsys):
    assert main(arguments) == 2
    text = capsys.readouterr().err
    assert text.startswith("corpus_tools: ") and text.count("\n") == 1
