"""The align stage: phone and word times of utterances, heard by a phone recogniser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from corpus_tools.contents import Contents
from corpus_tools.joining import Joined
from corpus_tools.parts import Job, write_lines
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.settings import JoinSettings
from corpus_tools.utterances import Planned, read_plans
from diamoe.errors import CorpusError, TooShort, UnknownPhone
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

Times = list[tuple[str, float, float]]
"""Symbols, where each starts and how long it lasts, seconds."""


@dataclass(frozen=True)
class AlignmentTask:
    """What the times of a part depend on."""

    recogniser: str
    batch: int
    join: JoinSettings
    seed: int


def align_part(job: Job, target: Path) -> None:
    """Times of a part's utterances; inputs: `Contents.paths`, plans; settings: `AlignmentTask`."""
    write_lines(target, _align_all(job))


def _align_all(job: Job) -> Iterator[dict[str, Any]]:
    settings: AlignmentTask = job.settings
    *paths, plans = job.inputs
    aligner = load_aligner(settings.recogniser)
    upcoming = read_plans(plans, Contents(*paths))
    while group := list(islice(upcoming, settings.batch)):
        made = [planned.make(settings.join, settings.seed) for planned in group]
        for planned, joined, found in zip(group, made, aligner.align(made), strict=True):
            yield _record(planned, joined, found)


def _record(planned: Planned, joined: Joined, found: Any) -> dict[str, Any]:
    if isinstance(found, Rejected):
        return Rejection.of(planned.id, found).record
    phones = [(t.symbol, t.start, t.duration) for t in found.times]
    words = word_times(joined.phones, phones, joined.spelt)
    return {"id": planned.id, "phone": phones, "word": words, "score": round(found.score, 4)}


class Aligner:
    """A recogniser and what it needs to hear utterances."""

    def __init__(self, folder: str):
        import torch

        from diamoe.audio.mel import LogMel
        from diamoe.recogniser.storage import load_recogniser

        torch.set_num_threads(1)  # every core has an aligner of its own
        recogniser = load_recogniser(folder)
        self.model, self.labels = recogniser.model, recogniser.labels
        self.log_mel = LogMel()

    def align(self, made: Sequence[Joined]) -> list[Any]:
        """The `Alignment` of every utterance, or `Rejected` for one that cannot be aligned."""
        from diamoe.recogniser.data import collate
        from diamoe.recogniser.decode import posteriors

        batch = collate([self._hearable(joined) for joined in made])
        heard = posteriors(self.model, batch.mel, batch.frames)
        pairs = zip(batch.utterances, heard, strict=True)
        return [self._align_one(utterance, scores.numpy()) for utterance, scores in pairs]

    def best_classes(self, wave: np.ndarray) -> list[int]:
        """The best class of every two mel frames; `wave`: (samples,)."""
        import torch

        from diamoe.recogniser.decode import posteriors

        mel = self.log_mel(torch.from_numpy(wave)[None])
        (heard,) = posteriors(self.model, mel, torch.tensor([mel.shape[1]]))
        return list(heard.argmax(-1).tolist())

    def _hearable(self, joined: Joined) -> Any:
        import torch

        from corpus_tools.members import from_int16, seconds, to_int16
        from diamoe.recogniser.alignment import Member
        from diamoe.recogniser.data import Utterance

        wave = torch.from_numpy(from_int16(to_int16(joined.wave)))[None]
        members = tuple(Member(w.phones, w.start, w.end) for w in joined.words)
        mel = self.log_mel(wave)[0].half().numpy()
        return Utterance("", "", joined.phones, seconds(len(joined.wave)), mel, members)

    def _align_one(self, utterance: Any, scores: Any) -> Any:
        from diamoe.recogniser.alignment import align_phones, forbid_loud_silence

        try:
            return align_phones(
                forbid_loud_silence(scores, utterance.mel),
                utterance.seq,
                self.labels,
                utterance.seconds,
                utterance.members,
                self.log_mel.config,
            )
        except TooShort as error:
            return Rejected("too short for its phones", str(error))
        except UnknownPhone as error:
            return Rejected("phone unknown to the recogniser", str(error))
        except CorpusError as error:
            return Rejected("nothing to align", str(error))


@lru_cache(maxsize=1)
def load_aligner(folder: str) -> Aligner:
    """The aligner of a recogniser's folder, made once in every process."""
    return Aligner(folder)


def word_times(phones: PhoneSeq, times: Times, words: Sequence[tuple[str, int]]) -> Times:
    """Where the words of a text are heard, by the syllables that each has.

    Args:
        times: of `_`, every token except `|`, `_`.

    Raises:
        CorpusError: the words have more or fewer syllables than the phones.
    """
    spans: list[tuple[float, float]] = []
    is_open = False
    spoken = iter(times[1:-1])
    for token in phones.tokens:
        if token == SYLLABLE:
            is_open = False
            continue
        _, start, length = next(spoken)
        if parse_phone(token).is_pause:
            is_open = False
            continue
        first = spans.pop()[0] if is_open else start
        spans.append((first, start + length))
        is_open = True
    if sum(count for _, count in words) != len(spans):
        raise CorpusError(f"{list(words)} have not the {len(spans)} syllables of {str(phones)!r}")
    found, place = [], 0
    for text, count in words:
        start, end = spans[place][0], spans[place + count - 1][1]
        found.append((text, start, round(end - start, 5)))
        place += count
    return found
