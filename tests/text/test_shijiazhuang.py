"""Shijiazhuang: everyday sentences, citation forms, sandhi."""

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
        "俺们是石家庄人。",
        "nan1 men0 shi4 shi3 jia3 zhuang1 ren2",
        "n ˈæᴹᴸ ˜ | m ə n | ʂ ˈɻ̍ᴴᴸ | ʂ ˈɻ̍ᴴᴴ | t͜ɕ j ˈɑᴴᴴ | t͡ʂ w ˈɑᴹᴸ ŋ | ɻ ˈəᴴᴹ n",
    ),
    (
        "桌子上没有饭。",
        "zhue2 de0 shang4 mue1 you3 fan4",
        "t͡ʂ w ˈɤᴴᴹ | t ə | ʂ ˈɑᴴᴸ ŋ | m w ˈɤᴹᴸ | j ˈoᴴᴴ ʊ̯ | f ˈæᴴᴸ ˜",
    ),
    (
        "不对，不是这样。",
        "bu3 dui4 bu3 shi4 zhe4 yang4",
        "p ˈuᴴᴴ | t w ˈeᴴᴸ ɪ̯ | p ˈuᴴᴴ | ʂ ˈɻ̍ᴴᴸ | t͡ʂ ˈɤᴴᴸ | j ˈɑᴴᴸ ŋ",
    ),
    (
        "今天吃什么？",
        "jin3 tian1 chi2 shen2 me0",
        "t͜ɕ ˈiᴴᴴ n | tʰ j ˈæᴹᴸ ˜ | t͡ʂʰ ˈɻ̍ᴴᴹ | ʂ ˈəᴴᴹ n | m ə",
    ),
    (
        "天安门很大。",
        "tian3 ngan1 men2 hen3 da4",
        "tʰ j ˈæᴴᴴ ˜ | ŋ ˈæᴹᴸ ˜ | m ˈəᴴᴹ n | χ ˈəᴴᴴ n | t ˈɑᴴᴸ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("shijiazhuang", case)


@pytest.mark.shared
def test_sentences_against_the_syllable_table(shared: Path) -> None:
    check_against_table(shared, "shijiazhuang", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "shijiazhuang",
        [
            ("国", "gue3"),
            ("选", "suan3"),
            ("多", "due1"),
            ("安", "ngan1"),
            ("爱", "ngai4"),
            ("出", "chu2"),
        ],
    )


@pytest.mark.parametrize(
    "word,tones,expected",
    [
        ("东东", "11", "31"),
        ("白白", "21", "31"),
        ("白白", "24", "34"),
        ("不大", "14", "34"),
        ("不大", "13", "13"),
        ("白白", "23", "23"),
    ],
)
def test_sandhi(word: str, tones: str, expected: str) -> None:
    assert sandhi_tones("shijiazhuang", word, tones) == expected
