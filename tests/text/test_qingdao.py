"""Qingdao: everyday sentences, citation forms, sandhi."""

from pathlib import Path

import pytest

from tests.text.dialect_cases import (
    Case,
    check_against_table,
    check_citation_tones,
    check_sentence,
    sandhi_tones,
)

CASES: tuple[Case, ...] = (
    (
        "青岛是好地方。",
        "qing6 dao3 shi4 hao3 di4 fang0",
        "t͜ɕʰ j ˈɤᴹᴸ ŋ | t ˈɔᴴᴴ | ʃ ˈɻ̍ᴴᴸ | χ ˈɔᴴᴴ | t ˈiᴴᴸ | f ɑ ˜",
    ),
    (
        "中国人都要工作。",
        "zheng6 gue3 yin4 dou1 yao4 geng3 zue1",
        "t͡ʃ ˈɤᴹᴸ ŋ | k w ˈɤᴴᴴ | j ˈɪᴴᴸ ˜ | t o̯ ˈʊᴸᴹ | j ˈɔᴴᴸ | k ˈɤᴴᴴ ŋ | t͜θ w ˈɤᴸᴹ",
    ),
    (
        "两块白布。",
        "liang3 kuai1 bei6 bu4",
        "l j ˈɑᴴᴴ ˜ | kʰ w ˈæᴸᴹ ɪ̯ | p ˈeᴹᴸ ɪ̯ | p ˈuᴴᴸ",
    ),
    (
        "他说话太快。",
        "ta3 shue3 hua1 tai1 kuai4",
        "tʰ ˈɑᴴᴴ | ʃ w ˈɤᴴᴴ | χ w ˈɑᴸᴹ | tʰ ˈæᴸᴹ ɪ̯ | kʰ w ˈæᴴᴸ ɪ̯",
    ),
    (
        "二月三号下雪。",
        "rle6 yue4 san3 hao1 xia6 xue3",
        "l̻ ˈɤᴹᴸ | ɥ ˈœᴴᴸ | θ ˈaᴴᴴ ˜ | χ ˈɔᴸᴹ | ɕ j ˈɑᴹᴸ | ɕ ɥ ˈœᴴᴴ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("qingdao", case)


@pytest.mark.shared
def test_sentences_against_the_syllable_table(shared: Path) -> None:
    check_against_table(shared, "qingdao", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "qingdao",
        [
            ("日", "yi4"),
            ("药", "yue4"),
            ("多", "due1"),
            ("东", "deng1"),
            ("国", "gue3"),
            ("学", "xue2"),
            ("色", "shei3"),
            ("街", "jiai1"),
        ],
    )


@pytest.mark.parametrize(
    "word,tones,expected",
    [
        ("东东", "11", "31"),
        ("学学", "21", "31"),
        ("东东", "12", "31"),
        ("学学", "22", "64"),
        ("水水", "32", "31"),
        ("大大", "42", "64"),
        ("东东", "13", "63"),
        ("大大", "44", "64"),
        ("水水", "30", "10"),
        ("学学", "20", "20"),
        ("学", "2", "4"),
        ("水水", "34", "31"),
    ],
)
def test_sandhi(word: str, tones: str, expected: str) -> None:
    assert sandhi_tones("qingdao", word, tones) == expected
