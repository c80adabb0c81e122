"""The WebSocket of voice agents: text in as it is written, sound out as it is made.

From the client, JSON: `{"type": "start", "id", "dialect", "voice", "speed", "seed", "detail"}`
opens an utterance, `{"type": "text", "text"}` adds to it, `{"type": "end"}` closes it; they are
spoken in the order of their starts. `{"type": "cancel"}` drops them all, with an `id` that one.
`{"type": "key", "key"}` lets a browser in, which cannot send headers.

To the client: JSON `started`, `words`, `phones` (with `detail`: and `mel`), `done`, `cancelled`,
`error`, each with the utterance's `id`; binary messages are 16-bit little-endian mono samples of
the utterance that was started last.
"""

import asyncio
import base64
import json
import math
from collections import OrderedDict
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from fastapi import WebSocket, WebSocketDisconnect

from diamoe.server.encoding import to_pcm
from diamoe.server.engine import Job
from diamoe.server.guard import key_of
from diamoe.server.refusals import Refusal
from diamoe.server.room import Room
from diamoe.server.sentences import Sentences
from diamoe.server.speaking import Sound

PATH = "/v1/audio/stream"
_FRAME_SECONDS = 0.1


class Utterance:
    """One start-to-end of a client: what is asked, and the job that speaks it."""

    def __init__(self, message: dict[str, Any], room: Room, job: Job):
        self.id = str(message.get("id", ""))[:100]
        self.dialect = room.catalogue.dialect(
            _text(message, "dialect"), _text(message, "model"), _text(message, "instructions")
        )
        self.voice = room.catalogue.voice(_text(message, "voice"))
        self.speed = _number(message, "speed", 1.0, 0.25, 4.0)
        self.seed = int(_number(message, "seed", 0, 0, 2**31 - 1))
        self.detail = message.get("detail") is True
        self.job, self.sentences = job, Sentences()
        self.characters = 0


def _text(message: dict[str, Any], name: str) -> str | None:
    value = message.get(name)
    if value is None or isinstance(value, str):
        return value
    raise Refusal(400, f"{name}: expected a text", "invalid_message", name)


def _number(message: dict[str, Any], name: str, usual: float, low: float, high: float) -> float:
    value = message.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Refusal(400, f"{name}: from {low} to {high}", "invalid_message", name)
    return value


