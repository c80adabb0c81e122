"""How soon an interrupted voice falls silent, measured as a client hears it."""

import asyncio
import json
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx
from websockets.asyncio.client import ClientConnection, connect

from diamoe.server.agent_socket import PATH
from diamoe.server.server_process import read_metrics

LONG = "今天天气好，我们去公园走走。" * 40
"""What is interrupted."""
LISTEN_SECONDS = 0.3
"""How long is listened for samples that must not come any more."""


@dataclass
class Interruptions:
    """What was seen, in seconds after each `cancel` was sent.

    `silence` the last sample (0 if none came), `told` the message `cancelled`, `idle` when the
    server's metrics say that neither a job nor a batch is left; `late` counts samples that came
    after `cancelled`, in bytes.
    """

    silence: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    late: int = 0

    def report(self) -> dict[str, Any]:
        """Figures for people and programs, milliseconds."""
        rows: dict[str, Any] = {"times": len(self.silence), "late_bytes": self.late}
        for name in ("silence", "told", "idle"):
            values = [1000 * value for value in getattr(self, name)]
            rows[f"{name}_ms_median"] = round(statistics.median(values), 1)
            rows[f"{name}_ms_most"] = round(max(values), 1)
        return rows


async def interrupt(url: str, times: int, key: str | None = None) -> Interruptions:
    """Let a server that is otherwise idle speak a long text and interrupt it, so many times."""
    found = Interruptions()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    address = url.replace("http", "ws", 1) + PATH
    async with (
        httpx.AsyncClient(base_url=url, headers=headers) as client,
        connect(address, max_size=None, additional_headers=headers) as socket,
    ):
        for _ in range(times):
            await _say(socket)
            while not isinstance(await socket.recv(), bytes):
                pass
            await _cancel(socket, found)
            await _listen(socket, found)
            await _until_idle(client)
            await _say(socket)  # once more, as the asking itself takes time
            while not isinstance(await socket.recv(), bytes):
                pass
            began = time.monotonic()
            await socket.send(json.dumps({"type": "cancel"}))
            await _until_idle(client)
            found.idle.append(time.monotonic() - began)
            await _listen(socket, Interruptions())
    return found


async def _say(socket: ClientConnection) -> None:
    for message in ({"type": "start"}, {"type": "text", "text": LONG}, {"type": "end"}):
        await socket.send(json.dumps(message))


async def _cancel(socket: ClientConnection, found: Interruptions) -> None:
    """Interrupt, and hear what still comes until the server says that it has stopped."""
    began = time.monotonic()
    silence = 0.0
    await socket.send(json.dumps({"type": "cancel"}))
    while True:
        data = await socket.recv()
        if isinstance(data, bytes):
            silence = time.monotonic() - began
        elif json.loads(data)["type"] == "cancelled":
            break
    found.silence.append(silence)
    found.told.append(time.monotonic() - began)


async def _listen(socket: ClientConnection, found: Interruptions) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LISTEN_SECONDS):
            while True:
                data = await socket.recv()
                found.late += len(data) if isinstance(data, bytes) else 0


async def _until_idle(client: httpx.AsyncClient) -> None:
    while True:
        metrics = await read_metrics(client)
        if metrics["tts_queue_jobs"] == metrics["tts_workers_busy"] == 0:
            return
        await asyncio.sleep(0.005)
