"""Words joined to utterances."""

from pathlib import Path

import numpy as np
import pytest

from corpus_tools.audio.cleaning import clean_wave
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.joining import Plan, make_utterance, plan_joins
from corpus_tools.members import Member, store
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.settings import JoinSettings
from diamoe.text.phones import PhoneSeq

RATE = 24_000
SETTINGS = JoinSettings()


@pytest.fixture
def members(tmp_path: Path, make_burst) -> list[Member]:
    made = []
    for i in range(40):
        clean = clean_wave(make_burst(0.3 + 0.01 * i, seed=i, noise=2e-3), CleanSettings())
        with (tmp_path / "sound.pcm").open("ab") as stream:
            sound = store(clean, stream, tmp_path / "sound.pcm")
        utterance = Utterance(f"u{i}", Path("u.wav"), "putonghua", "ann" if i % 2 else "ben", "妈")
        phones = PhoneSeq.parse("m ˈaᴴᴴ | 。", "putonghua")
        made.append(Member(utterance, "妈", phones, sound, (("妈", 1),)))
    return made


@pytest.mark.parametrize("passes", [1, 2])
def test_every_recording_once_a_pass_with_its_speaker(members: list[Member], passes: int):
    settings = JoinSettings(passes=passes)
    plans = list(plan_joins(members, settings, np.random.default_rng(0)))
    used = [m.utterance.id for p in plans for m in p.members]
    assert sorted(used) == sorted([m.utterance.id for m in members] * passes)
    assert all(len({m.utterance.speaker for m in p.members}) == 1 for p in plans)
    assert any(len(p.members) == 1 for p in plans) and any(len(p.members) > 2 for p in plans)


def test_plans_are_deterministic(members: list[Member]):
    first, second = (list(plan_joins(members, SETTINGS, np.random.default_rng(3))) for _ in "ab")
    assert first == second


def test_lengths(members: list[Member]):
    rng = np.random.default_rng(1)
    for plan in plan_joins(members, SETTINGS, rng):
        wave = make_utterance(plan, SETTINGS, rng).wave
        assert len(wave) / RATE < 8.3


def test_phones_text_and_places(members: list[Member]):
    plan = Plan(tuple(members[:3]), (0.3, 0.06))
    made = make_utterance(plan, SETTINGS, np.random.default_rng(0))
    assert made.text == "妈，妈妈"
    assert made.phones == PhoneSeq.parse("m ˈaᴴᴴ | ， | m ˈaᴴᴴ | m ˈaᴴᴴ | 。", "putonghua")
    assert len(made.words) == 3
    assert made.spelt == (("妈", 1),) * 3
    assert made.words[0].start == 0.0
    assert made.words[-1].end == pytest.approx(len(made.wave) / RATE)
    for word, after in zip(made.words, made.words[1:], strict=False):
        assert word.start < word.end <= after.start + 1e-9


def test_pauses_have_their_length_and_no_clicks(members: list[Member]):
    pauses = (0.4, 0.05, 0.2)
    plan = Plan(tuple(members[:4]), pauses)
    made = make_utterance(plan, SETTINGS, np.random.default_rng(0))
    spoken = sum(m.end - m.start for m in plan.members)
    assert len(made.wave) / RATE == pytest.approx(spoken + sum(pauses) + 0.2, abs=0.01)
    gap = made.wave[round((made.words[0].end + 0.01) * RATE) :][: round(0.15 * RATE)]
    level = np.sqrt((gap**2).mean())
    floor = np.sqrt((made.wave[600:1800] ** 2).mean())
    assert level == pytest.approx(floor, rel=0.5)
    assert np.abs(np.diff(gap)).max() < 0.05


def test_one_member_alone(members: list[Member]):
    made = make_utterance(Plan((members[0],), ()), SETTINGS, np.random.default_rng(0))
    assert made.phones == members[0].phones
    assert made.words[0].end == pytest.approx(len(made.wave) / RATE)
