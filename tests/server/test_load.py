"""Many clients at once, some of which vanish, and the command that measures it."""

import asyncio
import json
import sys
import time

import httpx2 as httpx
import pytest

from diamoe.errors import DiamoeError
from diamoe.server import load as command
from diamoe.server.load_clients import answered, load
from diamoe.server.load_table import table
from diamoe.server.server_process import server_process
from tests.factory import tiny_bundle
from tests.server.conftest import running


def test_clients_that_vanish_leave_nothing_behind(synthesizer):
    with running(synthesizer, queue=12) as server:
        tally = asyncio.run(load(server.url, 16, 4.0, kill=0.2))
        assert tally.killed > 1
        assert not tally.wrong and set(tally.statuses) <= {"200", "429", "503"}
        assert tally.statuses["200"] > 5 and tally.first
        assert server.idle(5) and server.alive()


def test_one_and_many_clients_are_answered_the_same(synthesizer):
    """The sound is as long, however many ask at once."""
    with running(synthesizer) as server:
        one, many = (asyncio.run(answered(server.url, n, 6)) for n in (1, 3))
    assert one.statuses == many.statuses == {"200": 6}
    assert one.throughput > 0 and many.audio > 0


def test_what_is_left_and_what_was_wrong_is_seen(server):
    body = {"model": "tts", "input": "今天天气好。" * 300, "response_format": "pcm"}
    with httpx.stream("POST", f"{server.url}/v1/audio/speech", json=body, timeout=20) as answer:
        parts = answer.iter_bytes()
        next(parts)
        behind = asyncio.run(command.left(server.url, 0.5))
    assert behind["jobs"] == 1
    assert not any(asyncio.run(command.left(server.url)).values())
    good = {"throughput": {"wrong": []}, "crowd": {"wrong": []}, "left": {"jobs": 0}}
    assert command.is_sound(good)
    for bad in (
        {"left": behind},
        {"crowd": {"wrong": ["500"]}},
        {"throughput": {"wrong": ["ReadError"]}},
        {"cancel": {"late_bytes": 2}},
        {"left_after_cancel": {"batches": 1}},
    ):
        assert not command.is_sound(good | bad)


def test_the_command_measures_a_server_of_its_own(tmp_path, monkeypatch, capsys):
    bundle = str(tiny_bundle(tmp_path / "bundle"))
    numbers = "--compare 2 --clients 2 --seconds 2 --kill 0.5 --cancels 1 --json".split()
    options = ["--", "--bundle", bundle, "--steps", "2", "--guidance", "0", "--threads", "1"]
    monkeypatch.setattr(sys, "argv", ["load", *numbers, *options])
    assert command.main() == 0
    report = json.loads(capsys.readouterr().out)
    assert report["throughput"]["serial"]["statuses"] == {"200": 2}
    assert report["throughput"]["serial"]["cpu_seconds_per_audio_second"] > 0
    assert report["throughput"]["gain"] > 0
    assert report["crowd"]["killed"] >= 2 and min(mb for _, mb in report["crowd"]["memory_mb"]) > 50
    assert report["cancel"]["times"] == 1 and report["left"]["jobs"] == 0
    rows = dict(line.strip("| ").split(" | ") for line in table(report).splitlines()[2:])
    assert rows["8 against 1"] == f"{report['throughput']['gain']} times the throughput"
    assert rows["memory, MB"].startswith(str(report["crowd"]["memory_mb"][0][1]))
    assert rows["left behind"] == "0 jobs, 0 batches, 0 sockets"


def test_a_server_that_does_not_start_says_why():
    with (
        pytest.raises(DiamoeError, match="(?s)did not start.*--nonsense"),
        server_process(["--nonsense"]),
    ):
        pass


def test_clients_take_turns(synthesizer):
    """One who asks for very much does not keep another waiting."""
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
