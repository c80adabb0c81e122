"""Who does the work: this process, all cores of this machine, or the machines of a Ray cluster.

Jobs write what they make to disk under names that their inputs decide, and appear there whole or
not at all. So a job may be done twice, or anew after its worker died, without a trace.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from typing import Any, Protocol, TypeVar

from diamoe.errors import ConfigError, CorpusError

J = TypeVar("J")
R = TypeVar("R")

WAITING = 2
"""Jobs handed out for each worker: one it does and one that waits for it."""
KNOCK = 5.0
"""Seconds a cluster has to answer."""
ATTEMPTS = 5
"""How often a job is begun whose worker died."""


class Executor(Protocol):
    """Does jobs, in any order."""

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """What `work` returns for every job, as it is done; few jobs are taken ahead."""
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class InProcess:
    """One job after the other, in this process."""

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """See `Executor`."""
        yield from map(work, jobs)

    def close(self) -> None:
        """See `Executor`."""


class Local:
    """Processes of this machine; one that dies is replaced and its jobs are done anew."""

    def __init__(self, workers: int):
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """See `Executor`.

        Raises:
            CorpusError: workers keep dying.
        """
        upcoming = iter(jobs)
        unfinished: list[J] = []
        for _ in range(ATTEMPTS):
            waiting: dict[Future[R], J] = {}
            # What a broken pool left goes first; the rest is taken as there is room.
            again = iter(unfinished)
            try:
                yield from self._drain(work, chain(again, upcoming), waiting)
                return
            except BrokenProcessPool:
                self.close()
                unfinished = [*waiting.values(), *again]
        raise CorpusError(
            f"worker processes died {ATTEMPTS} times (out of memory?); the last jobs: "
            f"{unfinished[:1]}; with fewer `workers`, or a smaller `part`, the run goes on"
        )

    def close(self) -> None:
        """See `Executor`."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool = None

    def _drain(
        self, work: Callable[[J], R], jobs: Iterator[J], waiting: dict[Future[R], J]
    ) -> Iterator[R]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=get_context("spawn"), initializer=_end_with_parent
            )
        while True:
            for job in islice(jobs, self.workers * WAITING - len(waiting)):
                waiting[_submit(self._pool, work, job, waiting)] = job
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                del waiting[future]
                yield result


def _submit(
    pool: ProcessPoolExecutor, work: Callable[[J], R], job: J, waiting: dict[Future[R], J]
) -> Future[R]:
    try:
        return pool.submit(work, job)
    except BrokenProcessPool:
        waiting[Future()] = job  # not lost: it is begun anew with the others
        raise


def _end_with_parent() -> None:
    """Make a worker end when its parent is killed, for nobody would give it work again."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Ray:
    """Workers of a Ray cluster, which must see the same files under the same names."""

    def __init__(self, address: str):
        """Connect to the cluster at `address`; start one on this machine if that is empty.

        Raises:
            ConfigError: Ray is not installed, or nothing answers at the address.
        """
        try:
            import ray
        except ImportError as error:
            raise ConfigError(
                f"executor=ray needs Ray, which is not installed ({error}): "
                "pip install 'diamoe[ray]'"
            ) from error
        self._ray: Any = ray
        if ray.is_initialized():
            return
        if address:
            _check_address(address)
        ray.init(address=address or None, log_to_driver=False)

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """See `Executor`.

        Raises:
            CorpusError: the workers that had a job died, one after the other.
        """
        ray = self._ray
        remote = ray.remote(num_cpus=1, max_retries=ATTEMPTS)(work)
        upcoming = iter(jobs)
        waiting: list[Any] = []
        while True:
            room = max(1, int(ray.cluster_resources().get("CPU", 1))) * WAITING
            waiting += [remote.remote(job) for job in islice(upcoming, max(0, room - len(waiting)))]
            if not waiting:
                return
            done, waiting = ray.wait(waiting)
            for reference in done:
                yield self._result(reference)

    def close(self) -> None:
        """See `Executor`; the cluster is left as it is."""

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError as error:
            raise CorpusError(f"a job was begun {ATTEMPTS + 1} times, in vain: {error}") from error


def _check_address(address: str) -> None:
    """Knock at `host:port`, for Ray itself would wait for minutes, then end the program.

    Raises:
        ConfigError: nobody answers.
    """
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if address == "auto" or not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), KNOCK).close()
    except OSError as error:
        raise ConfigError(f"address={address}: no Ray cluster answers ({error})") from error


def make_executor(name: str, workers: int, address: str) -> Executor:
    """The executor of that name; `workers` 0 stands for all cores.

    Raises:
        ConfigError: there is none, or it cannot work here.
    """
    if name == "ray":
        return Ray(address)
    if name != "local":
        raise ConfigError(f"executor={name}; allowed: local, ray")
    workers = workers or os.cpu_count() or 1
    return InProcess() if workers == 1 else Local(workers)
