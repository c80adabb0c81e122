"""Settings of the server."""

from dataclasses import dataclass, field

from diamoe.errors import ConfigError


@dataclass(frozen=True)
class ServerSettings:
    """What `tts serve` can be told; every limit is per process."""

    host: str = "127.0.0.1"
    """Address to listen at; loopback unless told otherwise."""
    port: int = 8000
    """Port of HTTP and WebSocket; 0 takes a free one."""
    wyoming_port: int | None = None
    """Port of the Wyoming protocol (Home Assistant uses 10200); None leaves it out."""
    dialect: str = "putonghua"
    """Dialect of requests that name none."""
    voice: str | None = None
    """Voice of requests that name none; None takes the first that speaks the dialect."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """API keys that are let in; none means that everybody is."""
    origins: tuple[str, ...] = ()
    """Origins of other web pages that may use the server (CORS); `*` is all of them."""
    steps: int | None = None
    """Solver steps; None: as many as suit the bundle."""
    guidance: float | None = None
    """Guidance scale, 0 halves the work; None: what suits the bundle."""
    batch: int = 4
    """Pieces of different requests that are made at once."""
    workers: int = 2
    """Batches that are made side by side, each with its share of the processor."""
    queue: int = 64
    """Requests at work or waiting; more are refused with 503."""
    per_client: int = 32
    """Requests of one client at work or waiting; more are refused with 429."""
    per_minute: int = 0
    """Requests of one client in a minute; more are refused with 429; 0 sets no limit."""
    characters: int = 4096
    """Longest text of a request."""
    body_bytes: int = 65_536
    """Largest body of a request and largest message of a socket."""
    upload_bytes: int = 4_194_304
    """Largest recording of a voice."""
    header_seconds: float = 10.0
    """Time for the head of a request."""
    body_seconds: float = 10.0
    """Time for the body of a request."""
    job_seconds: float = 300.0
    """Time for a whole request, after which it is broken off."""
    sockets: int = 64
    """Connections of voice agents, and as many of Wyoming, at once."""
    ahead_seconds: float = 60.0
    """Speech made ahead of a client that reads slowly."""
    drain_seconds: float = 30.0
    """Time that begun requests get at shutdown."""
    log_text: bool = False
    """Whether texts are written to the log."""
    threads: int = 0
    """Threads of the model; 0 leaves it to the machine."""

    def __post_init__(self) -> None:
        for name in (
            "batch",
            "workers",
            "queue",
            "per_client",
            "characters",
            "body_bytes",
            "sockets",
        ):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: 1 or more, found {getattr(self, name)!r}")
        for name in ("header_seconds", "body_seconds", "job_seconds", "ahead_seconds"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}: more than 0, found {getattr(self, name)!r}")
