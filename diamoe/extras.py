"""Libraries of the extras: where one is missing, the error names the extra that brings it."""

from collections.abc import Iterator
from contextlib import contextmanager

from diamoe.errors import MissingBackend

_OWN = ("diamoe", "corpus_tools", "conf")


@contextmanager
def extra(name: str, task: str) -> Iterator[None]:
    """Around the imports that `task` needs of the extra `name` (pyproject.toml lists them).

    Raises:
        MissingBackend: a library is not installed.

    >>> with extra("plots", "drawing"):
    ...     import no_such_library
    Traceback (most recent call last):
    diamoe.errors.MissingBackend: drawing needs no_such_library: pip install 'diamoe[plots]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library in _OWN:
            raise
        raise MissingBackend(f"{task} needs {library}: pip install 'diamoe[{name}]'") from error
