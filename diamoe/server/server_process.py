"""A server in a process of its own, and what its metrics say of it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx2 as httpx
from prometheus_client.parser import text_string_to_metric_families

from diamoe.errors import DiamoeError
from diamoe.server.commands import KEYS_VARIABLE

START_SECONDS = 120.0
"""How long a server may take until it is ready."""


@contextmanager
def server_process(options: Sequence[str] = (), key: str | None = None) -> Iterator[str]:
    """Run `tts serve` with `options` on a free port, ready when its URL is handed out; ended at
    the end.

    Raises:
        DiamoeError: it ended by itself or did not become ready, with the end of its log.
    """
    port = _free_port()
    command = [sys.executable, "-m", "diamoe.cli", "serve", "--port", str(port), *options]
    environment = os.environ | ({KEYS_VARIABLE: key} if key else {})
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stderr=log, env=environment)
        url = f"http://127.0.0.1:{port}"
        try:
            end = time.monotonic() + START_SECONDS
            while not _is_ready(url):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise DiamoeError(f"the server did not start: {log.read()[-2000:].decode()}")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


async def read_metrics(client: httpx.AsyncClient) -> dict[str, float]:
    """The server's metrics without labels, by name."""
    text = (await client.get("/metrics")).text
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }
