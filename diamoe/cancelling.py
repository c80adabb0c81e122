"""Stopping work that is under way: the few long loops ask often whether they still are wanted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from diamoe.errors import DiamoeError

_event: ContextVar[threading.Event | None] = ContextVar("cancelled", default=None)


class Cancelled(DiamoeError):
    """The caller no longer wants the result."""


@contextmanager
def cancelled_by(event: threading.Event | None) -> Iterator[None]:
    """Inside, `check_cancelled` raises once `event` is set."""
    token = _event.set(event)
    try:
        yield
    finally:
        _event.reset(token)


def check_cancelled() -> None:
    """Give up here if the caller has set the event.

    Raises:
        Cancelled: it is set.
    """
    event = _event.get()
    if event is not None and event.is_set():
        raise Cancelled("cancelled")
