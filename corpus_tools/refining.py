"""The refine stage: the boundaries of phones set right by the corpus' own sound."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tools.align import word_times
from corpus_tools.contents import Contents
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.settings import JoinSettings
from corpus_tools.utterances import Planned, read_plans
from diamoe.text.phones import PhoneSeq

if TYPE_CHECKING:
    from diamoe.recogniser.states import PhoneStates, Speech

ENOUGH = 3600.0
"""Speech that the phones' states are estimated from at most, seconds."""
TOO_LITTLE = 120.0
"""Of less speech than this the recogniser's boundaries are kept, seconds."""
FILES = 7
"""What an aligned part is in: `Contents.paths`, plans, times."""


@dataclass(frozen=True)
class RefineTask:
    """What the refined times depend on besides the recogniser's."""

    join: JoinSettings
    seed: int
    rounds: int


@dataclass(frozen=True)
class Aligned:
    """An utterance, and what the align stage says of it."""

    record: dict[str, Any]
    speech: "Speech"
    phones: PhoneSeq
    words: tuple[tuple[str, int], ...]


def estimate_states(job: Job, target: Path) -> None:
    """States of a corpus' phones; inputs: `FILES` of some parts; settings: `RefineTask`."""
    from diamoe.recogniser.states import PhoneStates

    speech: list[Speech] = []
    seconds = 0.0
    parts = [job.inputs[first : first + FILES] for first in range(0, len(job.inputs), FILES)]
    for heard in chain.from_iterable(_aligned(files, job.settings) for files in parts):
        if isinstance(heard, Aligned):
            speech.append(heard.speech)
            seconds += len(heard.speech.features) / heard.speech.frame_rate
        if seconds >= ENOUGH:
            break
    if seconds < TOO_LITTLE:
        PhoneStates({}, {}).save(target)
    else:
        PhoneStates.estimate(speech, job.settings.rounds).save(target)


def refine_part(job: Job, target: Path) -> None:
    """Times of a part's utterances by the states; inputs: `FILES` of the part, the states;
    settings: `RefineTask`."""
    from diamoe.recogniser.states import PhoneStates

    *files, states = job.inputs
    write_lines(target, _refined(files, PhoneStates.load(states), job.settings))


def _refined(
    files: list[Path], states: "PhoneStates", settings: RefineTask
) -> Iterator[dict[str, Any]]:
    if not states.gaussians:
        yield from read_lines(files[-1])
        return
    for heard in _aligned(files, settings):
        if isinstance(heard, Aligned):
            speech, record = heard.speech, heard.record
            phones = speech.retimed(record["phone"], states.edges(speech))
            words = word_times(heard.phones, phones, heard.words)
            yield record | {"phone": phones, "word": words}
        else:
            yield heard


def _aligned(
    files: tuple[Path, ...] | list[Path], settings: RefineTask
) -> Iterator[Aligned | dict[str, Any]]:
    """Every utterance of a part; of one that could not be aligned the record that says so."""
    import torch

    torch.set_num_threads(1)  # every core has a part of its own
    *paths, plans, times = files
    records = read_lines(times)
    for planned, record in zip(read_plans(plans, Contents(*paths)), records, strict=True):
        yield record if "rejected" in record else _hear(planned, record, settings)


def _hear(planned: Planned, record: dict[str, Any], settings: RefineTask) -> Aligned:
    from diamoe.recogniser.states import Speech

    joined = planned.make(settings.join, settings.seed)
    speaker = planned.plan.members[0].utterance.speaker
    speech = Speech.of(speaker, joined.wave, record["phone"])
    return Aligned(record, speech, joined.phones, joined.spelt)
