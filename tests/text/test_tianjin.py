"""Tianjin: everyday sentences, sandhi from pair to pair."""

import pytest

from tests.text.dialect_cases import Case, check_sentence, sandhi_tones

CASES: tuple[Case, ...] = (
    (
        "今天我们不打架。",
        "jin1 tian0 wo3 men0 bu4 da3 jia4",
        "t͜ɕ ˈiᴴᴸ n | tʰ j ɛ n | w ˈoᴹᴸ | m ə n | p ˈuᴴᴹ | t ˈɑᴹᴸ | t͜ɕ j ˈɑᴴᴹ",
    ),
    (
        "你干嘛去？",
        "ni3 gan1 ma4 qu4",
        "n ˈiᴹᴸ | k ˈaᴴᴸ n | m ˈɑᴴᴹ | t͜ɕʰ ˈyᴴᴹ",
    ),
    (
        "天津的包子倍儿好吃。",
        "tian3 jin1 de0 bao1 zi0 beir4 hao3 chi1",
        "tʰ j ˈɛᴹᴸ n | t͜ɕ ˈiᴴᴸ n | t ə | p ˈɑᴴᴸ ʊ̯ | t͜s ɹ̩ | p ˈɚᴴᴹ | χ ˈɑᴹᴸ ʊ̯ | t͡ʂʰ ˈɻ̍ᴴᴸ",
    ),
    (
        "坐飞机去北京。",
        "zuo4 fei3 ji1 qu4 bei3 jing1",
        "t͜s w ˈoᴴᴹ | f ˈeᴹᴸ ɪ̯ | t͜ɕ ˈiᴴᴸ | t͜ɕʰ ˈyᴴᴹ | p ˈeᴹᴸ ɪ̯ | t͜ɕ ˈiᴴᴸ ŋ",
    ),
    (
        "电视机坏了。",
        "dian4 shi2 ji1 huai4 le0",
        "t j ˈɛᴴᴹ n | ʂ ˈɻ̍ᴹᴴ | t͜ɕ ˈiᴴᴸ | χ w ˈaᴴᴹ ɪ̯ | l ə",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("tianjin", case)


@pytest.mark.parametrize(
    "word,citation,spoken",
    [
        ("飞机", "11", "31"),
        ("老虎", "33", "23"),
        ("汽车", "41", "21"),
        ("电话", "44", "14"),
        ("拖拉机", "111", "131"),
        ("电视剧", "444", "214"),
        ("展览馆", "333", "223"),
        ("包子", "10", "10"),
    ],
)
def test_sandhi(word: str, citation: str, spoken: str) -> None:
    assert sandhi_tones("tianjin", word, citation) == spoken
