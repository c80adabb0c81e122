"""Transcripts to phones."""

from pathlib import Path

import pytest

from corpus_tools.labels import Labeller, finish
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected
from diamoe.errors import NotationError
from diamoe.text.phones import PhoneSeq


def label(text: str = "", romanised: str = "", **options) -> str:
    utterance = Utterance("u", Path("u.wav"), "putonghua", "ann", text, romanised)
    return str(Labeller("putonghua", **options).phones(utterance))


def test_words_end_in_a_full_stop():
    assert label("天气") == label("天气。")
    assert label("天气").endswith("| 。")
    assert label("天气？").endswith("| ？")


def test_syllables():
    assert label(romanised="ma1") == label("妈")


def test_gap_mark_is_a_comma():
    assert label("一边_一边", gap_mark="_") == label("一边，一边。")
    assert label("不是_就是_", gap_mark="_") == label("不是，就是。")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ({"text": "分(钟)"}, "brackets"),
        ({"text": "唱卡拉ok"}, "latin letters"),
        ({"text": "…"}, "no phones"),
        ({"text": "天\ue000"}, "no phones"),
        ({"text": "Привет, мир"}, "script"),
        ({"text": "  "}, "empty text"),
        ({"romanised": "_hm1"}, "interjection"),
        ({"romanised": "xyz9"}, "no phones"),
        ({"romanised": "ba5", "refuse": "5$"}, "refused"),
    ],
)
def test_what_is_refused(words: dict[str, str], kind: str):
    with pytest.raises(Rejected) as error:
        label(**words)
    assert error.value.kind == kind


def test_nothing_but_punctuation():
    with pytest.raises(NotationError):
        finish(PhoneSeq.parse("| 。", "putonghua"))
