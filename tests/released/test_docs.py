"""The page on released checkpoints keeps its word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from diamoe.cli import parser

PAGE = Path(__file__).resolve().parents[2] / "docs" / "released-checkpoints.md"


@pytest.mark.shared
def test_the_example_runs(shared, tmp_path):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, "DIAMOE_SHARED": str(shared)},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout.decode().count("relative error") == 7


def test_the_commands_are_understood():
    (commands,) = re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in commands.splitlines():
        parser().parse_args(line.split()[1:])
