"""Jobs for the executors' tests, where other processes can import them."""

import os
import time
from pathlib import Path

from diamoe.errors import CorpusError


def note_and_sleep(folder: Path) -> None:
    """Leave this process' number in the folder, then never end."""
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def die_once(path: Path) -> str:
    """Kill this process the first time it is asked, answer the second time."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return path.name
    os._exit(9)


def die_always(number: int) -> int:
    """Kill this process."""
    os._exit(number)


def square(number: int) -> int:
    """A quick job."""
    return number * number


def fail(number: int) -> None:
    """A job whose input is wrong."""
    raise CorpusError(f"no such corpus: {number}")


def mark_and_wait(path: Path) -> str:
    """A job of a second."""
    time.sleep(1)
    path.touch()
    return path.name
