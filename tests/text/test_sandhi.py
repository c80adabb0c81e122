"""Sandhi: its passes and domains, Mandarin's rules, and what it must never do."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diamoe.errors import DialectFileError
from diamoe.text.dialect import available_dialects, load_dialect
from diamoe.text.feet import closeness
from diamoe.text.frontend import Frontend
from diamoe.text.sandhi import Beat, Sandhi, read_sandhi
from diamoe.text.syllable import Syllable

SINITIC = [d for d in available_dialects() if load_dialect(d).backend == "sinitic"]


def beats_of(words: Sequence[str], tones: str) -> list[Beat]:
    """Beats of words, one character each; tone 0 is neutral."""
    places = [(c, n, len(word)) for n, word in enumerate(words) for c in word]
    return [
        Beat(c, Syllable("m", "a", int(tone), tone == "0"), n, size)
        for (c, n, size), tone in zip(places, tones, strict=True)
    ]


def tones_after(sandhi: Sandhi, beats: Sequence[Beat]) -> str:
    return "".join(str(changed.syllable.tone) for changed in sandhi(beats))


@pytest.mark.parametrize(
    "words,tones,expected",
    [
        (["展览馆"], "333", "223"),
        (["小老虎"], "333", "323"),
        (["我", "很", "好"], "333", "323"),
        (["你", "好", "吗"], "330", "230"),
        (["我", "也", "想", "你"], "3333", "2323"),
        (["买", "水果"], "333", "323"),
        (["李", "总理"], "333", "323"),
        (["老李", "买", "好", "酒"], "33333", "22323"),
        (["岂有此理"], "3333", "2323"),
        (["老板", "请假"], "3334", "2334"),
        (["一", "个"], "14", "24"),
        (["一", "天"], "11", "41"),
        (["一起"], "13", "43"),
        (["第一", "次"], "414", "414"),
        (["一月", "一", "号"], "1414", "1414"),
        (["十一", "个"], "214", "214"),
        (["总之", "一定"], "3114", "3124"),
        (["看一看"], "404", "404"),
        (["不", "是"], "44", "24"),
        (["不", "好"], "43", "43"),
        (["一", "九", "九", "八"], "1331", "1231"),
    ],
)
def test_mandarin(words: list[str], tones: str, expected: str) -> None:
    assert tones_after(read_sandhi(load_dialect("putonghua")), beats_of(words, tones)) == expected


def test_closeness_follows_the_words_inside_a_word() -> None:
    assert closeness(["展览馆"]) == [0, 1]
    assert closeness(["小老虎"]) == [1, 0]
    assert closeness(["我", "也", "想", "你"]) == [2, 3, 2]
    assert closeness(["今天", "好"]) == [0, 3]


def test_every_change_says_what_did_it() -> None:
    sandhi = read_sandhi(load_dialect("qingdao"))
    changed = sandhi(beats_of(["学习"], "22"))
    assert [c.rule for c in changed] == ["2→6 before 2", "2→4 after 2"]
    assert read_sandhi(load_dialect("xian"))(beats_of(["人民"], "22"))[0].rule == ""


def test_a_given_syllable_is_left_alone_and_counts_for_its_neighbour() -> None:
    sandhi = read_sandhi(load_dialect("putonghua"))
    first, second, third = beats_of(["展览馆"], "333")
    assert tones_after(sandhi, [first, replace(second, fixed=True), third]) == "233"
    pair = beats_of(["学习"], "22")
    held = [pair[0], replace(pair[1], fixed=True)]
    assert tones_after(read_sandhi(load_dialect("qingdao")), held) == "42"


def test_a_mark_divides_phrases() -> None:
    words = Frontend("putonghua").words("你，好。")
    assert [s.romanised for w in words for s in w.syllables] == ["ni3", "hao3"]


@pytest.mark.parametrize(
    "rule,key",
    [
        ({"tone": 1, "before": 1, "becomes": [1, 2, 3]}, "becomes"),
        ({"tone": 1, "before": 1, "becomes": 2, "order": "sideways"}, "order"),
        ({"tone": 1, "before": 1, "becomes": 2, "domain": "clause"}, "domain"),
    ],
)
def test_a_wrong_rule_names_its_key(rule: dict, key: str) -> None:
    dialect = replace(load_dialect("xian"), rules={"sandhi": [rule]})
    with pytest.raises(DialectFileError, match=key):
        read_sandhi(dialect)


@st.composite
def phrases(draw: st.DrawFn, code: str) -> list[Beat]:
    tones = [t.number for t in load_dialect(code).tones]
    beats: list[Beat] = []
    for word in range(draw(st.integers(0, 5))):
        size = draw(st.integers(1, 4))
        for _ in range(size):
            tone = draw(st.sampled_from([0, *tones]))
            syllable = Syllable(draw(st.sampled_from(["b", "zh", ""])), "a", tone, tone == 0)
            character = draw(st.sampled_from("一不七八看人上第"))
            beats.append(Beat(character, syllable, word, size, draw(st.booleans())))
    return beats


@pytest.mark.parametrize("code", SINITIC)
@given(data=st.data())
def test_sandhi_changes_tones_only(code: str, data: st.DataObject) -> None:
    dialect, beats = load_dialect(code), data.draw(phrases(code))
    changed = read_sandhi(dialect)(beats)
    assert len(changed) == len(beats)
    for before, after in zip(beats, changed, strict=True):
        assert after.syllable.change(tone=before.syllable.tone) == before.syllable
        assert after.syllable == before.syllable or after.rule
        if before.fixed or before.syllable.neutral:
            assert after.syllable == before.syllable
        else:
            assert after.syllable.tone in {t.number for t in dialect.tones}


def test_reduplication() -> None:
    def read(text: str, code: str) -> list[str]:
        return [s.romanised for w in Frontend(code).words(text) for s in w.syllables]

    assert read("盘盘", "chengdu") == ["pan2", "pan1"]
    assert read("碗碗", "chengdu") == ["wan3", "wan2"]
    assert read("看看", "chengdu") == ["kan4", "kan0"]
    assert read("慢慢儿走", "putonghua") == ["man4", "manr1", "zou3"]


@pytest.mark.parametrize(
    "text,tones",
    [
        ("他住一楼", "1 4 1 2"),
        ("上一年级", "4 1 2 2"),
        ("一等奖", "1 2 3"),
        ("第一次", "4 1 4"),
        ("二十一块钱", "4 2 1 4 2"),
        ("坐一路公交车", "4 1 4 1 1 1"),
        ("一月一日", "1 4 1 4"),
        ("一日三餐", "2 4 1 1"),
        ("一个人", "2 4 2"),
        ("一年", "4 2"),
        ("周五一起去", "1 3 4 3 4"),
        ("看了一层楼", "4 0 4 2 2"),
    ],
)
def test_ordinals_keep_the_tone_of_one(text: str, tones: str) -> None:
    words = Frontend("putonghua").words(text)
    assert " ".join(s.romanised[-1] for word in words for s in word.syllables) == tones
