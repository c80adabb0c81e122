"""Nanjing: everyday sentences, citation forms, sandhi."""

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
        "南京的学生说中国话。",
        "lan2 jin1 dih0 xuoh5 sen0 shoh5 zhong1 goh5 hua4",
        "l ˈaᴹᴴ ˜ | t͜ɕ ˈiᴴᴸ n | t ĭ | ɕ ɥ ˈŏᴴ | s ə n | ʂ ˈŏᴴ | t͡ʂ ˈʊᴴᴸ ŋ | k ˈŏᴴ | χ w ˈɑᴴᴹ",
    ),
    (
        "他没有出去。",
        "ta1 me2 you3 chuh5 qi4",
        "tʰ ˈɑᴴᴸ | m ˈɤᴹᴴ | j ˈəᴹᴸ ʊ̯ | t͡ʂʰ ˈŭᴴ | t͜ɕʰ ˈiᴴᴹ",
    ),
    (
        "这个字我不认识。",
        "zeh5 go4 zi4 o3 buh5 ren4 shih0",
        "t͜s ˈə̆ᴴ | k ˈoᴴᴹ | t͜s ˈɹ̩ᴴᴹ | ∅ ˈoᴹᴸ | p ˈŭᴴ | ɻ ˈəᴴᴹ n | ʂ ɻ̍̆",
    ),
    (
        "北方的白雪。",
        "beh5 fang1 dih0 beh7 xueh5",
        "p ˈə̆ᴴ | f ˈɑᴴᴸ ˜ | t ĭ | p ˈə̆ᴹ | ɕ ɥ ˈĕᴴ",
    ),
    (
        "我们六月八号毕业。",
        "o3 men0 luh7 yueh5 bah5 hao4 bih7 yeh5",
        "∅ ˈoᴹᴸ | m ə n | l ˈŭᴹ | ɥ ˈĕᴴ | p ˈɑ̆ᴴ | χ ˈɔᴴᴹ | p ˈĭᴹ | j ˈĕᴴ",
    ),
    (
        "牛奶很热。",
        "liu2 lai3 hen3 reh5",
        "l j ˈəᴹᴴ ʊ̯ | l ˈɛᴹᴸ | χ ˈəᴹᴸ n | ɻ ˈə̆ᴴ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("nanjing", case)


@pytest.mark.shared
def test_sentences_against_the_syllable_table(shared: Path) -> None:
    check_against_table(shared, "nanjing", CASES, neutral="6")


def test_citation_forms() -> None:
    check_citation_tones(
        "nanjing",
        [
            ("一", "yih5"),
            ("学习", "xuoh5 xih5"),
            ("国家", "goh5 jia1"),
            ("达到", "dah5 dao4"),
            ("形式", "xin2 shi4"),
            ("药", "yuoh5"),
        ],
    )


@pytest.mark.parametrize(
    "word,tones,expected",
    [
        ("东东", "11", "41"),
        ("火火", "31", "21"),
        ("白白", "25", "35"),
        ("水水", "33", "23"),
        ("大大", "45", "15"),
        ("八八", "55", "75"),
        ("八八八", "555", "775"),
        ("白白", "24", "24"),
    ],
)
def test_sandhi(word: str, tones: str, expected: str) -> None:
    assert sandhi_tones("nanjing", word, tones) == expected
