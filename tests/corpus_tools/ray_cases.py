"""The executor on a real Ray cluster; `test_executor.py` runs this in a process of its own."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
import ray
from ray.cluster_utils import Cluster

from corpus_tools.build import build_corpora
from corpus_tools.executor import make_executor
from diamoe.errors import ConfigError, CorpusError
from tests.corpus_tools.building import contents, make_settings
from tests.corpus_tools.jobs import die_once, fail, mark_and_wait


def test_ray_that_does_not_answer():
    with pytest.raises(ConfigError, match="no Ray cluster answers"):
        make_executor("ray", 0, "127.0.0.1:1")


@pytest.fixture(scope="module")
def cluster():
    """A real Ray cluster of two nodes on this machine."""
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
