"""The list of utterances of one dialect and split, in the shards they go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from corpus_tools.teacher.errors import TeacherError
from corpus_tools.teacher.syllable import find_nucleus
from corpus_tools.teacher.texts import (
    Rejected,
    WordStrings,
    syllable_keys,
    test_sentences,
    train_sentences,
)
from corpus_tools.teacher.voice import get_voice
from diamoe.errors import TextError
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PhoneSeq

SPLITS = ("train", "test")
MAIN_SHARE = 0.4
"""Share of the training time spoken by the first voice; the others share the rest evenly."""
SENTENCE_EVERY = 3
"""One line in so many is a written sentence (each once a voice), the others word strings."""
_SYLLABLE, _MARK, _EDGES = 0.225, 0.29, 0.05


@dataclass(frozen=True)
class Line:
    """One utterance to speak."""

    id: str
    text: str
    seq: PhoneSeq
    voice: str
    seed: int


@dataclass(frozen=True)
class Plan:
    """Shards of lines (each shard one voice), and the texts that could not be read."""

    shards: tuple[tuple[Line, ...], ...]
    rejected: tuple[Rejected, ...]


def estimate_seconds(seq: PhoneSeq, voice: str) -> float:
    """About how long a phone string takes to say."""
    marks = sum(p.is_pause for p in seq.phones)
    return len(syllable_keys(seq)) * _SYLLABLE / get_voice(voice).rate + marks * _MARK + _EDGES


def make_plan(
    dialect: str, split: str, voices: Sequence[str], hours: float, seed: int, shard_size: int
) -> Plan:
    """Draw the lines of one dialect and split.

    The test split is every test sentence once, by the first voice, whatever `hours` says.

    Raises:
        TeacherError: an unknown split, or no voices.
    """
    if split not in SPLITS or not voices:
        raise TeacherError(f"split {split!r} of voices {list(voices)}: allowed {SPLITS}, voices")
    rejected: list[Rejected] = []
    frontend = Frontend(dialect)
    if split == "test":
        lines = _read(test_sentences(dialect), frontend, rejected)
        named = _number(lines, dialect, split, voices[0], seed, 0)
        return Plan(_cut(named, shard_size), tuple(rejected))
    shares = [MAIN_SHARE, *[(1 - MAIN_SHARE) / max(1, len(voices) - 1)] * (len(voices) - 1)]
    shares = shares if len(voices) > 1 else [1.0]
    strings = WordStrings(dialect, seed)
    stream = iter(strings)
    shards: list[tuple[Line, ...]] = []
    count = 0
    sentences = _read(train_sentences(dialect), frontend, rejected)
    for voice, share in zip(voices, shares, strict=True):
        lines, seconds, turn = [], 0.0, 0
        order = np.random.default_rng([seed, len(shards)]).permutation(len(sentences))
        while seconds < hours * share * 3600:
            if turn % SENTENCE_EVERY == 0 and turn // SENTENCE_EVERY < len(order):
                fresh = [sentences[order[turn // SENTENCE_EVERY]]]
            else:
                fresh = _read(islice(stream, 1), frontend, rejected)
            turn += 1
            lines += fresh
            seconds += sum(estimate_seconds(s, voice) for _, s in fresh)
        named = _number(lines, dialect, split, voice, seed, count)
        count += len(named)
        shards += _cut(named, shard_size)
    return Plan(tuple(shards), (*strings.rejected, *rejected))


def _read(texts, frontend: Frontend, rejected: list[Rejected]) -> list[tuple[str, PhoneSeq]]:
    read = []
    for text in texts:
        try:
            seq = frontend(text)
            for phones in seq.syllables():
                if not phones[0].is_pause:
                    find_nucleus(tuple(p.segment for p in phones))
            read.append((text, seq))
        except (TextError, TeacherError) as error:
            rejected.append(Rejected(text, str(error)))
    return read


def _number(lines, dialect: str, split: str, voice: str, seed: int, first: int) -> list[Line]:
    return [
        Line(f"teacher-{dialect}-{split}-{first + i:06d}", text, seq, voice, seed * 10**6 + i)
        for i, (text, seq) in enumerate(lines)
    ]


def _cut(lines: list[Line], size: int) -> tuple[tuple[Line, ...], ...]:
    return tuple(tuple(lines[i : i + size]) for i in range(0, len(lines), size))
