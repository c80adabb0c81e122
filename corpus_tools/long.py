"""Word times of recordings too long to be aligned at once.

What the recogniser hears is matched with what was to be said, as a whole and by edit distance. A
pause at a word's start, with phones on both sides that match, is a sure place: from one to the
next the phones are aligned as in any utterance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from corpus_tools.align import Aligner, word_times
from corpus_tools.audio.reading import SAMPLE_RATE
from corpus_tools.audio.segmenting import Timed
from corpus_tools.joining import Joined, Word
from corpus_tools.labels import Label, bare, finish
from corpus_tools.rejection import Rejected
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

WINDOW, CONTEXT = 30.0, 1.0
"""Seconds that are heard at once, and more on both sides that are heard and not used."""
PAUSE = 0.25
"""Shortest pause that can be a sure place, seconds."""
SURE = 2
"""Phones that must match on either side of a sure place."""
LONGEST = 60.0
"""Longest stretch that is aligned; in a longer one text and sound do not agree, seconds."""


@dataclass(frozen=True)
class Heard:
    """A segment that the recogniser hears, and when, seconds."""

    segment: str
    start: float
    end: float


@dataclass(frozen=True)
class Place:
    """A moment, seconds, and the word that is said next."""

    time: float
    word: int


def long_word_times(wave: np.ndarray, label: Label, aligner: Aligner) -> list[Timed]:
    """When every word of a long recording is said; `wave`: (samples,) at 24 kHz.

    The words of a stretch that cannot be aligned fill it without a pause.

    Raises:
        UnknownPhone: the recogniser does not know a segment.
    """
    starts = _word_starts(label)
    wanted, first_of = _wanted(label, starts, aligner)
    inner = sure_places(wanted, first_of, list(hear(wave, aligner)))
    ends = Place(0.0, 0), Place(len(wave) / SAMPLE_RATE, len(label.words))
    found: list[Timed] = []
    for place, after in pairwise((ends[0], *inner, ends[1])):
        words = label.words[place.word : after.word]
        tokens = label.phones.tokens[starts[place.word] : starts[after.word]]
        piece = wave[round(place.time * SAMPLE_RATE) : round(after.time * SAMPLE_RATE)]
        for text, start, length in _times(piece, tokens, label.phones.dialect, words, aligner):
            found.append((text, place.time + start, length))
    return found


def hear(wave: np.ndarray, aligner: Aligner) -> Iterator[Heard]:
    """The segments heard in a long recording, window by window."""
    from diamoe.recogniser.model import STRIDE

    step = STRIDE / aligner.log_mel.config.frame_rate
    window, context = round(WINDOW / step), round(CONTEXT / step)
    samples = round(step * SAMPLE_RATE)
    best: list[int] = []
    for first in range(0, -(-len(wave) // samples), window):
        before = min(first, context)
        piece = wave[(first - before) * samples : (first + window + context) * samples]
        best += aligner.best_classes(piece)[before : before + window]
    edges = [i for i in range(len(best)) if i == 0 or best[i] != best[i - 1]]
    for start, end in pairwise((*edges, len(best))):
        for segment in aligner.labels.decode([best[start]]):
            yield Heard(segment, start * step, end * step)


def sure_places(
    wanted: Sequence[str], first_of: Sequence[int], heard: Sequence[Heard]
) -> list[Place]:
    """Pauses at the start of a word, with phones before and after that match.

    Args:
        wanted: segments that were to be said.
        first_of: for every word the index of its first segment.
    """
    matched = match(wanted, [h.segment for h in heard])
    places = []
    for word, first in enumerate(first_of):
        at = matched.get(first, -1)
        around = range(-SURE, SURE)
        if word and all(matched.get(first + i, -1) == at + i for i in around):
            before, after = heard[at - 1], heard[at]
            if after.start - before.end >= PAUSE:
                places.append(Place((before.end + after.start) / 2, word))
    return places


def match(wanted: Sequence[str], found: Sequence[str]) -> dict[int, int]:
    """Which symbols are which in the fewest edits from one sequence to the other, by index.

    >>> match("abcd", "axcd")
    {0: 0, 2: 2, 3: 3}
    """
    import jiwer

    if not wanted or not found:
        return {}
    matched: dict[int, int] = {}
    for chunk in jiwer.process_words(" ".join(wanted), " ".join(found)).alignments[0]:
        if chunk.type == "equal":
            pairs = range(chunk.ref_start_idx, chunk.ref_end_idx)
            matched |= dict(zip(pairs, range(chunk.hyp_start_idx, chunk.hyp_end_idx), strict=True))
    return matched


def _word_starts(label: Label) -> list[int]:
    """For every word the index of its first token; at the end that behind the last token."""
    syllables, is_open = [], False
    for index, token in enumerate(label.phones.tokens):
        sounds = token != SYLLABLE and not parse_phone(token).is_pause
        if sounds and not is_open:
            syllables.append(index)
        is_open = sounds
    starts, syllable = [], 0
    for _, count in label.words:
        starts.append(syllables[syllable])
        syllable += count
    return [*starts, len(label.phones.tokens)]


def _wanted(label: Label, starts: Sequence[int], aligner: Aligner) -> tuple[list[str], list[int]]:
    """The segments to be heard, and the index of each word's first."""
    wanted: list[str] = []
    first_of = []
    for first, last in pairwise(starts):
        first_of.append(len(wanted))
        seq = PhoneSeq(label.phones.tokens[first:last], label.phones.dialect)
        wanted += aligner.labels.decode(aligner.labels.encode(seq))
    return wanted, first_of


def _times(
    wave: np.ndarray,
    tokens: Sequence[str],
    dialect: str,
    words: Sequence[tuple[str, int]],
    aligner: Aligner,
) -> list[Timed]:
    seconds = len(wave) / SAMPLE_RATE
    seq = finish(PhoneSeq(tuple(tokens), dialect))
    found: Any = None
    if seconds <= LONGEST:
        member = Word(" ".join(bare(seq.tokens)), 0.0, seconds)
        (found,) = aligner.align([Joined(wave, "", seq, (member,))])
    if found is None or isinstance(found, Rejected):
        step = seconds / len(words)
        return [(text, i * step, step) for i, (text, _) in enumerate(words)]
    times = [(t.symbol, t.start, t.duration) for t in found.times]
    return word_times(seq, times, words)
