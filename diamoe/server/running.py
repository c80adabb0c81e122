"""Starting the server, and its log."""

import datetime
import json
import logging
import sys

import uvicorn

from diamoe.server.app import make_app
from diamoe.server.patience import patient
from diamoe.server.room import Room
from diamoe.server.settings import ServerSettings


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        row = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def make_server(room: Room) -> uvicorn.Server:
    """A uvicorn server of a room; `run` serves until SIGTERM or SIGINT."""
    settings = room.settings
    config = uvicorn.Config(
        make_app(room),
        host=settings.host,
        port=settings.port,
        http=patient(settings.header_seconds),
        ws="websockets-sansio",
        ws_max_size=settings.body_bytes,
        ws_ping_interval=20,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=int(settings.drain_seconds) + 1,
        backlog=512,
    )
    return uvicorn.Server(config)


def log_to_stderr() -> None:
    """Write the server's log as lines of JSON on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("diamoe", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


def serve(room: Room) -> None:
    """Serve until SIGTERM or SIGINT; what was begun is finished first."""
    log_to_stderr()
    settings: ServerSettings = room.settings
    logging.getLogger("diamoe.server").info("listening on %s:%d", settings.host, settings.port)
    make_server(room).run()
