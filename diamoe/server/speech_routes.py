"""OpenAI's routes: speech, models, voices."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from diamoe.server.catalogue import described
from diamoe.server.encoding import MEDIA_TYPES, Encoder
from diamoe.server.engine import Job
from diamoe.server.guard import key_of
from diamoe.server.recording import record_voice
from diamoe.server.room import Room
from diamoe.text.dialect import available_dialects, load_dialect
from diamoe.text.explain import as_json

_PART_SECONDS = 0.25
Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class VoiceId(BaseModel):
    """A voice by its id, as newer clients send it."""

    id: str = Field(max_length=200)


class SpeechRequest(BaseModel):
    """OpenAI's request, and `dialect`; other keys are let pass, as clients send theirs."""

    model: str = Field("tts", max_length=200, description="tts, tts-DIALECT or an OpenAI name")
    input: str = Field(description="the text, with or without markup")
    voice: str | VoiceId | None = Field(None, description="a voice of GET /v1/audio/voices")
    instructions: str | None = Field(None, max_length=4096, description="may name the dialect")
    dialect: str | None = Field(None, max_length=200, description="code, name or language tag")
    response_format: Format = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] = "audio"
    seed: int = Field(0, ge=0, lt=2**31)


class PhonesRequest(BaseModel):
    """A text whose reading is asked for."""

    input: str
    dialect: str | None = Field(None, max_length=200)


ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": {"application/json": {}}}
    for code, text in {
        400: "wrong request", 401: "no valid key", 404: "no such model", 408: "too slow",
        413: "too large", 429: "too many requests", 503: "busy",
    }.items()
}  # fmt: skip
RECORDING = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
SOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the sound, streamed",
        "content": {media: {} for media in (*MEDIA_TYPES.values(), "text/event-stream")},
    }
}


def client_of(request: Request) -> str:
    """Whose turn a request takes: its key's, else its address's."""
    key = key_of(dict(request.scope["headers"]))
    return f"key {key}" if key else (request.client.host if request.client else "")


def make_routes(room: Room) -> APIRouter:
    """The routes under /v1."""
    routes = APIRouter(prefix="/v1", responses=ERRORS)
    catalogue = room.catalogue
    recording = asyncio.Semaphore(1)  # decoding takes memory and time

    @routes.post("/audio/speech", response_class=StreamingResponse, responses=SOUND)
    async def speech(body: SpeechRequest, request: Request) -> StreamingResponse:
        """Speak a text; the sound is sent while it is made."""
        dialect = catalogue.dialect(body.dialect, body.model, body.instructions)
        name = body.voice.id if isinstance(body.voice, VoiceId) else body.voice
        voice = catalogue.voice(name)
        logged: dict[str, Any] = {"dialect": dialect, "characters": len(body.input)}
        if room.settings.log_text:
            logged["text"] = body.input
        request.scope.setdefault("state", {})["logged"] = logged
        pieces = await room.read(body.input, dialect, voice, body.speed, body.seed)
        job = room.submit(client_of(request))
        job.add(pieces)
        job.close()
        encoder = Encoder(body.response_format, room.sample_rate)
        if body.stream_format == "sse":
            return StreamingResponse(
                _events(job, encoder, len(body.input)), media_type="text/event-stream"
            )
        return StreamingResponse(_sound(job, encoder), media_type=MEDIA_TYPES[body.response_format])

    @routes.get("/models")
    async def models() -> dict[str, Any]:
        """All models: one for each dialect."""
        return {"object": "list", "data": [_model(name) for name in catalogue.models()]}

    @routes.get("/audio/voices")
    async def voices() -> dict[str, Any]:
        """The bundle's voices, and which of them OpenAI's names stand for."""
        return {"voices": described(catalogue.voices.values()), "aliases": catalogue.aliases}

    @routes.post("/audio/voices", status_code=201, openapi_extra=RECORDING)
    async def own_voice(
        request: Request,
        dialect: Annotated[str | None, Query(max_length=200)] = None,
        text: Annotated[str | None, Query(max_length=400)] = None,
    ) -> dict[str, Any]:
        """Make a voice of a recording of 3 to 10 seconds; `text` is what is said in it."""
        code = catalogue.dialect(dialect)
        async with recording:
            recorded = await record_voice(await request.body(), code, text)
        catalogue.keep(recorded.voice)
        return {"id": recorded.voice.name, "dialect": code, "doubts": recorded.doubts}

    @routes.get("/audio/dialects")
    async def dialects() -> dict[str, Any]:
        """The dialects; `characters`: written in Chinese ones, and corrected by romanisation, not
        by another spelling."""
        known = [load_dialect(code) for code in available_dialects()]
        rows = [
            {"id": d.code, "name": d.name, "name_zh": d.name_zh, "characters": d.reads_han}
            for d in known
        ]
        return {"dialects": rows, "default": room.settings.dialect}

    @routes.post("/audio/phones")
    async def phones(body: PhonesRequest) -> dict[str, Any]:
        """How a text is read: words, syllables and phones."""
        dialect = catalogue.dialect(body.dialect)
        words = await room.words(body.input, dialect)
        return {"dialect": dialect, "words": as_json(words)}

    return routes


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "diamoe"}


async def _sound(job: Job, encoder: Encoder) -> AsyncIterator[bytes]:
    async for sound in job.sounds():
        for part in _parts(sound.wave, encoder.sample_rate):
            if data := encoder.push(part):
                yield data
    if data := encoder.finish():
        yield data


def _parts(wave: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """The samples in short stretches, so that the first bytes leave before all are encoded."""
    size = round(_PART_SECONDS * sample_rate)
    for begin in range(0, len(wave), size):
        yield wave[begin : begin + size]


async def _events(job: Job, encoder: Encoder, characters: int) -> AsyncIterator[str]:
    seconds = 0.0
    async for sound in job.sounds():
        seconds += sound.seconds
        if data := encoder.push(sound.wave):
            yield _delta(data)
    if data := encoder.finish():
        yield _delta(data)
    spoken = round(seconds * 20)  # in twentieths of a second, as there are no audio tokens here
    usage = {
        "input_tokens": characters,
        "output_tokens": spoken,
        "total_tokens": characters + spoken,
    }
    yield _event({"type": "speech.audio.done", "usage": usage})


def _delta(data: bytes) -> str:
    return _event({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()})


def _event(event: dict[str, Any]) -> str:
    return f"data: {json.dumps(event)}\n\n"
