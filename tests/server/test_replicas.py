"""Scaling out on Ray Serve."""

import subprocess
import sys
from pathlib import Path

import pytest

from diamoe.errors import ConfigError
from diamoe.server.replicas import make_application
from diamoe.server.settings import ServerSettings


def test_what_replicas_cannot_be_is_refused():
    with pytest.raises(ConfigError, match="1 or more, found 0"):
        make_application(ServerSettings(), Path("bundle"), 0)
    with pytest.raises(ConfigError, match="wyoming_port"):
        make_application(ServerSettings(wyoming_port=10200), Path("bundle"), 2)


def test_replicas_on_a_local_cluster():
    """In a process of its own, as Ray leaves threads behind."""
    pytest.importorskip("ray.serve", reason="ray[serve] is not installed")
    cases = Path(__file__).with_name("replica_cases.py")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(cases)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
