"""`python -m diamoe.server.load`: what a server does under load, and after it.

A server is started for it in a process of its own (what follows `--` goes to `tts serve`) unless
`--url` names one. Measured: seconds of audio made in a second for one client and for eight at
once; many clients at once of whom one is broken off every second, with time to first audio and
the server's memory over time; jobs that are left afterwards; how soon an interrupted voice of the
WebSocket falls silent. It prints a table, or with `--json` all of it.
"""

import argparse
import asyncio
import json
import signal
import statistics
import sys
import time
from contextlib import nullcontext
from typing import Any

import httpx2 as httpx

from diamoe.server.barge_in import interrupt
from diamoe.server.load_clients import Tally, answered, load
from diamoe.server.load_table import table
from diamoe.server.server_process import read_metrics, server_process

SIDE_BY_SIDE = 8
"""Clients at once that are compared with a single one."""
ROUNDS = 2
"""How often one and eight take turns."""
_PROCESSOR = "process_cpu_seconds_total"
_EVERY = 2.0  # seconds between two looks at the memory
_MEGABYTE = 2**20


async def compare(url: str, requests: int, key: str | None) -> dict[str, Any]:
    """The same requests by one client and by eight, in turns, so that a machine that is busy at
    times is so to both; with the processor's seconds for a second of audio."""
    tallies = {1: Tally(), SIDE_BY_SIDE: Tally()}
    processor = dict.fromkeys(tallies, 0.0)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        for _ in range(ROUNDS):
            for clients, tally in tallies.items():
                before = (await read_metrics(client))[_PROCESSOR]
                await answered(url, clients, requests // ROUNDS, key, tally)
                processor[clients] += (await read_metrics(client))[_PROCESSOR] - before
    one, eight = tallies.values()
    rows = [
        tally.report() | {"cpu_seconds_per_audio_second": round(spent / (tally.audio or 1), 3)}
        for tally, spent in zip(tallies.values(), processor.values(), strict=True)
    ]
    return {
        "serial": rows[0],
        "eight": rows[1],
        "gain": round(eight.throughput / one.throughput, 2) if one.throughput else None,
        "wrong": one.wrong + eight.wrong,
    }


async def crowd(
    url: str, clients: int, seconds: float, kill: float | None, key: str | None
) -> dict[str, Any]:
    """Many clients, one broken off every `kill` seconds, and the server's memory meanwhile."""
    memory: list[tuple[int, int]] = []
    watching = asyncio.create_task(_watch(url, memory))
    tally = await load(url, clients, seconds, kill, key)
    watching.cancel()
    size = max(1, len(memory) // 4)
    values = [megabytes for _, megabytes in memory]
    settled, last = values[size : 2 * size] or values, values[-size:]
    return tally.report() | {
        "clients": clients,
        "wrong": tally.wrong,
        "memory_mb": memory[:: max(1, len(memory) // 12)],
        "memory_growth_mb": round(statistics.median(last) - statistics.median(settled), 1),
    }


async def _watch(url: str, memory: list[tuple[int, int]]) -> None:
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while True:
            metrics = await read_metrics(client)
            megabytes = round(metrics["process_resident_memory_bytes"] / _MEGABYTE)
            memory.append((round(time.monotonic() - began), megabytes))
            await asyncio.sleep(_EVERY)


async def left(url: str, seconds: float = 10.0) -> dict[str, int]:
    """Jobs and batches that are there although nobody asks any more."""
    end = time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        while True:
            metrics = await read_metrics(client)
            found = {
                "jobs": int(metrics["tts_queue_jobs"]),
                "batches": int(metrics["tts_workers_busy"]),
                "sockets": int(metrics["tts_sockets"]),
            }
            if not any(found.values()) or time.monotonic() > end:
                return found
            await asyncio.sleep(0.1)


async def measure(url: str, given: argparse.Namespace) -> dict[str, Any]:
    """All of it, one after the other; each part is told on standard error when it is done."""
    report: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    if given.compare:
        parts["throughput"] = lambda: compare(url, given.compare, given.key)
    if given.seconds:
        parts["crowd"] = lambda: crowd(url, given.clients, given.seconds, given.kill, given.key)
    parts["left"] = lambda: left(url)
    if given.cancels:
        parts["cancel"] = lambda: _cancels(url, given.cancels, given.key)
        parts["left_after_cancel"] = lambda: left(url)
    for name, part in parts.items():
        report[name] = await part()
        print(name, json.dumps(report[name]), file=sys.stderr, flush=True)
    return report


async def _cancels(url: str, times: int, key: str | None) -> dict[str, Any]:
    return (await interrupt(url, times, key)).report()


def is_sound(report: dict[str, Any]) -> bool:
    """Whether nothing was wrong: no fault, nothing left behind, no sample after a cancellation."""
    wrong = [w for part in ("throughput", "crowd") for w in report.get(part, {}).get("wrong", ())]
    behind = [*report["left"].values(), *report.get("left_after_cancel", {}).values()]
    return not wrong and not any(behind) and not report.get("cancel", {}).get("late_bytes")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="diamoe.server.load", description=__doc__)
    parser.add_argument("--url", help="a running server (default: one is started)")
    parser.add_argument("--clients", type=int, default=32, help="clients at once (32)")
    parser.add_argument(
        "--seconds", type=float, default=300, help="how long they ask (300; 0: not)"
    )
    parser.add_argument("--kill", type=float, default=1.0, help="break one off so often, s (1)")
    parser.add_argument(
        "--compare", type=int, default=48, help="requests of one, and of eight (48; 0: none)"
    )
    parser.add_argument("--cancels", type=int, default=10, help="interruptions (10; 0: none)")
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    parser.add_argument("--key", help="API key")
    parser.add_argument("options", nargs="*", help="after `--`: options of `tts serve`")
    return parser


def main() -> int:
    """Parse the command line, measure, and print what was seen; 1 if there was a fault."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server's process ends, too
    server = nullcontext(given.url) if given.url else server_process(given.options, given.key)
    with server as url:
        report = asyncio.run(measure(url, given))
    print(json.dumps(report, indent=1) if given.json else table(report))
    return 0 if is_sound(report) else 1


if __name__ == "__main__":
    sys.exit(main())
