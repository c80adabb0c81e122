"""What all parts of the server share: engine, catalogue, settings, and who may come in."""

import asyncio
import hmac
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from diamoe.errors import ConfigError, MissingBackend, TextError
from diamoe.server.catalogue import Catalogue, check_text
from diamoe.server.encoding import Encoder
from diamoe.server.engine import Engine, Job
from diamoe.server.metrics import Metrics
from diamoe.server.refusals import Refusal, too_many
from diamoe.server.settings import ServerSettings
from diamoe.server.speaking import Ask, Speaker, read, read_words
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import load_dialect
from diamoe.text.spoken import Word

T = TypeVar("T")

_WARM = {"en": "Hello.", "zh": "你好。"}


class Room:
    """One server's shared state."""

    def __init__(self, synthesizer: Synthesizer, settings: ServerSettings):
        load_dialect(settings.dialect)
        self.settings = settings
        self.metrics = Metrics()
        voices = synthesizer.bundle.voices
        if not voices:
            raise ConfigError("the bundle has no voices; a server needs at least one")
        self.catalogue = Catalogue(voices, settings.dialect, None)
        self.catalogue.default_voice = settings.voice
        self.catalogue.voice(settings.voice)
        self.sample_rate = synthesizer.bundle.mel.sample_rate
        self._options = SynthesisOptions(steps=settings.steps, guidance=settings.guidance)
        self.engine = Engine(Speaker(synthesizer, settings.threads), settings, self.metrics)
        self.draining = False
        self.sockets = 0
        self.wyoming_port: int | None = None
        self._minutes: dict[str, deque[float]] = defaultdict(deque)

    def start(self) -> None:
        """Begin to warm up."""
        text = _WARM["zh" if load_dialect(self.settings.dialect).reads_han else "en"]
        Encoder("mp3", self.sample_rate).finish()  # its library is loaded before anybody waits
        asks = read(text, self.settings.dialect, self.catalogue.default_voice, self._options)
        self.engine.start(asks)

    async def drain(self) -> None:
        """Let what was begun come to its end, as long as the settings allow, and stop."""
        self.draining = True
        end = time.monotonic() + self.settings.drain_seconds
        while self.engine.size and time.monotonic() < end:
            await asyncio.sleep(0.05)
        await asyncio.to_thread(self.engine.stop)

    @property
    def ready(self) -> bool:
        """Whether requests are taken."""
        return self.engine.ready.is_set() and self.engine.alive and not self.draining

    def admit(self, key: str | None) -> None:
        """Let a key in.

        Raises:
            Refusal: 401 for a missing or wrong key, where keys are set.
        """
        keys = self.settings.keys
        given = (key or "").encode("utf-8", "surrogateescape")
        if keys and not any(hmac.compare_digest(given, k.encode()) for k in keys):
            raise Refusal(401, "a valid API key is needed", "invalid_api_key")

    def submit(self, client: str) -> Job:
        """A new job of a client, within its rate.

        Raises:
            Refusal: 429 or 503, with the time to wait.
        """
        if self.draining:
            raise Refusal(503, "the server is shutting down", "shutting_down", retry_after=10)
        self._count(client)
        return self.engine.submit(client)

    def _count(self, client: str) -> None:
        limit = self.settings.per_minute
        if not limit:
            return
        now = time.monotonic()
        for name in [n for n, times in self._minutes.items() if times[-1] < now - 60]:
            del self._minutes[name]
        times = self._minutes[client]
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= limit:
            raise too_many("requests in a minute")
        times.append(now)

    async def read(
        self, text: str, dialect: str, voice: str | Voice | None, speed: float = 1.0, seed: int = 0
    ) -> list[Ask]:
        """Pieces of a text, read beside the event loop.

        Raises:
            Refusal: 400 for a text that cannot be spoken.
        """
        options = replace(self._options, speed=speed, seed=seed)
        return await self._in_thread(text, read, dialect, voice, options)

    async def words(self, text: str, dialect: str) -> list[Word]:
        """How a text is read.

        Raises:
            Refusal: 400 for a text that cannot be read.
        """
        return await self._in_thread(text, read_words, dialect)

    async def _in_thread(self, text: str, work: Callable[..., T], *more: Any) -> T:
        check_text(text, self.settings.characters)
        try:
            return await asyncio.to_thread(work, text, *more)
        except (TextError, MissingBackend) as error:
            raise Refusal(400, str(error), "unreadable_text", "input") from error
