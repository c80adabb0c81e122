"""What the server answers when it does not speak: a status and OpenAI's error object."""

from typing import Any

from diamoe.errors import DiamoeError

_KINDS = {401: "authentication_error", 429: "rate_limit_error"}


class Refusal(DiamoeError):
    """A request that is not answered with speech.

    `status` HTTP status, `code` a word for programs, `param` the field at fault, `retry_after`
    seconds after which it may be tried again.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        retry_after: int | None = None,
    ):
        super().__init__(message)
        self.status, self.message, self.code, self.param = status, message, code, param
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """OpenAI's error object."""
        usual = "server_error" if self.status >= 500 else "invalid_request_error"
        kind = _KINDS.get(self.status, usual)
        return {
            "error": {
                "message": self.message,
                "type": kind,
                "param": self.param,
                "code": self.code,
            }
        }

    def headers(self) -> dict[str, str]:
        """Headers that go with it."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def busy() -> Refusal:
    """The queue is full."""
    return Refusal(503, "the queue is full; try again soon", "queue_full", retry_after=2)


def too_many(what: str) -> Refusal:
    """One client asks too much."""
    return Refusal(429, f"too many {what} of one client", "rate_limit_exceeded", retry_after=5)
