"""Who does the work: this process, all cores of this machine, or the machines of a Ray cluster.

Jobs write what they make to disk under names that their inputs decide, and appear there whole or
not at all. So a job may be done twice, or anew after its worker died, without a trace.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import connection, get_context, parent_process
from typing import Any, Protocol, TypeVar

from diamoe.errors import ConfigError, CorpusError

J = TypeVar("J")
R = TypeVar("R")

WAITING = 2
"""Jobs handed out for each worker: one it does and one that waits for it."""
ATTEMPTS = 5
"""How often a job is begun whose worker died."""


class Executor(Protocol):
    """Does jobs, in any order."""

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """What `work` returns for every job, as it is done; few jobs are taken ahead."""
        ...


class InProcess:
    """One job after the other, in this process."""

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """See `Executor`."""
        yield from map(work, jobs)


class Local:
    """Processes of this machine; one that dies is replaced and its jobs are done anew."""

    def __init__(self, workers: int):
        self.workers = workers

    def run(self, work: Callable[[J], R], jobs: Iterable[J]) -> Iterator[R]:
        """See `Executor`.

        Raises:
            CorpusError: workers keep dying.
        """
        upcoming = iter(jobs)
        unfinished: list[J] = []
        for attempt in range(ATTEMPTS):
            waiting: dict[Future[R], J] = {}
            try:
                with self._pool() as pool:
                    # What a broken pool left goes first; the rest is taken as there is room.
                    again, unfinished = iter(unfinished), []
                    yield from self._drain(pool, work, again, upcoming, waiting)
                return
            except BrokenProcessPool:
                unfinished = [*waiting.values(), *again]
                if attempt == ATTEMPTS - 1:
                    break
        raise CorpusError(
            f"worker processes died {ATTEMPTS} times (out of memory?); the last jobs: "
            f"{unfinished[:1]}; with fewer `workers`, or a smaller `part`, the run goes on"
        )

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers, mp_context=get_context("spawn"), initializer=_end_with_parent
        )

    def _drain(
        self,
        pool: ProcessPoolExecutor,
        work: Callable[[J], R],
        again: Iterator[J],
        upcoming: Iterator[J],
        waiting: dict[Future[R], J],
    ) -> Iterator[R]:
        room = self.workers * WAITING
        while True:
            for source in (again, upcoming):
                for job in islice(source, max(0, room - len(waiting))):
                    waiting[_submit(pool, work, job, waiting)] = job
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
        try:
            ray.init(address=address or None, log_to_driver=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ConfigError(f"address={address}: no Ray cluster answers ({error})") from error

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

    def _result(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError as error:
            raise CorpusError(f"a job was begun {ATTEMPTS + 1} times, in vain: {error}") from error


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
