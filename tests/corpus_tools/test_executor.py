"""Executors do every job once, whatever happens to their workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from corpus_tools.executor import InProcess, Local, make_executor
from diamoe.errors import ConfigError, CorpusError
from tests.corpus_tools.jobs import die_always, die_once, fail, square


def test_all_jobs_are_done_in_any_order():
    executor = Local(2)
    assert sorted(executor.run(square, range(20))) == [n * n for n in range(20)]
    assert sorted(executor.run(square, range(3))) == [0, 1, 4]
    executor.close()


def test_few_jobs_are_taken_ahead():
    taken = []
    executor = Local(1)
    results = executor.run(square, (taken.append(n) or n for n in range(100)))
    next(results)
    assert len(taken) <= 4
    executor.close()


def test_jobs_of_a_worker_that_died_are_done_anew(tmp_path: Path):
    executor = Local(2)
    names = sorted(executor.run(die_once, [tmp_path / f"job{n}" for n in range(4)]))
    assert names == [f"job{n}" for n in range(4)]
    executor.close()


def test_workers_that_keep_dying_are_named():
    executor = Local(1)
    with pytest.raises(CorpusError, match="worker processes died 5 times"):
        list(executor.run(die_always, [1]))
    executor.close()


@pytest.mark.parametrize("executor", [InProcess(), Local(1)], ids=["here", "local"])
def test_errors_of_jobs_come_through(executor):
    with pytest.raises(CorpusError, match="no such corpus: 7"):
        list(executor.run(fail, [7]))
    executor.close()


def test_names():
    assert isinstance(make_executor("local", 1, ""), InProcess)
    assert make_executor("local", 0, "").workers == os.cpu_count()
    with pytest.raises(ConfigError, match="executor=slurm; allowed: local, ray"):
        make_executor("slurm", 1, "")


def test_on_a_ray_cluster():
    """In a process of its own: Ray's threads do not survive the forks of other tests."""
    pytest.importorskip("ray")
    cases = Path(__file__).with_name("ray_cases.py")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(cases)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
