"""Many clients at once, who ask for sentences in turn and read the sound as it comes."""

import asyncio
import random
import ssl
import statistics
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx2 as httpx

TEXTS = (
    "今天天气好，我们去公园走走。",
    "你吃饭了没有？",
    "祝福大家前程似锦，顺水顺风。",
    "明天早上八点半在火车站见面，不要迟到。",
)
DIALECTS = ("putonghua", "chengdu", "cantonese", "xian", "shanghai")
_PCM_SECOND = 48_000


@dataclass
class Tally:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    first: list[float] = field(default_factory=list)
    audio: float = 0.0
    seconds: float = 0.0
    killed: int = 0

    @property
    def wrong(self) -> list[str]:
        """What should not have been: faults, and statuses other than sound or "later"."""
        return [*(s for s in self.statuses if s not in ("200", "429", "503")), *self.faults]

    @property
    def throughput(self) -> float:
        """Seconds of audio received in a second."""
        return self.audio / self.seconds if self.seconds else 0.0

    def report(self) -> dict[str, Any]:
        """Figures for people and programs."""
        ordered = sorted(self.first)
        return {
            "seconds": round(self.seconds, 1),
            "statuses": dict(self.statuses),
            "faults": dict(self.faults),
            "killed": self.killed,
            "first_audio_median": round(statistics.median(ordered), 3) if ordered else None,
            "first_audio_95": round(ordered[int(0.95 * len(ordered))], 3) if ordered else None,
            "audio_seconds_per_second": round(self.throughput, 3),
        }


async def ask(client: httpx.AsyncClient, chance: random.Random, tally: Tally) -> None:
    """One request, read to its end."""
    body = {
        "model": f"tts-{chance.choice(DIALECTS)}",
        "input": chance.choice(TEXTS),
        "voice": "alloy",
        "response_format": "pcm",
    }
    began, first = time.monotonic(), True
    async with client.stream("POST", "/v1/audio/speech", json=body) as answer:
        tally.statuses[str(answer.status_code)] += 1
        if answer.status_code in (429, 503):
            wait = answer.headers.get("retry-after")
            if wait is None:
                tally.faults["no Retry-After"] += 1
            await asyncio.sleep(float(wait or 1))
            return
        async for part in answer.aiter_bytes():
            if first:
                tally.first.append(time.monotonic() - began)
                first = False
            tally.audio += len(part) / _PCM_SECOND


async def keep_asking(url: str, seed: int, tally: Tally, key: str | None) -> None:
    """One client, until it is cancelled."""
    chance = random.Random(seed)
    async with _client(url, key) as client:
        while True:
            try:
                await ask(client, chance, tally)
            except httpx.HTTPError as error:
                tally.faults[type(error).__name__] += 1
                await asyncio.sleep(0.5)


def _client(url: str, key: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=url, timeout=300, headers=headers, verify=_certificates())


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """For all clients: reading them takes the processor that the server is measured on."""
    return ssl.create_default_context()


async def answered(
    url: str, clients: int, requests: int, key: str | None = None, tally: Tally | None = None
) -> Tally:
    """Let `clients` ask until so many requests are answered whole, and take the time; the
    requests are the same however many clients there are."""
    tally = tally or Tally()
    seeds = iter(range(requests))

    async def work() -> None:
        async with _client(url, key) as client:
            for seed in seeds:
                try:
                    await ask(client, random.Random(seed), tally)
                except httpx.HTTPError as error:
                    tally.faults[type(error).__name__] += 1

    began = time.monotonic()
    await asyncio.gather(*(work() for _ in range(clients)))
    tally.seconds += time.monotonic() - began
    return tally


async def load(
    url: str, clients: int, seconds: float, kill: float | None = None, key: str | None = None
) -> Tally:
    """Let `clients` ask for so many seconds, one broken off every `kill` seconds and replaced by
    a new one."""
    tally, chance = Tally(), random.Random(0)
    tasks = [asyncio.create_task(keep_asking(url, n, tally, key)) for n in range(clients)]
    began = time.monotonic()
    while (left := began + seconds - time.monotonic()) > 0:
        await asyncio.sleep(min(left, kill or left))
        if kill and time.monotonic() < began + seconds:
            place = chance.randrange(clients)
            await _stop(tasks[place])
            tally.killed += 1
            seed = clients + tally.killed
            tasks[place] = asyncio.create_task(keep_asking(url, seed, tally, key))
    tally.seconds = time.monotonic() - began
    for task in tasks:
        await _stop(task)
    return tally


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
