"""What a server meets on an open network; after each of these it answers the next request."""

import asyncio
import json
import random
import socket
import time

import httpx2 as httpx
import pytest

from tests.server.conftest import Running, running

SPEECH = "/v1/audio/speech"
GOOD = {"model": "tts", "input": "你好。", "voice": "alloy", "response_format": "pcm"}


@pytest.fixture(autouse=True)
def lives(server: Running):
    yield
    assert server.idle(5) and server.alive()


def raw(server: Running, data: bytes, wait: float = 5.0, shut: bool = False) -> bytes:
    """Send bytes and read until the server closes."""
    with socket.create_connection(server.address, timeout=wait) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
        return answer


def post(body: bytes, *headers: str) -> bytes:
    head = [f"POST {SPEECH} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    if not any("ength" in h or "encoding" in h for h in headers):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "Connection: close", "", ""]).encode() + body


def test_a_thousand_malformed_requests(server):
    chance = random.Random(7)
    good = json.dumps(GOOD, ensure_ascii=False).encode()
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for n in range(1000):
            body = bytearray(good)
            for _ in range(chance.randint(1, 12)):
                at = chance.randrange(len(body))
                match chance.randrange(4):
                    case 0:
                        body[at] = chance.randrange(256)
                    case 1:
                        del body[at : at + chance.randint(1, 20)]
                    case 2:
                        body[at:at] = chance.choice(
                            [b'"', b"{", b"\\ud800", b"\xff", b"null", b"["]
                        )
                    case _:
                        body[at:at] = b"[" * chance.randint(1, 500)
                body = body or bytearray(b"{")
            answer = client.post(SPEECH, content=bytes(body) + (b"{" if n % 2 else b""))
            assert answer.status_code in (200, 400, 404), (bytes(body), answer.text)
            if answer.status_code != 200:
                assert answer.json()["error"]["message"]
                assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b'{"input": "\xff"}', b'{"input": "\\ud800"}', b"[" * 60_000, b"", b"null",
     b'{"input": 1e999, "speed": NaN}', b'{"input": {"a": 1}}'],
)  # fmt: skip
def test_bodies_that_are_no_request(server, body):
    answer = httpx.post(server.url + SPEECH, content=body, timeout=10)
    assert answer.status_code == 400 and answer.json()["error"]["type"] == "invalid_request_error"


def test_bodies_too_large_or_too_slow(server):
    assert b" 413 " in raw(server, post(b"", "Content-Length: 99999999999999"))
    assert b" 200 " not in raw(server, post(b"", "Content-Length: -1"))
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    assert b" 413 " in raw(server, post(chunk * 2, "Transfer-encoding: chunked"))
    began = time.monotonic()
    assert b" 408 " in raw(server, post(b"{", "Content-Length: 1000"))
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("start", [b"", b"G", b"POST / HTTP/1.1\r\nHost: x\r\nX-A: "])
def test_heads_that_never_end_are_dropped(server, start):
    began = time.monotonic()
    raw(server, start)
    assert time.monotonic() - began < 3  # a second is allowed here


def test_heads_that_trickle_are_dropped(server):
    """A byte now and then does not keep a connection open."""
    began = time.monotonic()
    with socket.create_connection(server.address, timeout=5) as connection:
        closed = False
        for byte in b"POST /v1/audio/speech HTTP/1.1\r\n" + b"X" * 100:
            try:
                connection.sendall(bytes([byte]))
                connection.settimeout(0.1)
                closed = connection.recv(100) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                closed = True
            if closed:
                break
    assert closed and time.monotonic() - began < 5  # a second is allowed here


def test_slow_loris_by_the_dozen_does_not_keep_others_out(server):
    held = [socket.create_connection(server.address) for _ in range(60)]
    for connection in held:
        connection.sendall(b"POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\n")
    assert server.alive()
    for connection in held:
        connection.close()


