"""Workers, a bounded queue that is fair to every client, batches, cancellation."""

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace

from diamoe.server.metrics import Metrics
from diamoe.server.refusals import Refusal, busy, too_many
from diamoe.server.settings import ServerSettings
from diamoe.server.speaking import Ask, Sound, Speaker, load_tables, take

LOGGED = "diamoe.server"


class Job:
    """The pieces of one request, in order, and the sounds made of them.

    Made by `Engine.submit`; belongs to the event loop that called it.
    """

    def __init__(self, engine: "Engine", client: str, deadline: float):
        self.client, self.deadline = client, deadline
        self.began = time.monotonic()
        self.pieces: deque[Ask] = deque()
        self.closed = self.cancelled = self.busy = False
        self.ahead = 0.0
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._sounds: asyncio.Queue[Sound | Refusal | None] = asyncio.Queue()
        self._first = True
        self._track = engine.speaker.track()
        self._added = 0

    def add(self, pieces: Iterable[Ask]) -> None:
        """More to speak."""
        with self._engine.changed:
            for piece in pieces:
                self.pieces.append(replace(piece, index=self._added))
                self._added += 1
            self._engine.changed.notify_all()

    def close(self) -> None:
        """Nothing more will be added."""
        with self._engine.changed:
            self.closed = True
            self._engine.changed.notify_all()

    def cancel(self) -> None:
        """Stop at once; what is being made is dropped at the solver's next step."""
        self._engine.cancel(self)
        self._sounds.put_nowait(None)

    async def sounds(self) -> AsyncIterator[Sound]:
        """Sounds as they are made; leaving the loop early cancels the job.

        Raises:
            Refusal: it could not be finished.
        """
        try:
            while (sound := await self._sounds.get()) is not None:
                if isinstance(sound, Refusal):
                    raise sound
                self._engine.taken(self, sound.seconds)
                yield sound
        finally:
            self._engine.cancel(self)

    def deliver(self, sound: Sound | Refusal | None) -> None:
        """Hand over from the worker's thread; None is the end."""
        if isinstance(sound, Sound):
            sound = self._track.place(sound)
        elif sound is None:
            self._hand_over(self._track.end())
        if isinstance(sound, Sound) and self._first:
            self._first = False
            self._engine.metrics.first_audio.observe(time.monotonic() - self.began)
        self._hand_over(sound)

    def _hand_over(self, sound: Sound | Refusal | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._sounds.put_nowait, sound)
        except RuntimeError:  # the loop is closed, nobody listens any more
            self.cancelled = True


