"""Replicas on a real Ray cluster; `test_replicas.py` runs this in a process of its own."""

import asyncio
import json
import os
import socket
import time
from pathlib import Path

import httpx2 as httpx
import pytest
import ray
from ray import serve
from websockets.asyncio.client import connect

from diamoe.server.agent_socket import PATH
from diamoe.server.replicas import make_application
from diamoe.server.settings import ServerSettings
from tests.factory import tiny_bundle

BODY = {"model": "tts-chengdu", "input": "你好。", "voice": "alloy", "response_format": "pcm"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory):
    """Two replicas of a tiny bundle."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    root = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bundle = tiny_bundle(tmp_path_factory.mktemp("bundle"))
    ray.init(address="local", num_cpus=3, include_dashboard=False)
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    serve.run(make_application(ServerSettings(steps=2, guidance=0.0), bundle, replicas=2))
    yield f"http://127.0.0.1:{port}"
    serve.shutdown()
    ray.shutdown()


def test_both_replicas_answer_alike(url):
    pages: set[float] = set()
    sounds: set[bytes] = set()
    end = time.monotonic() + 60
    while len(pages) < 2 and time.monotonic() < end:
        answer = httpx.post(f"{url}/v1/audio/speech", json=BODY, timeout=30)
        assert answer.status_code == 200, answer.text
        sounds.add(answer.content)
        metrics = httpx.get(f"{url}/metrics", timeout=30).text
        pages |= {
            float(line.split()[1])
            for line in metrics.splitlines()
            if line.startswith("process_start_time_seconds ")
        }
    assert len(pages) == 2  # two processes
    assert len(sounds) == 1 and len(sounds.pop()) > 1000


def test_refusals_and_the_socket_pass_through(url):
    wrong = httpx.post(f"{url}/v1/audio/speech", json=BODY | {"voice": "nobody"}, timeout=30)
    assert wrong.status_code == 400 and wrong.json()["error"]["code"] == "unknown_voice"

    async def talk() -> tuple[bytes, str]:
        sound = b""
        async with connect(url.replace("http", "ws") + PATH) as client:
            for message in ({"type": "start"}, {"type": "text", "text": "你好。"}, {"type": "end"}):
                await client.send(json.dumps(message))
            while True:
                data = await asyncio.wait_for(client.recv(), 30)
                if isinstance(data, bytes):
                    sound += data
                elif (kind := json.loads(data)["type"]) in ("done", "error"):
                    return sound, kind

    sound, kind = asyncio.run(talk())
    assert kind == "done" and len(sound) > 1000
