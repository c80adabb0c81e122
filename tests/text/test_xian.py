"""Xi'an: everyday sentences, citation forms, sandhi."""

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
        "我是西安人。",
        "nge3 si4 xi2 ngan1 ren2",
        "ŋ ˈɤᴴᴴ | s ˈɹ̩ᴴᴹ | ɕ ˈiᴹᴴ | ŋ ˈaᴹᴸ n | ɻ ˈəᴹᴴ n",
    ),
    (
        "今天不吃鸡蛋。",
        "jin2 tian1 bu2 chi1 ji1 dan4",
        "t͜ɕ ˈiᴹᴴ n | tʰ j ˈɛᴹᴸ n | p ˈuᴹᴴ | t͡ʂʰ ˈɻ̍ᴹᴸ | t͜ɕ ˈiᴹᴸ | t ˈaᴴᴹ n",
    ),
    (
        "你说的是啥？",
        "ni3 she1 di0 si4 sa4",
        "n ˈiᴴᴴ | ʂ ˈɤᴹᴸ | t i | s ˈɹ̩ᴴᴹ | s ˈɑᴴᴹ",
    ),
    (
        "药店在百货大楼。",
        "yuo1 dian4 zai4 bei1 huo4 da4 lou2",
        "ɥ ˈoᴹᴸ | t j ˈɛᴴᴹ n | t͜s ˈaᴴᴹ ɪ̯ | p ˈeᴹᴸ ɪ̯ | χ w ˈoᴴᴹ | t ˈɑᴴᴹ | l ˈoᴹᴴ ʊ̯",
    ),
    (
        "俺没有去学校。",
        "ngai1 mo1 you3 qu4 xuo2 xiao4",
        "ŋ ˈaᴹᴸ ɪ̯ | m w ˈoᴹᴸ | j ˈoᴴᴴ ʊ̯ | t͜ɕʰ ˈyᴴᴹ | ɕ ɥ ˈoᴹᴴ | ɕ j ˈɑᴴᴹ ʊ̯",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("xian", case)


@pytest.mark.shared
def test_sentences_against_the_syllable_table(shared: Path) -> None:
    check_against_table(shared, "xian", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "xian",
        [
            ("业务", "nie1 vu4"),
            ("国家", "gui1 jia1"),
            ("白色", "bei2 sei1"),
            ("生活", "seng1 huo2"),
            ("路", "lu4"),
            ("全", "cuan2"),
        ],
    )


@pytest.mark.parametrize(
    "word,tones,expected",
    [
        ("东东", "11", "21"),
        ("东东东", "111", "221"),
        ("白白", "21", "21"),
    ],
)
def test_sandhi(word: str, tones: str, expected: str) -> None:
    assert sandhi_tones("xian", word, tones) == expected
