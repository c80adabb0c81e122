"""Cleaning many recordings in several processes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from corpus_tools.audio.cleaning import SAMPLE_RATE, clean_recording
from corpus_tools.members import store
from corpus_tools.rejection import Rejected
from corpus_tools.settings import CleanSettings


@dataclass(frozen=True)
class Task:
    """One recording to clean: where it is, where its sound goes, how many syllables it has."""

    index: int
    path: Path
    target: Path
    syllables: int


@dataclass(frozen=True)
class Outcome:
    """What became of a task: times in seconds, or the kind and detail of a rejection."""

    index: int
    duration: float = 0.0
    start: float = 0.0
    end: float = 0.0
    seconds_read: float = 0.0
    rejection: tuple[str, str] | None = None


def clean_all(tasks: Sequence[Task], settings: CleanSettings, workers: int) -> Iterator[Outcome]:
    """Outcomes in the order of the tasks, which does not depend on the number of workers."""
    work = partial(_clean_one, settings=settings)
    if workers == 1:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, tasks, chunksize=32)


def _clean_one(task: Task, settings: CleanSettings) -> Outcome:
    try:
        recording = clean_recording(task.path, settings, seed=task.index)
        check_rate(recording.end - recording.start, task.syllables, settings)
    except Rejected as reason:
        return Outcome(task.index, rejection=(reason.kind, reason.detail))
    store(recording, task.target)
    return Outcome(
        index=task.index,
        duration=len(recording.wave) / SAMPLE_RATE,
        start=recording.start,
        end=recording.end,
        seconds_read=recording.seconds_read,
    )


def check_rate(speech: float, syllables: int, settings: CleanSettings) -> None:
    """Refuse speech that is too short or too long for its syllables.

    Raises:
        Rejected: the transcript and the recording cannot belong together.
    """
    least, most = syllables * settings.min_syllable, 0.5 + syllables * settings.max_syllable
    if not least <= speech <= most:
        raise Rejected("speech rate", f"{syllables} syllables in {speech:.2f} s")
