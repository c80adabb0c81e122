"""A real server on a real socket, with a tiny model."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2 as httpx
import pytest
import torch

from diamoe.server.room import Room
from diamoe.server.running import make_server
from diamoe.server.settings import ServerSettings
from diamoe.synthesis.synthesizer import Synthesizer
from tests.factory import tiny_bundle

collect_ignore = ["pipecat_client.py"]  # runs in Pipecat's own environment


class Running:
    """A server in a thread: `url` of HTTP, `address` and `port`, its `room`."""

    def __init__(self, room: Room):
        self.room = room
        self.server = make_server(room)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> None:
        self.thread.start()
        end = time.monotonic() + 60
        while not (self.server.started and self.room.ready):
            assert self.thread.is_alive() and time.monotonic() < end
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.address = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()

    def idle(self, seconds: float = 5.0) -> bool:
        """Whether no job is left within some time, and nothing is made of a former one."""
        end = time.monotonic() + seconds
        while not self.room.engine.idle and time.monotonic() < end:
            time.sleep(0.01)
        return self.room.engine.idle

    def alive(self) -> bool:
        """Whether a good request is answered with sound."""
        body = {"model": "tts", "input": "你好。", "voice": "alloy", "response_format": "pcm"}
        answer = httpx.post(f"{self.url}/v1/audio/speech", json=body, timeout=30)
        return answer.status_code == 200 and len(answer.content) > 1000


@contextmanager
def running(synthesizer: Synthesizer, **settings) -> Iterator[Running]:
    """A server with settings of its own."""
    settings = {"port": 0, "steps": 2, "guidance": 0.0} | settings
    found = Running(Room(synthesizer, ServerSettings(**settings)))
    found.start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="session")
def synthesizer(tmp_path_factory: pytest.TempPathFactory) -> Synthesizer:
    """A synthesizer whose sounds are of some length and no sense."""
    synthesizer = Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("bundle")))
    torch.manual_seed(0)  # durations that follow the pace
    torch.nn.init.normal_(synthesizer.bundle.model.duration.out.weight, std=0.2)
    return synthesizer


@pytest.fixture(scope="session")
def server(synthesizer: Synthesizer) -> Iterator[Running]:
    """The server that most tests share."""
    with running(synthesizer, wyoming_port=0, body_seconds=1.0, header_seconds=1.0) as found:
        yield found
