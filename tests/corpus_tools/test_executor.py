"""Executors do every job once, whatever happens to their workers."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from corpus_tools.build import build_corpora
from corpus_tools.executor import InProcess, Local, make_executor
from diamoe.errors import ConfigError, CorpusError
from tests.corpus_tools.building import contents, make_settings
from tests.corpus_tools.jobs import die_always, die_once, fail, mark_and_wait, square


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


def test_ray_that_does_not_answer():
    pytest.importorskip("ray")
    with pytest.raises(ConfigError, match="no Ray cluster answers"):
        make_executor("ray", 0, "127.0.0.1:1")


@pytest.fixture(scope="module")
def cluster():
    """A real Ray cluster of two nodes on this machine."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    root = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


def test_ray_does_every_job_though_workers_and_a_node_die(cluster, tmp_path: Path):
    cluster, second = cluster
    executor = make_executor("ray", 0, cluster.address)
    names = executor.run(die_once, [tmp_path / f"job{n}" for n in range(3)])
    assert sorted(names) == ["job0", "job1", "job2"]
    with pytest.raises(CorpusError, match="no such corpus: 7"):
        list(executor.run(fail, [7]))
    jobs = [tmp_path / f"slow{n}" for n in range(6)]
    results = executor.run(mark_and_wait, jobs)
    found = [next(results)]
    cluster.remove_node(second)  # with what it was working on
    found += list(results)
    assert sorted(found) == [path.name for path in jobs]


def workers_of(node) -> list[int]:
    """The processes that do a node's work."""
    raylets = {process.process.pid for process in node.all_processes["raylet"]}
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            name = (path / "cmdline").read_text()
        except OSError:
            continue
        if parent in raylets and name.startswith("ray::perform"):
            found.append(int(path.name))
    return found


def test_a_build_on_ray_loses_and_doubles_nothing(cluster, source: Path, tmp_path: Path):
    cluster, _ = cluster
    second = cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    build_corpora(make_settings(source, tmp_path / "local", corpus=["words"]))
    killed: list[int] = []

    def kill_some() -> None:
        deadline = time.monotonic() + 120
        while len(killed) < 3 and time.monotonic() < deadline:
            for process in workers_of(second)[:1]:
                os.kill(process, signal.SIGKILL)
                killed.append(process)
            time.sleep(0.05)

    killer = threading.Thread(target=kill_some, daemon=True)
    killer.start()
    build_corpora(
        make_settings(
            source, tmp_path / "ray", corpus=["words"], executor="ray", address=cluster.address
        )
    )
    assert killed
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
