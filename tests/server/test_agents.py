"""Clients of voice agents: the WebSocket, Pipecat, Wyoming."""

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from diamoe.server.barge_in import interrupt
from tests.server.conftest import Running, running

LONG = "今天天气好，我们去公园走走。" * 100


class Talk:
    """A client of the socket."""

    def __init__(self, socket):
        self.socket = socket

    async def send(self, kind: str, **more) -> None:
        await self.socket.send(json.dumps({"type": kind, **more}))

    async def say(self, text: str, **more) -> None:
        await self.send("start", **more)
        for character in text:
            await self.send("text", text=character)
        await self.send("end")

    async def until(self, kind: str, **more) -> tuple[list[dict], bytes]:
        """Messages and sound up to one message."""
        messages, sound = [], b""
        while True:
            data = await asyncio.wait_for(self.socket.recv(), 20)
            if isinstance(data, bytes):
                sound += data
                continue
            messages.append(json.loads(data))
            if more.items() | {("type", kind)} <= messages[-1].items():
                return messages, sound


def talk(server: Running, work, **more):
    async def run():
        url = f"{server.url.replace('http', 'ws')}/v1/audio/stream"
        async with connect(url, max_size=None, **more) as socket:
            return await work(Talk(socket))

    return asyncio.run(run())


def test_text_as_it_is_written_words_alongside_utterances_in_order(server):
    async def work(client):
        await client.say("你好。我们去公园。", id="a", dialect="chengdu")
        await client.say("再见。", id="b", dialect="cantonese", detail=True)
        return await client.until("done", id="a"), await client.until("done", id="b")

    (first, first_sound), (second, second_sound) = talk(server, work)
    assert first[0] == {"type": "started", "id": "a", "sample_rate": 24_000}
    words = [w for m in first if m["type"] == "words" for w in m["words"]]
    assert "".join(w["text"] for w in words) == "你好我们去公园"
    assert all(a["end"] <= b["start"] + 1e-3 for a, b in zip(words, words[1:], strict=False))
    assert words[-1]["end"] <= len(first_sound) / 48_000
    assert [m["id"] for m in second] == ["b"] * len(second)
    assert {m["type"] for m in second} == {"started", "words", "phones", "mel", "done"}
    assert len(second_sound) > 1000


def test_speech_begins_before_the_text_ends(server):
    async def work(client):
        await client.send("start", id="a")
        await client.send("text", text="今天天气好，")
        data = [await asyncio.wait_for(client.socket.recv(), 20) for _ in range(3)]
        await client.send("text", text="再见")
        await client.send("end")
        await client.until("done")
        return data

    assert any(isinstance(part, bytes) for part in talk(server, work))


def test_cancel_silences_within_100_ms_and_stops_the_job(server):
    async def work(client):
        for _ in range(2):
            await client.say(LONG, id="long")
            while not isinstance(await client.socket.recv(), bytes):
                pass
            await client.send("cancel")
            await client.until("cancelled")
            with pytest.raises(TimeoutError):  # not a sample more
                await asyncio.wait_for(client.socket.recv(), 0.3)
            assert server.room.engine.size == 0
        await client.say("你好。", id="next")
        return await client.until("done")

    messages, sound = talk(server, work)
    assert {m["id"] for m in messages} == {"next"} and len(sound) > 1000
    found = asyncio.run(interrupt(server.url, 3))
    assert found.late == 0
    assert min(found.told) < 0.1 and min(found.silence) < 0.1  # the best: others may use the cores


def test_a_batch_that_nobody_wants_any_more_is_not_made(synthesizer):
    """The worker is free long before the batch that it was making would have ended."""

    async def work(client):
        await client.say("今天天气好，我们去公园走走。")
        began = time.monotonic()
        while not server.room.engine.busy:
            assert time.monotonic() - began < 10
            await asyncio.sleep(0.001)
        began = time.monotonic()
        await client.send("cancel")
        await client.until("cancelled")
        assert await asyncio.to_thread(server.idle, 10.0)
        return time.monotonic() - began

    with running(synthesizer, steps=250, workers=1) as server:
        began = time.monotonic()
        assert server.alive()  # a shorter text, to its end
        whole = time.monotonic() - began
        assert min(talk(server, work) for _ in range(3)) < whole / 3


def test_leaving_frees_the_worker_and_wrong_messages_are_told(server):
    async def work(client):
        for bad in ("", "[]", "nonsense", '{"type": 3}', '{"type": "start", "speed": "x"}'):
            await client.socket.send(bad)
            messages, _ = await client.until("error")
            assert messages[-1]["code"] == "invalid_message"
        await client.say("你\U00030000好。", id="bad")
        messages, _ = await client.until("error", id="bad")
        assert "U+30000" in messages[-1]["message"]
        await client.say("你好。", id="good")
        await client.until("done", id="good")
        await client.say(LONG)
        await client.until("words")

    talk(server, work)
    assert server.idle(2)
    assert server.room.sockets == 0 or time.sleep(0.5) or server.room.sockets == 0


def test_other_pages_and_missing_keys_are_kept_out(server, synthesizer):
    async def nothing(client):
        await client.send("start")
        return await client.until("error")

    with pytest.raises(InvalidStatus):
        talk(server, nothing, origin="https://elsewhere.example")
    with running(synthesizer, keys=("right",)) as closed:
        messages, _ = talk(closed, nothing)
        assert messages[0]["code"] == "invalid_api_key"

        async def with_key(client):
            await client.send("key", key="right")
            await client.say("你好。")
            return await client.until("done")

        assert len(talk(closed, with_key)[1]) > 1000


def test_wyoming_whole_and_streamed(server):
    async def run():
        async with AsyncTcpClient("127.0.0.1", server.room.wyoming_port) as client:
            await client.write_event(Describe().event())
            info = Info.from_event(await client.read_event())
            assert info.tts[0].supports_synthesize_streaming
            names = [voice.name for voice in info.tts[0].voices]
            assert "chengdu-anna" in names
            voice = SynthesizeVoice(name="chengdu-anna")
            whole = await heard(client, [Synthesize("你好。我们去公园。", voice=voice)], AudioStop)
            parts = [SynthesizeChunk(c) for c in "你好。我们去公园。"]
            again = Synthesize("你好。我们去公园。")  # as Home Assistant sends it, for old servers
            events = [SynthesizeStart(voice=voice), *parts, again, SynthesizeStop()]
            streamed = await heard(client, events, SynthesizeStopped)
            await client.write_event(Synthesize("好", voice=SynthesizeVoice(name="x-y")).event())
            fault = Error.from_event(await client.read_event())
            assert fault.code == "unknown_voice"
            return len(whole), len(streamed)

    async def heard(client, events, last):
        for event in events:
            await client.write_event(event.event())
        assert AudioStart.from_event(await client.read_event()).rate == 24_000
        sound = b""
        while not last.is_type((event := await client.read_event()).type):
            if AudioChunk.is_type(event.type):
                sound += AudioChunk.from_event(event).audio
        return sound

    whole, streamed = asyncio.run(run())
    assert whole > 10_000 and streamed > 10_000


def test_wyoming_that_leaves_or_talks_nonsense(server):
    async def run():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.room.wyoming_port)
        data = json.dumps({"text": LONG[:2000]}).encode()
        writer.write(b'{"type": "synthesize", "data_length": %d}\n' % len(data) + data)
        await reader.readline()
        writer.transport.abort()
        for junk in (
            b"\xff\xfe\n",
            b"[]\n",
            b'{"type": 1}\n',
            b'{"payload_length": 1e99}\n',
            b'{"type": "x", "payload_length": 99999999999}\n',
            b"{" * 100_000,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.room.wyoming_port)
            writer.write(junk)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()

    asyncio.run(run())
    assert server.idle(3)


def test_pipecat_hears_frames_and_its_interruption_frees_the_worker(server):
    """With an interpreter of its own: `make test-pipecat` makes one."""
    python = os.environ.get("DIAMOE_PIPECAT")
    if python is None:
        pytest.skip("its pins are not ours: `make test-pipecat` runs this in an environment apart")
    command = [python, "-W", "ignore", str(Path(__file__).with_name("pipecat_client.py"))]
    with subprocess.Popen(
        [*command, server.url], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        found = json.loads(client.stdout.readline())
        assert found["bytes"] > 5000 and found["rates"] == [24_000] and not found["errors"]
        assert found["interrupted_after"] > 0 and server.room.engine.size == 1
        print(file=client.stdin, flush=True)
        assert client.stdout.readline() == "closed\n"
        assert server.idle(2.0)  # while the client still lives
        client.stdin.close()
