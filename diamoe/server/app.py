"""The application: routes, socket, page, signs of life."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from diamoe import __version__
from diamoe.server.agent_socket import PATH, AgentSocket, same_origin
from diamoe.server.guard import Guard
from diamoe.server.refusals import Refusal
from diamoe.server.room import Room
from diamoe.server.speech_routes import make_routes
from diamoe.server.wyoming_server import WyomingServer

PAGE = Path(__file__).parent / "page"


def make_app(room: Room, warm_first: bool = False) -> ASGIApp:
    """The server of a room, as an ASGI application; its lifespan starts and drains the room.

    With `warm_first` it starts up only once the model is warm: for whatever runs applications
    without asking `/readyz`.
    """
    app = FastAPI(
        title="DiaMoE speech server",
        version=__version__,
        lifespan=lambda _: _life(room, warm_first),
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(make_routes(room))
    _add_signs(app, room)
    _add_socket(app, room)
    _add_page(app)
    _add_errors(app)
    app.openapi = lambda: _description(app)  # type: ignore[method-assign]
    guarded: ASGIApp = Guard(app, room)
    if room.settings.origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=list(room.settings.origins),
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    return guarded


@asynccontextmanager
async def _life(room: Room, warm_first: bool) -> AsyncIterator[None]:
    wyoming = None
    if room.settings.wyoming_port is not None:
        wyoming = WyomingServer(room, room.settings.host, room.settings.wyoming_port)
        await wyoming.start()
        room.wyoming_port = wyoming.port
    room.start()
    if warm_first:
        await asyncio.to_thread(room.engine.ready.wait)
    yield
    await room.drain()
    if wyoming is not None:
        await wyoming.stop()


def _add_signs(app: FastAPI, room: Room) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the process lives."""
        return {"status": "ok"}

    @app.get("/readyz", responses={503: {"description": "not warm, or shutting down"}})
    async def readyz() -> JSONResponse:
        """Whether requests are taken: the model is warm and the server is not going."""
        return JSONResponse({"ready": room.ready}, 200 if room.ready else 503)

    @app.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(room.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _add_socket(app: FastAPI, room: Room) -> None:
    @app.websocket(PATH)
    async def stream(socket: WebSocket) -> None:
        if not same_origin(socket, room.settings.origins):
            await socket.close(1008)
        elif room.sockets >= room.settings.sockets or room.draining:
            await socket.close(1013)
        else:
            room.sockets += 1
            room.metrics.sockets.set(room.sockets)
            try:
                await AgentSocket(socket, room).serve()
            finally:
                room.sockets -= 1
                room.metrics.sockets.set(room.sockets)


def _add_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html")

    app.mount("/page", StaticFiles(directory=PAGE), name="page")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> JSONResponse:
        return JSONResponse(error.body(), error.status, error.headers())

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"][1:]) or None
        message = f"{param or 'body'}: {first['msg']}"
        return JSONResponse(Refusal(400, message, "invalid_value", param).body(), 400)

    @app.exception_handler(HTTPException)
    async def failed(request: Request, error: HTTPException) -> JSONResponse:
        refusal = Refusal(error.status_code, str(error.detail))
        return JSONResponse(refusal.body(), error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse(Refusal(500, "internal error", "internal_error").body(), 500)


def _description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI, in which wrong requests are answered with 400."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        app.openapi_schema = schema
    return app.openapi_schema