@pytest.mark.parametrize(
    "data",
    [b"\x00" * 1000, b"\x16\x03\x01\x02\x00" * 50,
     b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     b"GET /page/..%2f..%2fapp.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     b"GET /page//etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 200_000 + b"\r\n\r\n"],
)  # fmt: skip
def test_nonsense_on_the_wire(server, data):
    answer = raw(server, data)
    assert b"root:" not in answer and b"import" not in answer and b" 200 " not in answer


def test_half_closed_sockets_and_clients_that_vanish(server):
    body = json.dumps(GOOD | {"input": "今天天气好。" * 200}).encode()
    for n in range(10):
        connection = socket.create_connection(server.address)
        connection.sendall(post(body))
        if n % 2:
            connection.recv(100)
        connection.close()
    assert server.idle(5)
    raw(server, post(json.dumps(GOOD).encode()), 10, shut=True)  # counts as gone


def test_connections_that_are_closed_on_one_side_only(server):
    """Whoever says that nothing more comes has left: no job stays, whatever was sent before."""
    whole = post(json.dumps(GOOD | {"input": "今天天气好。" * 50}).encode())
    for data in (b"", whole[:20], whole[:-30], whole):
        raw(server, data, 10, shut=True)
        assert server.idle(5), data[:40]


def test_clients_that_do_not_read_hold_back_only_themselves(synthesizer):
    """Little is made ahead of them, and others are served meanwhile."""

    async def run(room):
        job = room.submit("deaf")
        job.add(await room.read("今天天气好。" * 100, "putonghua", None))
        calm = 0
        while calm < 4:
            await asyncio.sleep(0.05)
            calm = 0 if room.engine.busy or not room.engine.size else calm + 1
        assert room.engine.size == 1 and len(job.pieces) > 20
        assert await asyncio.to_thread(server.alive)
        job.cancel()

    with running(synthesizer, ahead_seconds=2.0) as server:
        asyncio.run(run(server.room))
        assert server.idle(5)


@pytest.mark.parametrize(
    "message",
    [b"\xff\xfe", b'{"type": "text", "text": "\xc3"}', b'{"type": "start", "id": "\xed\xa0\x80"}'],
)
def test_sockets_with_invalid_utf8_are_closed(server, message):
    """In a text frame: the protocol's own rule, close code 1007."""
    frame = bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message
    head = b"GET /v1/audio/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" + (
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(server.address, timeout=5) as connection:
        connection.sendall(head)
        assert b" 101 " in connection.recv(1000)
        connection.sendall(frame)
        assert connection.recv(1000)[2:4] == (1007).to_bytes(2, "big")


def test_socket_messages_too_large_or_binary(server):
    from websockets.exceptions import ConnectionClosedError
    from websockets.sync.client import connect

    url = server.url.replace("http", "ws") + "/v1/audio/stream"
    with connect(url) as client:
        client.send(b"\x00\xff" * 100)
        assert json.loads(client.recv(5))["code"] == "invalid_message"
        client.send("[" * 60_000)
        assert json.loads(client.recv(5))["code"] == "invalid_message"
        client.send("x" * 70_000)
        with pytest.raises(ConnectionClosedError) as caught:
            client.recv(5)
        assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009


def test_limits_answer_429_and_503_with_the_time_to_wait(synthesizer):
    with running(synthesizer, queue=1, per_minute=3, batch=1, steps=250) as server:
        body = GOOD | {"input": "今天天气好。" * 50}
        with httpx.stream("POST", server.url + SPEECH, json=body, timeout=20) as first:
            parts = first.iter_bytes(100)
            next(parts)
            second = httpx.post(server.url + SPEECH, json=GOOD, timeout=20)
            parts.close()
        assert second.status_code == 503 and int(second.headers["retry-after"]) > 0
        assert server.idle(5)
        assert server.alive()
        third = httpx.post(server.url + SPEECH, json=GOOD, timeout=20)
        assert third.status_code == 429 and int(third.headers["retry-after"]) > 0
        assert third.json()["error"]["type"] == "rate_limit_error"


def test_headers_and_signs_of_life(server):
    answer = httpx.get(server.url + "/")
    assert (
        answer.status_code == 200
        and "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    )
    for name in ("x-content-type-options", "x-frame-options", "referrer-policy", "x-request-id"):
        assert answer.headers[name]
    assert httpx.get(server.url + "/healthz").json() == {"status": "ok"}
    assert httpx.get(server.url + "/readyz").status_code == 200
    assert server.alive()
    metrics = httpx.get(server.url + "/metrics").text
    for name in ("first_audio_seconds", "real_time_factor", "queue_jobs", "jobs_cancelled_total"):
        assert f"tts_{name}" in metrics


def test_cors_only_for_the_origins_that_were_named(synthesizer, server):
    ask = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    closed = httpx.options(server.url + SPEECH, headers=ask)
    assert "access-control-allow-origin" not in closed.headers
    with running(synthesizer, origins=("https://page.example",)) as open_server:
        answer = httpx.options(open_server.url + SPEECH, headers=ask)
        assert answer.headers["access-control-allow-origin"] == "https://page.example"


def test_what_was_begun_is_finished_at_shutdown(synthesizer):
    with running(synthesizer) as server:
        body = GOOD | {"input": "今天天气好。" * 8}
        whole = httpx.post(server.url + SPEECH, json=body, timeout=30).content
        with httpx.stream("POST", server.url + SPEECH, json=body, timeout=30) as answer:
            parts = answer.iter_bytes()
            first = next(parts)
            server.server.should_exit = True
            rest = b"".join(parts)
        assert len(first + rest) == len(whole)
