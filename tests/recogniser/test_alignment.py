"""Forced alignment on posteriors whose right answer is known."""

import numpy as np
import pytest

from diamoe.errors import CorpusError, TooShort
from diamoe.recogniser.alignment import (
    Member,
    align_phones,
    build_chain,
    forbid_loud_silence,
    frame_labels,
)
from diamoe.recogniser.labels import SegmentLabels
from diamoe.recogniser.viterbi import Unit, align
from diamoe.text.phones import PhoneSeq

LABELS = SegmentLabels(("m", "a", "n", "i", "ɪ̯"))
HOP = 256 / 24_000


def posteriors(runs: list[tuple[int, int]]) -> np.ndarray:
    """(class, output frames) runs -> log-probabilities that are sure of them."""
    classes = [c for c, n in runs for _ in range(n)]
    scores = np.full((len(classes), len(LABELS)), np.log(0.02), np.float32)
    scores[np.arange(len(classes)), classes] = np.log(0.9)
    return scores


def seconds(frames: int) -> float:
    """Length of an utterance with so many output frames."""
    return (2 * frames - 1) * HOP


def check_contract(alignment, seq: PhoneSeq, length: float) -> None:
    symbols = [t.symbol for t in alignment.times]
    assert symbols == ["_", *(t for t in seq.tokens if t != "|"), "_"]
    assert alignment.times[0].start == 0
    for before, after in zip(alignment.times, alignment.times[1:], strict=False):
        assert before.start + before.duration == pytest.approx(after.start, abs=2e-5)
        assert before.duration >= 0
    last = alignment.times[-1]
    assert last.start + last.duration == pytest.approx(length, abs=2e-5)


def test_times_follow_the_posteriors():
    seq = PhoneSeq.parse("m ˈaᴴᴴ | n ˈiᴹᴸ 。", "putonghua")
    scores = posteriors([(0, 5), (1, 4), (2, 10), (3, 4), (4, 10), (0, 6)])
    found = align_phones(scores, seq, LABELS, seconds(39))
    check_contract(found, seq, seconds(39))
    starts = [t.start / HOP / 2 for t in found.times]
    # Output frame j is centred on mel frame 2 j, so what begins with it begins half a frame before.
    assert np.allclose(starts, [0, 4.5, 8.5, 18.5, 22.5, 32.5, 32.5], atol=0.3)
    assert found.times[5].duration == 0
    assert found.score > -0.3


def test_commas_take_the_silence_and_zero_initials_nothing():
    seq = PhoneSeq.parse("m ˈaᴴᴴ ， ∅ ˈiᴹᴸ 。", "putonghua")
    scores = posteriors([(1, 5), (2, 10), (0, 8), (4, 10)])
    found = align_phones(scores, seq, LABELS, seconds(33))
    check_contract(found, seq, seconds(33))
    times = {t.symbol: t for t in found.times}
    assert times["，"].duration == pytest.approx(8 * 2 * HOP, abs=HOP)
    assert times["∅"].duration == 0
    assert times["∅"].start == times["ˈiᴹᴸ"].start


def test_silence_inside_a_word_goes_to_its_phones():
    seq = PhoneSeq.parse("m ˈaᴴᴴ n", "putonghua")
    scores = posteriors([(1, 5), (0, 3), (2, 10), (3, 5)])
    found = align_phones(scores, seq, LABELS, seconds(23))
    check_contract(found, seq, seconds(23))
    voiced = sum(t.duration for t in found.times[1:-1])
    assert voiced == pytest.approx(seconds(23), abs=2 * HOP)


def test_unmarked_gap_between_members_is_shared():
    seq = PhoneSeq.parse("m ˈaᴴᴴ | m ˈaᴴᴴ", "putonghua")
    scores = posteriors([(1, 5), (2, 5), (0, 6), (1, 5), (2, 5)])
    total = seconds(26)
    members = (Member("m ˈaᴴᴴ", 0.0, 13 * 2 * HOP), Member("m ˈaᴴᴴ", 13 * 2 * HOP, total))
    found = align_phones(scores, seq, LABELS, total, members)
    check_contract(found, seq, total)
    assert found.times[3].start == pytest.approx(13 * 2 * HOP, abs=2 * HOP)


