"""What stands before every HTTP request: key, size, time, headers, log and count."""

import asyncio
import json
import logging
import time
import uuid
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from diamoe.server.refusals import Refusal
from diamoe.server.room import Room

LOG = logging.getLogger("diamoe.server.requests")
OPEN_PATHS = ("/healthz", "/readyz", "/", "/page/")
"""Paths that need no key: signs of life, and the page, which asks for one."""
UPLOADS = "/v1/audio/voices"
"""The path of recordings, whose bodies may be larger."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}


class Guard:
    """An ASGI layer around the application."""

    def __init__(self, app: ASGIApp, room: Room):
        self.app, self.room = app, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        visit = _Visit(scope, send)
        try:
            self._check(scope)
            receive = await self._whole_body(scope, receive)
            await self.app(scope, receive, visit.send)
        except Refusal as refusal:
            await visit.refuse(refusal)
        finally:
            self.room.metrics.requests.labels(visit.route, visit.status).inc()
            LOG.info("request", extra={"fields": visit.fields()})

    def _check(self, scope: Scope) -> None:
        path, headers = scope["path"], dict(scope["headers"])
        is_open = any(path == p or p.endswith("/") and p != "/" and path.startswith(p)
                      for p in OPEN_PATHS)  # fmt: skip
        if not is_open and scope["method"] != "OPTIONS":
            self.room.admit(key_of(headers))
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length[:20]) > self._limit(scope):
            raise self._too_large(scope)

    def _limit(self, scope: Scope) -> int:
        settings = self.room.settings
        return settings.upload_bytes if scope["path"] == UPLOADS else settings.body_bytes

    def _too_large(self, scope: Scope) -> Refusal:
        limit = self._limit(scope)
        return Refusal(413, f"a body has at most {limit} bytes here", "body_too_large")

    async def _whole_body(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body first, in bounds of size and time."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return receive
        body, more = b"", True
        try:
            async with asyncio.timeout(self.room.settings.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refusal(400, "the body was broken off", "body_incomplete")
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > self._limit(scope):
                        raise self._too_large(scope)
        except TimeoutError:
            raise Refusal(408, "the body took too long", "body_timeout") from None
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return again


def key_of(headers: dict[bytes, bytes]) -> str | None:
    """The API key of a request: `Authorization: Bearer KEY`."""
    scheme, _, key = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


class _Visit:
    """One request: what was answered, and how long it took."""

    def __init__(self, scope: Scope, send: Send):
        self.scope, self._send = scope, send
        self.id = uuid.uuid4().hex[:12]
        self.began = time.monotonic()
        self.status = 0
        self.sent = 0

    @property
    def route(self) -> str:
        """The pattern of the route, so that unknown paths do not grow the metrics."""
        return getattr(self.scope.get("route"), "path", "other")

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = dict(HEADERS) | {"X-Request-Id": self.id}
            given = {name.lower() for name, _ in message.get("headers", ())}
            message["headers"] = [*message.get("headers", ())] + [
                (k.lower().encode(), v.encode())
                for k, v in own.items()
                if k.lower().encode() not in given
            ]
        self.sent += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        body = json.dumps(refusal.body()).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        headers |= {"connection": "close"} | refusal.headers()
        start: Message = {"type": "http.response.start", "status": refusal.status}
        start["headers"] = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    def fields(self) -> dict[str, Any]:
        """What the log says of it."""
        return {
            "id": self.id,
            "method": self.scope["method"],
            "path": self.scope["path"][:200],
            "status": self.status,
            "bytes": self.sent,
            "seconds": round(time.monotonic() - self.began, 3),
            "client": (self.scope.get("client") or ("",))[0],
            **self.scope.get("state", {}).get("logged", {}),
        }
