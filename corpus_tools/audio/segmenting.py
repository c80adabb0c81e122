"""Long recordings cut at their pauses, each piece with its own text."""

from collections.abc import Sequence
from dataclasses import dataclass

Timed = tuple[str, float, float]
"""A symbol or word, where it starts and how long it lasts, seconds."""


@dataclass(frozen=True)
class Segmenting:
    """How long recordings are cut."""

    longest: float = 12.0
    """Longest piece, seconds."""
    shortest_pause: float = 0.15
    """A pause must be that long to be cut in, seconds."""
    margin: float = 0.1
    """Silence kept on both sides of a piece, as far as its pause has it, seconds."""


@dataclass(frozen=True)
class Segment:
    """A piece from `start` to `end` seconds that holds the words `first` to before `last`."""

    start: float
    end: float
    first: int
    last: int


def cut_at_pauses(
    words: Sequence[Timed], seconds: float, settings: Segmenting
) -> tuple[list[Segment], list[tuple[int, int]]]:
    """Pieces of an aligned recording, as few as the longest allows, cut in the longest pauses.

    Of all ways to cut, that with the fewest pieces is taken, and among those the one whose
    shortest cut pause is longest (dynamic programming over the pauses).

    Args:
        words: the words with their times, in order.
        seconds: length of the recording.

    Returns:
        the pieces, and the runs of words [first, last) between two pauses that are too long for
        any piece: those are left out, with their text.
    """
    if not words:
        return [], []
    gaps = _gaps(words, seconds)
    places = [0, *(i for i in range(1, len(words)) if gaps[i] >= settings.shortest_pause)]
    places.append(len(words))
    usable, too_long = _usable(words, places, settings)
    pieces: list[Segment] = []
    for run in usable:
        for first, last in _best_cuts(words, run, gaps, settings):
            before = min(settings.margin, gaps[first] / (2 if first else 1))
            after = min(settings.margin, gaps[last] / (2 if last < len(words) else 1))
            start, end = _span(words, first, last)
            pieces.append(Segment(max(0.0, start - before), min(seconds, end + after), first, last))
    return pieces, too_long


def _gaps(words: Sequence[Timed], seconds: float) -> list[float]:
    """The silence before every word, and behind the last: (words + 1)."""
    ends = [0.0, *(start + length for _, start, length in words)]
    starts = [*(start for _, start, _ in words), seconds]
    return [max(0.0, start - end) for start, end in zip(starts, ends, strict=True)]


def _span(words: Sequence[Timed], first: int, last: int) -> tuple[float, float]:
    return words[first][1], words[last - 1][1] + words[last - 1][2]


def _usable(
    words: Sequence[Timed], places: list[int], settings: Segmenting
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Runs of places to cut at, interrupted where nothing between two places fits a piece."""
    runs: list[list[int]] = [[places[0]]]
    too_long: list[tuple[int, int]] = []
    for first, last in zip(places, places[1:], strict=False):
        start, end = _span(words, first, last)
        if end - start + 2 * settings.margin > settings.longest:
            too_long.append((first, last))
            runs.append([last])
        else:
            runs[-1].append(last)
    return [run for run in runs if len(run) > 1], too_long


def _best_cuts(
    words: Sequence[Timed], places: list[int], gaps: list[float], settings: Segmenting
) -> list[tuple[int, int]]:
    """The best way through the places: fewest pieces, then the longest shortest pause."""
    best: list[tuple[int, float, int]] = [(0, 0.0, -1)]  # pieces, minus the pause, place before
    for j in range(1, len(places)):
        options = []
        for i in range(j - 1, -1, -1):
            start, end = _span(words, places[i], places[j])
            if end - start + 2 * settings.margin > settings.longest:
                break
            pause = -gaps[places[i]] if i else float("-inf")
            options.append((best[i][0] + 1, max(best[i][1] if i else pause, pause), i))
        best.append(min(options))
    cuts = []
    j = len(places) - 1
    while j > 0:
        i = best[j][2]
        cuts.append((places[i], places[j]))
        j = i
    return cuts[::-1]
