"""Several copies of the server on a Ray cluster.

Each replica has its own model, queue, limits and metrics; Ray Serve spreads requests and sockets
over them. The bundle must lie at the same place on every machine of the cluster.
"""

import signal
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from diamoe.errors import ConfigError
from diamoe.extras import extra
from diamoe.server.settings import ServerSettings


def make_application(settings: ServerSettings, bundle: Path, replicas: int) -> Any:
    """The server as a Ray Serve application of so many replicas, each with `threads` processors.

    Raises:
        ConfigError: no replica is asked for, or a Wyoming port, which replicas cannot share.
        MissingBackend: Ray Serve is not installed.
    """
    if replicas < 1:
        raise ConfigError(f"replicas: 1 or more, found {replicas}")
    if settings.wyoming_port is not None:
        raise ConfigError("wyoming_port: replicas cannot share one; run a server without them")
    with extra("ray", "a server of several replicas"):
        from ray import serve

    def build() -> Any:
        import torch

        from diamoe.memory import bound_memory
        from diamoe.server.app import make_app
        from diamoe.server.room import Room
        from diamoe.synthesis.synthesizer import Synthesizer

        bound_memory()
        torch.set_num_threads(1)  # of this thread, see `Engine._next`
        own = replace(settings, threads=settings.threads or 1)
        return make_app(Room(Synthesizer.from_bundle(bundle), own), warm_first=True)

    deployment = serve.deployment(
        name="speech",
        num_replicas=replicas,
        ray_actor_options={"num_cpus": settings.threads or 1},
        max_ongoing_requests=settings.queue + settings.sockets,
        graceful_shutdown_timeout_s=settings.drain_seconds,
    )
    return deployment(serve.ingress(build)()).bind()


def serve_replicas(
    settings: ServerSettings, bundle: Path, replicas: int, cluster: str | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, on the `cluster` of that address or on one of this machine.

    Raises:
        ConfigError, MissingBackend: as `make_application`; no cluster answers at the address.
    """
    application = make_application(settings, bundle, replicas)
    import ray
    from ray import serve

    try:
        ray.init(address=cluster or "local")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(f"no Ray cluster answers at {cluster}: {error}") from error
    serve.start(http_options={"host": settings.host, "port": settings.port})
    try:
        serve.run(application)
        done = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: done.set())
        done.wait()
    finally:
        serve.shutdown()
        ray.shutdown()
