"""OpenAI's routes with OpenAI's client."""

import base64
import io
import json
import re
import urllib.request
import wave
from pathlib import Path

import av
import numpy as np
import openai
import pytest

from tests.server.conftest import Running, running

ROOT = Path(__file__).resolve().parents[2]
TEN_KEEPS = ("api_key", "base_url")
TEXT = "今天天气好，我们去公园走走。你好吗？"


@pytest.fixture
def client(server: Running) -> openai.OpenAI:
    return openai.OpenAI(api_key="none", base_url=f"{server.url}/v1", max_retries=0)


def seconds(data: bytes, format: str) -> float:
    if format == "pcm":
        return len(data) / 48_000
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(audio=0)) / stream.rate


@pytest.mark.parametrize("format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_every_format_streamed_and_whole_has_the_speech_s_length(client, server, format):
    request = {"model": "tts-chengdu", "voice": "alloy", "input": TEXT}
    exact = len(client.audio.speech.create(**request, response_format="pcm").content) / 48_000
    whole = client.audio.speech.create(**request, response_format=format).content
    with client.audio.speech.with_streaming_response.create(
        **request, response_format=format
    ) as answer:
        parts = list(answer.iter_bytes(1024))
    assert b"".join(parts) == whole or format == "opus"  # Ogg streams have random serial numbers
    assert exact > 1
    assert seconds(whole, format) == pytest.approx(exact, abs=0.1)


def test_sse_and_wav_header(client):
    request = {"model": "tts", "voice": "nova", "input": TEXT, "response_format": "wav"}
    whole = client.audio.speech.create(**request).content
    assert whole[4:8] == whole[40:44] == b"\xff" * 4
    with wave.open(io.BytesIO(whole)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
    with client.audio.speech.with_streaming_response.create(
        **request, stream_format="sse"
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data:")]
    assert [e["type"] for e in events[-2:]] == ["speech.audio.delta", "speech.audio.done"]
    assert b"".join(base64.b64decode(e["audio"]) for e in events[:-1]) == whole
    assert events[-1]["usage"]["total_tokens"] > 0


def test_the_13_names_and_models_that_clients_look_for(client):
    for (
        name
    ) in "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split():
        assert len(client.audio.speech.create(model="tts-1", voice=name, input="好").content) > 100
    ids = [model.id for model in client.models.list()]
    assert {"tts", "tts-1", "tts-chengdu", "tts-cantonese"} <= set(ids)
    assert all("tts" in id for id in ids)


def test_the_dialect_by_model_field_or_instructions(client):
    def spoken(**more):
        request = {"model": "tts", "voice": "alloy", "input": "天气", "response_format": "pcm"}
        return np.frombuffer(client.audio.speech.create(**(request | more)).content, "<i2")

    chengdu = spoken(model="tts-chengdu")
    assert not np.array_equal(chengdu, spoken())
    for more in (
        {"model": "diamoe-chengdu"},
        {"extra_body": {"dialect": "chengdu"}},
        {"extra_body": {"dialect": "成都话"}},
        {"instructions": "请用四川话说"},
        {"instructions": "Say it in Sichuan dialect"},
        {"model": "tts-wuhan", "extra_body": {"dialect": "chengdu", "sample_rate": 24000}},
    ):
        assert np.array_equal(chengdu, spoken(**more)), more
    assert len(spoken(speed=4.0)) != len(spoken(speed=0.25))


def test_what_ten_sends_with_the_settings_of_the_guide(client, server):
    """Every entry of `params` but key and address, with the extension's own defaults below them."""
    guide = (ROOT / "docs/voice-agents.md").read_text(encoding="utf-8")
    (settings,) = re.findall(r"^```json\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    given = {k: v for k, v in json.loads(settings)["params"].items() if k not in TEN_KEEPS}
    assert given["voice"] == "tan"  # one that ships; the small bundle here has another
    sent = {"speed": 1.0, "instructions": "", **given, "response_format": "pcm", "input": "天气"}
    sent["voice"] = "anna"
    headers = {"Authorization": "Bearer none", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{server.url}/v1/audio/speech", json.dumps(sent).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        sound = answer.read()
    plain = client.audio.speech.create(
        model="tts-chengdu", voice="anna", input="天气", response_format="pcm"
    )
    assert sound == plain.content


@pytest.mark.parametrize(
    "more, status, word",
    [
        ({"voice": "nobody"}, 400, "unknown_voice"),
        ({"model": "gpt-9"}, 404, "model_not_found"),
        ({"input": ""}, 400, "empty_text"),
        ({"input": "好" * 4097}, 400, "text_too_long"),
        ({"input": "\x00"}, 400, "unreadable_text"),
        ({"speed": 9}, 400, "invalid_value"),
        ({"response_format": "ogg"}, 400, "invalid_value"),
        ({"extra_body": {"dialect": "klingon"}}, 400, "unknown_dialect"),
    ],
)
def test_errors_are_openai_s(client, more, status, word):
    request = {"model": "tts", "voice": "alloy", "input": "好"} | more
    with pytest.raises(openai.APIStatusError) as caught:
        client.audio.speech.create(**request)
    assert caught.value.status_code == status
    assert caught.value.body["code"] == word
    assert set(caught.value.body) == {"message", "type", "param", "code"}
    assert "Traceback" not in caught.value.response.text


def test_keys(synthesizer):
    with running(synthesizer, keys=("right", "other")) as server:

        def ask(key):
            client = openai.OpenAI(api_key=key, base_url=f"{server.url}/v1", max_retries=0)
            return client.audio.speech.create(model="tts", voice="alloy", input="好").content

        assert ask("right") and ask("other")
        with pytest.raises(openai.AuthenticationError):
            ask("wrong")
