"""Voices of uploaded recordings, and recordings that are none."""

import io
import struct

import av
import httpx2 as httpx
import numpy as np
import pytest
import soundfile

from diamoe.audio.decode import decode
from tests.server.conftest import Running

URL = "/v1/audio/voices"


def test_a_recording_becomes_a_voice(server: Running, shared):
    folder = shared / "data" / "dialect_prompts"
    name, text, _ = sorted(folder.glob("*.txt"))[0].read_text("utf-8").strip().split("\t")[:3]
    file = next(
        p for p in sorted(folder.iterdir()) if "chengdu" in p.name.lower() and p.suffix != ".txt"
    )
    found = decode(file)
    sound = io.BytesIO()
    soundfile.write(sound, found.samples[: 9 * found.sample_rate], found.sample_rate, format="WAV")
    answer = httpx.post(server.url + URL, params={"dialect": "chengdu"}, content=sound.getvalue(),
                        timeout=120)  # fmt: skip
    assert answer.status_code == 201, answer.text
    body = {"model": "tts-chengdu", "input": "你好。", "response_format": "pcm"}
    own = httpx.post(
        f"{server.url}/v1/audio/speech", json=body | {"voice": answer.json()["id"]}, timeout=30
    )
    other = httpx.post(f"{server.url}/v1/audio/speech", json=body | {"voice": "anna"}, timeout=30)
    assert own.status_code == 200 and own.content != other.content
    listed = httpx.get(server.url + URL).text
    assert answer.json()["id"] not in listed  # nobody else's business


def bomb() -> bytes:
    """An hour of silence, little FLAC, whose header says ten seconds."""
    sound = io.BytesIO()
    with av.open(sound, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=8000)
        stream.layout, stream.format = "mono", "s16"
        for _ in range(60):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((1, 480_000), np.int16), format="s16", layout="mono"
            )
            frame.sample_rate = 8000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = bytearray(sound.getvalue())
    data[21] &= 0xF0  # STREAMINFO's 36 bits of samples
    data[22:26] = struct.pack(">I", 80_000)
    return bytes(data)


def wav(seconds: float) -> bytes:
    sound = io.BytesIO()
    soundfile.write(sound, np.zeros(int(seconds * 8000)), 8000, format="WAV")
    return sound.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", wav(3), wav(60), wav(3)[:60],
     b"RIFF\xff\xff\xff\xffWAVE" + b"\x00" * 100, b"\x1aE\xdf\xa3" + b"\xff" * 500],
)  # fmt: skip
def test_what_is_no_recording_is_refused(server: Running, data):
    answer = httpx.post(server.url + URL, content=data, timeout=30)
    assert answer.status_code == 400 and answer.json()["error"]["message"]
    assert "Traceback" not in answer.text


def test_ten_seconds_that_expand_to_an_hour_are_refused(server: Running):
    data = bomb()
    assert len(data) < 1_000_000
    answer = httpx.post(server.url + URL, content=data, timeout=30)
    assert answer.status_code == 400
    assert httpx.post(server.url + URL, content=b"RIFF" * 2_000_000, timeout=30).status_code == 413
    assert server.alive()
