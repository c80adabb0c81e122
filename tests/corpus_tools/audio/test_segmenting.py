"""Cutting at pauses."""

import numpy as np
import pytest

from corpus_tools.audio.segmenting import Segmenting, cut_at_pauses


def speak(pauses: list[float], length: float = 1.0) -> tuple[list[tuple[str, float, float]], float]:
    """Words of one second with these pauses before them and behind the last."""
    words, time = [], 0.0
    for i, pause in enumerate(pauses[:-1]):
        time += pause
        words.append((f"w{i}", time, length))
        time += length
    return words, time + pauses[-1]


def test_short_recordings_stay_whole():
    words, seconds = speak([0.3, 0.5, 0.05, 0.3])
    pieces, left = cut_at_pauses(words, seconds, Segmenting())
    assert [(p.first, p.last) for p in pieces] == [(0, 3)] and left == []
    assert pieces[0].start == pytest.approx(0.2)
    assert pieces[0].end == pytest.approx(seconds - 0.2)
    assert cut_at_pauses([], 1.0, Segmenting()) == ([], [])


def test_cut_in_the_longest_pause_with_fewest_pieces():
    words, seconds = speak([0.2, 0.2, 0.6, 0.3, 0.05, 0.2])
    pieces, left = cut_at_pauses(words, seconds, Segmenting(longest=3.8))
    assert [(p.first, p.last) for p in pieces] == [(0, 2), (2, 5)] and left == []


def test_words_without_pauses_are_left_out_together():
    words, seconds = speak([0.2, 0.3, 0.01, 0.01, 0.01, 0.4, 0.2])
    pieces, left = cut_at_pauses(words, seconds, Segmenting(longest=3.0))
    assert [(p.first, p.last) for p in pieces] == [(0, 1), (5, 6)]
    assert left == [(1, 5)]


def test_random_recordings_are_covered_once_and_in_order():
    rng = np.random.default_rng(0)
    for _ in range(50):
        words, seconds = speak(list(rng.uniform(0.0, 0.6, int(rng.integers(2, 60)))), 0.4)
        settings = Segmenting(longest=float(rng.uniform(1.5, 8.0)))
        pieces, left = cut_at_pauses(words, seconds, settings)
        spans = sorted([(p.first, p.last) for p in pieces] + left)
        assert spans[0][0] == 0 and spans[-1][1] == len(words)
        assert all(a[1] == b[0] for a, b in zip(spans, spans[1:], strict=False))
        for piece in pieces:
            assert piece.end - piece.start <= settings.longest + 1e-6
            assert piece.start >= 0 and piece.end <= seconds + 1e-9
            first, last = words[piece.first], words[piece.last - 1]
            assert piece.start <= first[1] and piece.end >= last[1] + last[2] - 1e-9
        for a, b in zip(pieces, pieces[1:], strict=False):
            assert a.end <= b.start + 1e-9