class AgentSocket:
    """One connection: a reader of messages and a speaker of utterances beside it."""

    def __init__(self, socket: WebSocket, room: Room):
        self.socket, self.room = socket, room
        self._utterances: OrderedDict[int, Utterance] = OrderedDict()
        self._queue: asyncio.Queue[tuple[int, Utterance]] = asyncio.Queue()
        self._written: Utterance | None = None
        self._count = 0
        self._admitted = False
        self._client = socket.client.host if socket.client else ""
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Until the client leaves."""
        await self.socket.accept()
        self._greet()
        speaking = asyncio.create_task(self._speak())
        try:
            while True:
                data = await self.socket.receive()
                if data["type"] == "websocket.disconnect":
                    break
                await self._take(data.get("text"))
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            for utterance in self._utterances.values():
                utterance.job.cancel()
            speaking.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await speaking

    def _greet(self) -> None:
        """Let in whoever needs no key, or sent one as a header."""
        headers = {k.lower(): v for k, v in self.socket.scope["headers"]}
        self._key = key_of(headers)
        with suppress(Refusal):
            self._admit(self._key)

    def _admit(self, key: str | None) -> None:
        self.room.admit(key)
        self._admitted = True
        if key:
            self._client = f"key {key}"

    async def _take(self, text: str | None) -> None:
        """One message; what is wrong with it is told, and the connection goes on."""
        utterance: Utterance | None = None
        try:
            message = _parsed(text)
            kind = message.get("type")
            if kind == "key":
                self._admit(_text(message, "key"))
                return
            if not self._admitted:
                self.room.admit(None)
            if kind == "start":
                self._start(message)
            elif kind == "cancel":
                await self._cancel(_text(message, "id"))
            elif kind in ("text", "end"):
                utterance = self._written
                await self._write(message, kind == "end")
            else:
                raise Refusal(400, "type: start, text, end, cancel or key", "invalid_message")
        except Refusal as refusal:
            if utterance is not None:
                await self._drop(utterance)
            id = utterance.id if utterance else ""
            await self._tell("error", id, **refusal.body()["error"], status=refusal.status)

    def _start(self, message: dict[str, Any]) -> None:
        if self._written is not None:
            raise Refusal(400, "end the utterance before the next start", "invalid_message")
        job = self.room.submit(self._client)
        try:
            utterance = Utterance(message, self.room, job)
        except Refusal:
            job.cancel()
            raise
        self._count += 1
        self._written = self._utterances[self._count] = utterance
        self._queue.put_nowait((self._count, utterance))

    async def _write(self, message: dict[str, Any], last: bool) -> None:
        """Read what is complete of the text, so that it can be spoken."""
        utterance = self._written
        if utterance is None:
            return  # its utterance was cancelled or dropped
        text = _text(message, "text") or ""
        utterance.characters += len(text)
        if utterance.characters > self.room.settings.characters:
            raise Refusal(
                400, f"at most {self.room.settings.characters} characters", "text_too_long"
            )
        complete = utterance.sentences.add(text)
        if last:
            complete += utterance.sentences.finish()
        for sentence in complete:
            try:
                pieces = await self.room.read(
                    sentence, utterance.dialect, utterance.voice, utterance.speed, utterance.seed
                )
            except Refusal as refusal:
                if refusal.code != "empty_text":
                    raise
                continue
            utterance.job.add(pieces)
        if last:
            self._written = None
            utterance.job.close()

    async def _cancel(self, id: str | None) -> None:
        for utterance in list(self._utterances.values()):
            if id is None or utterance.id == id:
                await self._drop(utterance)
                await self._tell("cancelled", utterance.id)

    async def _drop(self, utterance: Utterance) -> None:
        utterance.job.cancel()
        self._utterances = OrderedDict(
            (n, u) for n, u in self._utterances.items() if u is not utterance
        )
        if self._written is utterance:
            self._written = None

    async def _speak(self) -> None:
        while True:
            number, utterance = await self._queue.get()
            if number not in self._utterances:
                continue
            await self._tell("started", utterance.id, sample_rate=self.room.sample_rate)
            try:
                async for sound in utterance.job.sounds():
                    await self._send(number, utterance, sound)
            except Refusal as refusal:
                await self._tell("error", utterance.id, **refusal.body()["error"])
            if self._utterances.pop(number, None) is not None:
                await self._tell("done", utterance.id)

    async def _send(self, number: int, utterance: Utterance, sound: Sound) -> None:
        """A sound in short messages, so that a cancellation is heard at once."""
        if number not in self._utterances:
            return
        rows = {"words": sound.words} | ({"phones": sound.phones} if utterance.detail else {})
        for kind, timed in rows.items():
            texts = [_row(t) for t in timed]
            await self._tell(kind, utterance.id, **{kind: texts})
        if utterance.detail:
            await self._tell("mel", utterance.id, start=sound.start, **_picture(sound.mel))
        step = max(1, round(_FRAME_SECONDS * sound.sample_rate))
        for begin in range(0, len(sound.wave), step):
            if number not in self._utterances:
                return
            async with self._sending:
                await self.socket.send_bytes(to_pcm(sound.wave[begin : begin + step]))

    async def _tell(self, kind: str, id: str, **more: Any) -> None:
        async with self._sending:
            with suppress(WebSocketDisconnect, RuntimeError):
                message = {**more, "type": kind, "id": id}
                await self.socket.send_text(json.dumps(message, ensure_ascii=False))


def _parsed(text: str | None) -> dict[str, Any]:
    try:
        message = json.loads(text or "")
    except (ValueError, RecursionError):
        raise Refusal(400, "expected a JSON object as text", "invalid_message") from None
    if not isinstance(message, dict):
        raise Refusal(400, "expected a JSON object", "invalid_message")
    return message


def _row(timed: Any) -> dict[str, Any]:
    text = timed.text if hasattr(timed, "text") else timed.token
    return {"text": text, "start": round(timed.start, 4), "end": round(timed.end, 4)}


def _picture(mel: np.ndarray) -> dict[str, Any]:
    """A log-mel (frames, n_mels) as bytes, quiet 0 and loud 255, frame after frame."""
    low, high = math.log(1e-5), math.log(40.0)
    scaled = np.clip((mel - low) / (high - low), 0, 1) * 255
    data = base64.b64encode(scaled.astype(np.uint8).tobytes()).decode()
    return {"frames": len(mel), "bands": mel.shape[1], "data": data}


def same_origin(socket: WebSocket, origins: tuple[str, ...]) -> bool:
    """Whether a page may open the socket: its own, or one of the allowed origins."""
    origin = socket.headers.get("origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    return urlsplit(origin).netloc == socket.headers.get("host")
