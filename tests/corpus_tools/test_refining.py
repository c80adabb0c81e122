"""Phone states find boundaries again that a recogniser puts too early."""

from pathlib import Path

import numpy as np
import pytest

from diamoe.corpus import cut_speaker, open_corpus
from diamoe.recogniser.states import FARTHEST, PhoneStates, Speech

NASALS = ("n", "ŋ")


@pytest.fixture(scope="module")
def spoken(taught: Path):
    """Speaker, wave and true times of every sentence."""
    return [
        (
            cut_speaker(cut),
            cut.load_audio()[0],
            [(i.symbol, i.start, i.duration) for i in cut.supervisions[0].alignment["phone"]],
        )
        for cut in open_corpus(taught)
    ]


def early(times):
    """A nasal after a vowel begins when a third of the vowel is over."""
    found = list(times)
    for index in range(len(found) - 1):
        (vowel, start, length), (nasal, _, more) = found[index : index + 2]
        if nasal in NASALS and length > 0:
            found[index : index + 2] = [
                (vowel, start, length / 3),
                (nasal, start + length / 3, more + length * 2 / 3),
            ]
    return found


def starts_of_nasals(times):
    return np.array([start for symbol, start, _ in times if symbol in NASALS])


def test_early_nasals_are_put_back_where_they_begin(spoken, tmp_path: Path):
    heard = [(Speech.of(who, wave, early(times)), early(times)) for who, wave, times in spoken]
    PhoneStates.estimate(speech for speech, _ in heard).save(tmp_path / "states")
    states = PhoneStates.load(tmp_path / "states")
    before, after = [], []
    for (speech, moved), (_, wave, true) in zip(heard, spoken, strict=True):
        found = speech.retimed(moved, states.edges(speech))
        assert [symbol for symbol, *_ in found] == [symbol for symbol, *_ in true]
        ends = [round(start + length, 5) for _, start, length in found]
        assert ends[:-1] == pytest.approx([start for _, start, _ in found[1:]], abs=2e-5)
        assert ends[-1] == pytest.approx(len(wave) / 24_000, abs=1e-3)
        known = starts_of_nasals(true)
        before.append(np.abs(starts_of_nasals(moved) - known))
        after.append(np.abs(starts_of_nasals(found) - known))
    assert np.concatenate(before).mean() > 0.05
    assert np.concatenate(after).mean() < 0.03


def test_silent_tokens_take_no_time_and_a_strange_phone_stays_where_it_is(spoken):
    who, wave, times = spoken[0]
    states = PhoneStates.estimate(Speech.of(*said) for said in spoken[1:20])
    states.gaussians.pop("n", None)
    silent = [*times[:3], ("∅", times[3][1], 0.0), *times[3:]]
    speech = Speech.of(who, wave, silent)
    found = speech.retimed(silent, states.edges(speech))
    assert found[3][2] == 0 and found[3][1] == found[4][1]
    if "n" in speech.phones:
        assert np.array([s for _, s, _ in found]) == pytest.approx(
            np.array([s for _, s, _ in silent]), abs=0.01
        )


def test_nothing_is_moved_far(spoken):
    who, wave, times = spoken[0]
    states = PhoneStates.estimate(Speech.of(*said) for said in spoken)
    turned = list(reversed(wave))
    speech = Speech.of(who, np.array(turned, np.float32), times)
    found = speech.retimed(times, states.edges(speech))
    moved = [abs(a[1] - b[1]) for a, b in zip(found, times, strict=True)]
    assert max(moved) < FARTHEST + 0.03
