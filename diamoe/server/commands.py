"""The grammar of `tts serve`."""

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from diamoe.errors import ConfigError, DiamoeError
from diamoe.extras import extra

KEYS_VARIABLE = "DIAMOE_API_KEYS"
"""Environment variable: API keys, with commas between them."""
_NUMBERS = {  # setting: what it is
    "port": "port of HTTP and WebSocket (8000)",
    "wyoming_port": "also speak Wyoming on this port (Home Assistant: 10200)",
    "steps": "solver steps",
    "batch": "pieces made at once (4)",
    "workers": "batches made side by side (2)",
    "queue": "requests at work or waiting; more get 503 (64)",
    "per_client": "requests of one client at work or waiting; more get 429 (32)",
    "per_minute": "requests of one client in a minute; more get 429 (0: no limit)",
    "characters": "longest text (4096)",
    "threads": "threads of the model",
}


def add_serve_command(commands: Any) -> None:
    """Add `serve` to the subcommands of `tts`."""
    command = commands.add_parser(
        "serve",
        help="serve OpenAI's speech routes, a WebSocket, Wyoming and a page",
        description="A speech server. It listens on loopback unless --host says otherwise; "
        f"API keys are read from {KEYS_VARIABLE} or --key-file.",
    )
    command.add_argument("--host", help="address (127.0.0.1)")
    for name, text in _NUMBERS.items():
        command.add_argument(f"--{name.replace('_', '-')}", type=int, help=text)
    command.add_argument("--guidance", type=float, help="guidance scale; 0 turns it off")
    command.add_argument("--dialect", help="dialect of requests that name none (putonghua)")
    command.add_argument("--voice", help="voice of requests that name none")
    command.add_argument("--origin", action="append", dest="origins", help="allow a page (CORS)")
    command.add_argument("--key-file", type=Path, help="file of API keys, one a line")
    command.add_argument("--log-text", action="store_true", default=None, help="log the texts")
    command.add_argument("--bundle", type=Path, help="bundle folder (default: the shipped one)")
    command.add_argument("--replicas", type=int, help="so many copies of it, on a Ray cluster")
    command.add_argument("--cluster", help="address of that cluster (default: this machine alone)")
    command.add_argument("--vocoder", help="Vocos folder or hub name")
    command.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps or auto")
    command.set_defaults(run=run_server)


def run_server(arguments: argparse.Namespace) -> None:
    """`tts serve`.

    Raises:
        MissingBackend: the libraries of the server are not installed.
    """
    from diamoe.server.settings import ServerSettings

    names = (*_NUMBERS, "host", "guidance", "dialect", "voice", "log_text")
    given = {n: getattr(arguments, n) for n in names if getattr(arguments, n) is not None}
    settings = ServerSettings(
        **given, origins=tuple(arguments.origins or ()), keys=read_keys(arguments.key_file)
    )
    if arguments.replicas is not None:
        _serve_replicas(settings, arguments)
        return
    if arguments.cluster:
        raise ConfigError("--cluster: needs --replicas")
    with extra("serve", "a speech server"):
        from diamoe.server.running import serve
    import torch

    from diamoe.audio.vocoder import VocosVocoder
    from diamoe.bundle import SHIPPED
    from diamoe.memory import bound_memory
    from diamoe.server.room import Room
    from diamoe.synthesis.synthesizer import Synthesizer

    bound_memory()
    settings = replace(settings, threads=settings.threads or torch.get_num_threads())
    torch.set_num_threads(1)  # of this thread, see `Engine._next`
    vocoder = VocosVocoder.load(arguments.vocoder) if arguments.vocoder else None
    bundle = arguments.bundle or SHIPPED
    synthesizer = Synthesizer.from_bundle(bundle, vocoder, arguments.device)
    serve(Room(synthesizer, settings))


def _serve_replicas(settings: Any, arguments: argparse.Namespace) -> None:
    from diamoe.bundle import SHIPPED
    from diamoe.server.replicas import serve_replicas

    if arguments.vocoder:
        raise ConfigError("--vocoder: replicas speak with the bundle's own")
    if arguments.device != "cpu":
        raise ConfigError("--device: replicas compute on processors")
    bundle = (arguments.bundle or SHIPPED).resolve()
    serve_replicas(settings, bundle, arguments.replicas, arguments.cluster)


def read_keys(file: Path | None) -> tuple[str, ...]:
    """API keys of the environment and of a file.

    Raises:
        DiamoeError: the file cannot be read or holds no key.
    """
    keys = [key.strip() for key in os.environ.get(KEYS_VARIABLE, "").split(",")]
    if file is not None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise DiamoeError(f"{file}: cannot read the keys ({error})") from error
        found = [line.strip() for line in lines if line.strip() and line[0] != "#"]
        if not found:
            raise DiamoeError(f"{file}: holds no key")
        keys += found
    return tuple(key for key in keys if key)
