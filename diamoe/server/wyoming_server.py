"""The Wyoming protocol of Home Assistant: whole texts, and texts as they are written."""

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event, async_write_event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
)

from diamoe import __version__
from diamoe.server.encoding import to_pcm
from diamoe.server.engine import Job
from diamoe.server.refusals import Refusal
from diamoe.server.room import Room
from diamoe.server.sentences import Sentences
from diamoe.text.dialect import available_dialects, load_dialect

LOG = logging.getLogger("diamoe.server.wyoming")
_TAGS = {"putonghua": "zh-CN", "cantonese": "zh-HK", "shanghai": "wuu-CN", "hokkien": "nan-TW"}
_EUROPEAN = {"english": "en-US", "french": "fr-FR", "german": "de-DE", "dutch": "nl-NL"}
_LINE = 65_536


def describe(room: Room) -> Info:
    """What the server can: a voice `DIALECT-VOICE` for every pair, so that a client can choose."""
    voices = []
    for code in available_dialects():
        dialect = load_dialect(code)
        language = (_TAGS | _EUROPEAN).get(code) or ("zh-CN" if dialect.reads_han else code)
        for voice in room.catalogue.voices.values():
            voices.append(
                TtsVoice(
                    name=f"{code}-{voice.name}",
                    attribution=Attribution(voice.attribution, ""),
                    installed=True,
                    description=f"{dialect.name_zh} {dialect.name}, {voice.description}",
                    version=__version__,
                    languages=[language],
                )
            )
    program = TtsProgram(
        name="diamoe",
        attribution=Attribution("DiaMoE", ""),
        installed=True,
        description="Dialect text-to-speech",
        version=__version__,
        voices=voices,
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program])


class WyomingServer:
    """Listens for Wyoming clients; it has no keys, so it should stay on a trusted network."""

    def __init__(self, room: Room, host: str, port: int):
        self.room, self.host, self.port = room, host, port
        self._open = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._meet, self.host, self.port, limit=_LINE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close all connections."""
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        conversation = Conversation(self.room, reader, writer)
        try:
            if len(self._tasks) <= self.room.settings.sockets:
                await conversation.run()
        except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
            LOG.info("a client broke off: %s", type(error).__name__)
        finally:
            conversation.drop()
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


class Conversation:
    """One client: events in, sound out; a new text waits until the one before is spoken."""

    def __init__(self, room: Room, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.room, self.reader, self.writer = room, reader, writer
        self._client = str((writer.get_extra_info("peername") or ("",))[0])
        self._job: Job | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._sentences = Sentences()

    async def run(self) -> None:
        """Until the client leaves; whoever sends nothing for long is left."""
        while (event := await self._read()) is not None:
            try:
                await self._take(event)
            except Refusal as refusal:
                self.drop()
                await self._write(Error(refusal.message, refusal.code).event())

    def drop(self) -> None:
        """Stop speaking."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        if self._speaking is not None:
            self._speaking.cancel()
            self._speaking = None

    async def _take(self, event: Event) -> None:
        if Describe.is_type(event.type):
            await self._write(describe(self.room).event())
        elif Ping.is_type(event.type):
            await self._write(Pong(text=Ping.from_event(event).text).event())
        elif Synthesize.is_type(event.type):
            if self._job is None:  # else it repeats, for older servers, what is being streamed
                asked = Synthesize.from_event(event)
                await self._begin(asked.voice, streaming=False)
                await self._add([asked.text])
                await self._end()
        elif SynthesizeStart.is_type(event.type):
            await self._begin(SynthesizeStart.from_event(event).voice, streaming=True)
        elif SynthesizeChunk.is_type(event.type):
            await self._add(self._sentences.add(SynthesizeChunk.from_event(event).text))
        elif SynthesizeStop.is_type(event.type):
            await self._add(self._sentences.finish())
            await self._end()

    async def _begin(self, voice: Any, streaming: bool) -> None:
        self.drop()
        self._sentences = Sentences()
        catalogue = self.room.catalogue
        self._dialect = catalogue.default_dialect
        self._voice = catalogue.voice(None)
        if voice is not None and voice.language:
            self._dialect = catalogue.named(voice.language)
        if voice is not None and voice.name:
            code, _, name = voice.name.rpartition("-")
            self._voice = catalogue.voice(name)
            self._dialect = catalogue.named(code) if code else self._dialect
        self._job = self.room.submit(self._client)
        self._speaking = asyncio.create_task(self._speak(self._job, streaming))

    async def _add(self, texts: list[str]) -> None:
        for text in texts:
            if self._job is not None:
                self._job.add(await self.room.read(text, self._dialect, self._voice))

    async def _end(self) -> None:
        if self._job is None or self._speaking is None:
            return
        self._job.close()
        with suppress(asyncio.CancelledError):
            await self._while_listening(self._speaking)
        self._job = self._speaking = None

    async def _while_listening(self, speaking: "asyncio.Task[None]") -> None:
        """Wait, but stop when the client leaves; it says nothing meanwhile."""
        while not speaking.done():
            await asyncio.wait({speaking}, timeout=0.1)
            if self.reader.at_eof() or self.writer.is_closing():
                self.drop()
                return
        speaking.result()

    async def _speak(self, job: Job, streaming: bool) -> None:
        rate = self.room.sample_rate
        await self._write(AudioStart(rate=rate, width=2, channels=1).event())
        try:
            async for sound in job.sounds():
                audio = to_pcm(sound.wave)
                await self._write(AudioChunk(rate=rate, width=2, channels=1, audio=audio).event())
        except Refusal as refusal:
            await self._write(Error(refusal.message, refusal.code).event())
        await self._write(AudioStop().event())
        if streaming:
            await self._write(SynthesizeStopped().event())

    async def _write(self, event: Event) -> None:
        await async_write_event(event, self.writer)

    async def _read(self) -> Event | None:
        """The next event, its parts in bounds.

        Raises:
            ValueError: it is malformed or too large.
            EOFError, OSError: it was broken off.
        """
        line = await self.reader.readline()
        if not line.strip():
            return None
        head = _object(line)
        data = head.get("data") or {}
        for name in ("data_length", "payload_length"):
            length = head.get(name) or 0
            if not isinstance(length, int) or not 0 <= length <= self.room.settings.body_bytes:
                raise ValueError(f"{name}: {length!r}")
            async with asyncio.timeout(self.room.settings.body_seconds):
                body = await self.reader.readexactly(length)
            if name == "data_length" and body:
                data = data | _object(body)
        return Event(str(head["type"]), data)


def _object(data: bytes) -> dict[str, Any]:
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found