class Engine:
    """Speaks the pieces of many jobs: a batch holds one piece of each of several jobs, and some
    workers make batches side by side.

    Clients take turns, and so do the jobs of one client.
    """

    def __init__(self, speaker: Speaker, settings: ServerSettings, metrics: Metrics):
        self.speaker, self.settings, self.metrics = speaker, settings, metrics
        self.changed = threading.Condition()
        self.ready = threading.Event()
        self._jobs: list[Job] = []
        self._turns: dict[str, int] = {}
        self._turn = 0
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._work, args=(n,), name=f"speaker {n}", daemon=True)
            for n in range(settings.workers)
        ]
        self._busy = [False] * settings.workers

    def start(self, warm: Iterable[Ask]) -> None:
        """Start the workers; they are `ready` when the `warm` pieces have been spoken."""
        self._warm = deque(warm)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the workers; jobs that are left are broken off."""
        with self.changed:
            self._stopping = True
            left = list(self._jobs)
            self.changed.notify_all()
        for job in left:
            self.cancel(job)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=30)

    @property
    def alive(self) -> bool:
        """Whether the workers live."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def size(self) -> int:
        """Jobs at work or waiting."""
        return len(self._jobs)

    @property
    def busy(self) -> int:
        """Batches being made."""
        return sum(self._busy)

    @property
    def idle(self) -> bool:
        """Whether nothing is asked for, and nothing is being made that was asked for before."""
        return not self._jobs and not self.busy

    def submit(self, client: str) -> Job:
        """A new job of a client.

        Raises:
            Refusal: the queue is full (503), or the client has too many jobs (429).
        """
        job = Job(self, client, time.monotonic() + self.settings.job_seconds)
        with self.changed:
            if self._stopping or not self.ready.is_set() or not self.alive:
                raise busy()
            if len(self._jobs) >= self.settings.queue:
                raise busy()
            if sum(j.client == client for j in self._jobs) >= self.settings.per_client:
                raise too_many("requests at once")
            self._jobs.append(job)
            self.metrics.queue.set(len(self._jobs))
        return job

    def cancel(self, job: Job) -> None:
        """Take a job out; nothing happens if it is done."""
        with self.changed:
            job.cancelled = True
            if job in self._jobs:
                self._leave(job)
                self.metrics.cancelled.inc()
                self.changed.notify_all()

    def taken(self, job: Job, seconds: float) -> None:
        """The client has taken so much of the sound made ahead."""
        with self.changed:
            job.ahead -= seconds
            self.changed.notify_all()

    def _leave(self, job: Job) -> None:
        self._jobs.remove(job)
        self.metrics.queue.set(len(self._jobs))
        if not any(j.client == job.client for j in self._jobs):
            self._turns.pop(job.client, None)

    def _work(self, worker: int) -> None:
        if worker == 0:
            self._warm_up()
        while (chosen := self._next(worker)) is not None:
            batch, sides = chosen
            try:
                self._speak(batch, sides)
            except Exception:
                self._fail(batch)
            finally:
                self._rest(worker, batch)

    def _warm_up(self) -> None:
        load_tables()
        for piece in self._warm:
            list(self.speaker.speak([piece], lambda i: not self._stopping))
        self.ready.set()

    def _next(self, worker: int) -> tuple[list[tuple[Job, Ask]], int] | None:
        """Wait for a batch, told with how many workers are then at work; None when the engine
        stops.

        A worker rests until those before it are busy, so that it is always the first that has all
        cores: every thread that has had several keeps helpers, and once there are more of these
        than cores, the OpenMP library puts them to sleep between any two operations, which took
        twice the time.
        """
        with self.changed:
            while not self._stopping:
                self._sweep()
                if all(self._busy[:worker]) and (batch := self._choose()):
                    self._busy[worker] = True
                    self.metrics.working.set(self.busy)
                    self.changed.notify_all()
                    more = min(len(self._waiting()), len(self._threads) - self.busy)
                    return batch, self.busy + more
                self.changed.wait(timeout=1.0)
        return None

    def _rest(self, worker: int, batch: list[tuple[Job, Ask]]) -> None:
        """The batch is no longer at work."""
        with self.changed:
            self._busy[worker] = False
            for job, _ in batch:
                job.busy = False
            self.metrics.working.set(self.busy)
            self.changed.notify_all()

    def _sweep(self) -> None:
        """Take out jobs that are done or out of time."""
        now = time.monotonic()
        for job in list(self._jobs):
            if now > job.deadline:
                self.metrics.failed.inc()
                job.deliver(Refusal(503, "the request took too long", "timeout", retry_after=5))
            elif job.closed and not job.pieces and not job.busy:
                self.metrics.done.inc()
                job.deliver(None)
            else:
                continue
            job.cancelled = True
            self._leave(job)

    def _waiting(self) -> list[Job]:
        """Jobs of which a piece could be made now."""
        ahead = self.settings.ahead_seconds
        return [j for j in self._jobs if j.pieces and not j.busy and j.ahead < ahead]

    def _choose(self) -> list[tuple[Job, Ask]]:
        """One piece each of jobs of clients whose turn was longest ago: this worker's share."""
        waiting = self._waiting()
        free = len(self._threads) - self.busy
        size = min(self.settings.batch, math.ceil(len(waiting) / free))
        crowded = len(self._jobs) > len(self._threads)
        batch: list[tuple[Job, Ask]] = []
        while len(batch) < size:
            job = min(waiting, key=self._last_turn)
            waiting.remove(job)
            self._turn += 1
            self._turns[job.client] = self._turn
            self._jobs.remove(job)  # behind the client's other jobs
            self._jobs.append(job)
            job.busy = True
            batch.append((job, take(job.pieces, crowded)))
        return batch

    def _last_turn(self, job: Job) -> int:
        return self._turns.get(job.client, 0)

    def _speak(self, batch: list[tuple[Job, Ask]], sides: int) -> None:
        began = time.monotonic()
        made = 0.0
        wanted: Callable[[int], bool] = lambda i: not batch[i][0].cancelled  # noqa: E731
        for i, sound in self.speaker.speak([piece for _, piece in batch], wanted, sides):
            job = batch[i][0]
            with self.changed:
                job.ahead += sound.seconds
            job.deliver(sound)
            made += sound.seconds
        self.metrics.batch.observe(len(batch))
        self.metrics.audio_seconds.inc(made)
        if made:
            self.metrics.real_time.observe((time.monotonic() - began) / made)

    def _fail(self, batch: list[tuple[Job, Ask]]) -> None:
        """A fault while speaking is logged whole and told to the clients without details."""
        logging.getLogger(LOGGED).exception("speaking failed")
        with self.changed:
            for job, _ in batch:
                if job in self._jobs:
                    self.metrics.failed.inc()
                    job.cancelled = True
                    self._leave(job)
                    job.deliver(Refusal(500, "the speech could not be made", "internal_error"))
