"""Stopping work that is under way: the few long loops ask often whether they still are wanted."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from diamoe.errors import DiamoeError


class Signal(Protocol):
    """What says that work is no longer wanted: a `threading.Event`, or anything that is asked."""

    def is_set(self) -> bool:
        """Whether to stop."""


_event: ContextVar[Signal | None] = ContextVar("cancelled", default=None)


class Cancelled(DiamoeError):
    """The caller no longer wants the result."""


@contextmanager
def cancelled_by(event: Signal | None) -> Iterator[None]:
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
