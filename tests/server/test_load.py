"""Many clients at once, some of which vanish."""

import asyncio

from diamoe.server.load_clients import load
from tests.server.conftest import running


def test_clients_that_vanish_leave_nothing_behind(synthesizer):
    with running(synthesizer, queue=12) as server:
        tally = asyncio.run(load(server.url, 16, 4.0, kill=0.2))
        assert tally.killed > 5
        assert not tally.faults and set(tally.statuses) <= {"200", "429", "503"}
        assert tally.statuses["200"] > 10 and tally.first
        assert server.idle(5) and server.alive()


def test_clients_take_turns(synthesizer):
    """One who asks for very much does not keep another waiting."""
    import time

    import httpx2 as httpx

    with running(synthesizer, batch=1, steps=30) as server:
        address = f"{server.url}/v1/audio/speech"
        long = {"model": "tts", "input": "今天天气好。" * 100, "response_format": "pcm"}
        held = [
            httpx.Client(headers={"Authorization": "Bearer greedy"}, timeout=60) for _ in range(6)
        ]
        streams = [client.stream("POST", address, json=long) for client in held]
        for stream in streams:
            stream.__enter__()
        began = time.monotonic()
        short = httpx.post(address, json=long | {"input": "你好。"}, timeout=60)
        took = time.monotonic() - began
        left = server.room.engine.size
        for stream, client in zip(streams, held, strict=True):
            stream.__exit__(None, None, None)
            client.close()
        assert short.status_code == 200 and left == 6, (took, left)
        assert server.idle(5)
