"""What `/metrics` counts."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)


class Metrics:
    """Prometheus metrics in a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "tts_requests", "Requests by route and status", ("route", "status"), registry=registry
        )
        self.first_audio = Histogram(
            "tts_first_audio_seconds",
            "From a request's acceptance to its first audio",
            buckets=_SECONDS,
            registry=registry,
        )
        self.real_time = Histogram(
            "tts_real_time_factor",
            "Seconds of work per second of audio, by batch",
            buckets=_SECONDS,
            registry=registry,
        )
        self.batch = Histogram(
            "tts_batch_size", "Pieces made at once", buckets=(1, 2, 4, 8, 16), registry=registry
        )
        self.queue = Gauge("tts_queue_jobs", "Jobs at work or waiting", registry=registry)
        self.working = Gauge("tts_workers_busy", "Batches being made", registry=registry)
        self.sockets = Gauge("tts_sockets", "Open sockets of agents", registry=registry)
        self.done = Counter("tts_jobs_done", "Jobs spoken to the end", registry=registry)
        self.cancelled = Counter("tts_jobs_cancelled", "Jobs cancelled", registry=registry)
        self.failed = Counter("tts_jobs_failed", "Jobs that failed", registry=registry)
        self.audio_seconds = Counter("tts_audio_seconds", "Audio made", registry=registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
