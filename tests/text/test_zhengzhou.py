"""Zhengzhou: everyday sentences, citation forms, sandhi."""

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
        "俺是郑州人。",
        "an3 si4 zheng4 zhou1 ren2",
        "∅ ˈaᴴᴴ n | s ˈɹ̩ᴹᴸ | t͡ʂ ˈɤᴹᴸ ŋ | t͡ʂ ˈoᴹᴴ ʊ̯ | ɻ ˈəᴴᴸ n",
    ),
    (
        "你给我说说。",
        "ni3 gai1 wo3 shuo1 shuo0",
        "n ˈiᴴᴴ | k ˈæᴹᴴ ɪ̯ | w ˈoᴴᴴ | ʂ w ˈoᴹᴴ | ʂ w o",
    ),
    (
        "他在街上买药。",
        "ta3 zai4 jiai1 shang4 mai3 yuo1",
        "tʰ ˈɑᴴᴴ | t͜s ˈæᴹᴸ ɪ̯ | t͜ɕ j ˈæᴹᴴ ɪ̯ | ʂ ˈɑᴹᴸ ŋ | m ˈæᴴᴴ ɪ̯ | ɥ ˈoᴹᴴ",
    ),
    (
        "白色的房子。",
        "bai2 sai1 lei0 fang2 zi0",
        "p ˈæᴴᴸ ɪ̯ | s ˈæᴹᴴ ɪ̯ | l ɛ | f ˈɑᴴᴸ ŋ | t͜s ɹ̩",
    ),
    (
        "这儿没有特别好吃的。",
        "zher4 mu1 you3 tai1 bie2 hao3 chi1 lei0",
        "t͡ʂ ˈɤᴹᴸ ɚ̯ | m ˈuᴹᴴ | j ˈoᴴᴴ ʊ̯ | tʰ ˈæᴹᴴ ɪ̯ | p j ˈɛᴴᴸ | h ˈɑᴴᴴ ʊ̯ | t͡ʂʰ ˈɻ̍ᴹᴴ | l ɛ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("zhengzhou", case)


@pytest.mark.shared
def test_sentences_against_the_syllable_table(shared: Path) -> None:
    check_against_table(shared, "zhengzhou", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "zhengzhou",
        [
            ("国家", "guai1 jia1"),
            ("学习", "xuo2 xi2"),
            ("街", "jiai1"),
            ("生活", "seng1 huo2"),
            ("飞", "fi1"),
        ],
    )


@pytest.mark.parametrize(
    "word,tones,expected",
    [
        ("白白", "24", "34"),
        ("水水", "33", "23"),
        ("大大", "44", "14"),
        ("不大", "14", "34"),
        ("不大", "10", "20"),
        ("不大", "13", "13"),
    ],
)
def test_sandhi(word: str, tones: str, expected: str) -> None:
    assert sandhi_tones("zhengzhou", word, tones) == expected