def test_members_hold_their_phones():
    """The first member's phones stay in it even where the scores like the second better."""
    seq = PhoneSeq.parse("m ˈaᴴᴴ | m ˈaᴴᴴ", "putonghua")
    scores = posteriors([(2, 10), (0, 2), (1, 5), (2, 5), (1, 5), (2, 5)])
    edge = 12 * 2 * HOP
    members = (Member("m ˈaᴴᴴ", 0.0, edge), Member("m ˈaᴴᴴ", edge, seconds(32)))
    found = align_phones(scores, seq, LABELS, seconds(32), members)
    assert found.times[3].start == pytest.approx(edge, abs=4 * HOP)


def test_repeated_phones_each_get_time():
    seq = PhoneSeq.parse("ˈaᴴᴴ n | n ˈaᴴᴴ", "putonghua")
    scores = posteriors([(2, 8), (3, 10), (2, 8)])
    found = align_phones(scores, seq, LABELS, seconds(26))
    assert all(t.duration >= 2 * HOP - 1e-4 for t in found.times[1:-1])


def test_frame_labels_cover_every_frame():
    seq = PhoneSeq.parse("m ˈaᴴᴴ", "putonghua")
    runs = [(0, 3), (1, 4), (2, 6), (0, 2)]
    found = frame_labels(posteriors(runs), seq, LABELS, 46.875)
    assert found.tolist() == [c for c, n in runs for _ in range(n)]


def test_loud_frames_are_not_silence():
    scores = posteriors([(0, 10)])
    mel = np.full((20, 100), -10.0)
    mel[6:14] = -2.0
    held = forbid_loud_silence(scores, mel)
    assert (held[:, 0] < scores[:, 0]).tolist() == [False] * 3 + [True] * 4 + [False] * 3
    assert np.array_equal(held[:, 1:], scores[:, 1:])


def test_faults_are_named():
    seq = PhoneSeq.parse("m ˈaᴴᴴ n ˈiᴹᴸ", "putonghua")
    with pytest.raises(TooShort, match="cannot hold"):
        align_phones(posteriors([(1, 1)]), seq, LABELS, seconds(1))
    with pytest.raises(CorpusError, match="the words spell"):
        build_chain(seq, LABELS, 93.75, members=[Member("m ˈaᴴᴴ", 0.0, 1.0)])
    with pytest.raises(CorpusError, match="nothing to align"):
        align_phones(posteriors([(0, 5)]), PhoneSeq.parse("。", "putonghua"), LABELS, 0.1)


def test_viterbi_is_exact_on_small_chains():
    """Against every possible path, with optional silences."""
    rng = np.random.default_rng(0)
    units = [Unit(0, 1, True), Unit(1), Unit(0, 2, True, 0.5), Unit(2, 2), Unit(0, 1, True)]
    for _ in range(20):
        scores = np.log(rng.dirichlet(np.ones(3), 7))
        spans, path = align(scores, units)
        found = path.sum() - (0.5 if spans[2] else 0.0)
        assert found == pytest.approx(_best_by_search(scores, units))


def _best_by_search(scores: np.ndarray, units: list[Unit]) -> float:
    from diamoe.recogniser.viterbi import ABSORPTION

    frames = len(scores)

    def go(u: int, t: int) -> float:
        if u == len(units):
            return 0.0 if t == frames else -np.inf
        unit = units[u]
        best = go(u + 1, t) if unit.optional else -np.inf
        total = -unit.cost
        for end in range(t + 1, frames + 1):
            own = scores[end - 1, unit.label]
            if unit.label:
                own = max(own, scores[end - 1, 0] - ABSORPTION)
            total += own
            if end - t >= unit.least:
                best = max(best, total + go(u + 1, end))
        return best

    return go(0, 0)
