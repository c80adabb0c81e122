"""Readings of polyphones in context."""

import pytest

from diamoe.text.words import read_words

READINGS = [
    ("这条路很长", "zhe4 tiao2 lu4 hen3 chang2"),
    ("他长大了", "ta1 zhang3 da4 le0"),
    ("你还我钱", "ni3 huan2 wo3 qian2"),
    ("还有人", "hai2 you3 ren2"),
    ("我得走了", "wo3 dei3 zou3 le0"),
    ("他很得意", "ta1 hen3 de2 yi4"),
    ("首都", "shou3 du1"),
    ("都来了", "dou1 lai2 le0"),
    ("银行", "yin2 hang2"),
    ("快乐", "kuai4 le4"),
    ("音乐", "yin1 yue4"),
    ("慢慢地走", "man4 man4 de0 zou3"),
    ("睡着了", "shui4 zhao2 le0"),
    ("干什么", "gan4 shen2 me0"),
    ("暖和", "nuan3 huo0"),
    ("看一看", "kan4 yi0 kan4"),
    ("尽管", "jin3 guan3"),
    ("相片", "xiang4 pian4"),
    ("便宜", "pian2 yi0"),
    ("一种", "yi1 zhong3"),
]


@pytest.mark.parametrize("text,expected", READINGS)
def test_readings(text: str, expected: str) -> None:
    syllables = [str(s) for word in read_words(text) for s in word.readings]
    assert " ".join(syllables) == expected
