"""`python -m diamoe.server.load`: many clients at once against a running server.

Every client asks for sentences one after the other and reads the sound as it comes; with
`--kill` one of them is broken off every so many seconds and begins anew. Told at the end: answers
by status, faults, time to first audio, seconds of audio made in a second.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
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
    killed: int = 0

    def report(self, seconds: float) -> dict[str, Any]:
        """Figures for people and programs."""
        ordered = sorted(self.first)
        return {
            "seconds": round(seconds, 1),
            "statuses": dict(self.statuses),
            "faults": dict(self.faults),
            "killed": self.killed,
            "first_audio_median": round(statistics.median(ordered), 3) if ordered else None,
            "first_audio_95": round(ordered[int(0.95 * len(ordered))], 3) if ordered else None,
            "audio_seconds_per_second": round(self.audio / seconds, 3),
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
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(base_url=url, timeout=300, headers=headers) as client:
        while True:
            try:
                await ask(client, chance, tally)
            except httpx.HTTPError as error:
                tally.faults[type(error).__name__] += 1
                await asyncio.sleep(0.5)


async def load(
    url: str, clients: int, seconds: float, kill: float | None, key: str | None = None
) -> Tally:
    """Let `clients` ask for so many seconds, one broken off every `kill` seconds."""
    tally, chance = Tally(), random.Random(0)
    tasks = [asyncio.create_task(keep_asking(url, n, tally, key)) for n in range(clients)]
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, kill or left))
        if kill and time.monotonic() < end:
            place = chance.randrange(clients)
            await _stop(tasks[place])
            tally.killed += 1
            seed = clients + tally.killed
            tasks[place] = asyncio.create_task(keep_asking(url, seed, tally, key))
    for task in tasks:
        await _stop(task)
    return tally


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def main() -> int:
    """Parse the command line, ask, and print what was seen as JSON; 1 if there were faults."""
    parser = argparse.ArgumentParser(prog="diamoe.server.load", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server")
    parser.add_argument("--clients", type=int, default=32, help="clients at once")
    parser.add_argument("--seconds", type=float, default=300, help="how long")
    parser.add_argument("--kill", type=float, help="break one off every so many seconds")
    parser.add_argument("--key", help="API key")
    given = parser.parse_args()
    tally = asyncio.run(load(given.url, given.clients, given.seconds, given.kill, given.key))
    report = tally.report(given.seconds)
    print(json.dumps(report, indent=1))
    wrong = [status for status in tally.statuses if status not in ("200", "429", "503")]
    return 1 if wrong or tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
