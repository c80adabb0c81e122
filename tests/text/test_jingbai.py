"""Peking-opera jingbai: Mandarin, with old Beijing readings."""

from pathlib import Path

import pytest

from tests.text.dialect_cases import Case, check_against_table, check_sentence

CASES: tuple[Case, ...] = (
    (
        "你好，请坐。",
        "ni2 hao3 qing3 zuo4",
        "n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯ | t͜ɕʰ ˈiᴹᴸ ŋ | t͜s w ˈoᴴᴸ",
    ),
    (
        "一点儿也不错。",
        "yi4 dianr2 ye3 bu2 cuo4",
        "j ˈiᴴᴸ | t j ˈɑᴹᴴ ɚ̯ | j ˈɛᴹᴸ | p ˈuᴹᴴ | t͜sʰ w ˈoᴴᴸ",
    ),
    (
        "咱们明儿见。",
        "za2 men0 mingr2 jian4",
        "t͜s ˈɑᴹᴴ | m ə n | m j ˈɚᴹᴴ ˜ | t͜ɕ j ˈɛᴴᴸ n",
    ),
    (
        "谁敢不听？",
        "shei2 gan3 bu4 ting1",
        "ʂ ˈeᴹᴴ ɪ̯ | k ˈaᴹᴸ n | p ˈuᴴᴸ | tʰ ˈiᴴᴴ ŋ",
    ),
    (
        "这个人可糟了。",
        "zhe4 ge4 ren2 ke3 zao1 le0",
        "t͡ʂ ˈɤᴴᴸ | k ˈɤᴴᴸ | ɻ ˈəᴹᴴ n | kʰ ˈɤᴹᴸ | t͜s ˈɑᴴᴴ ʊ̯ | l ə",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("jingbai", case)


@pytest.mark.shared
def test_syllables_as_in_the_table(shared: Path) -> None:
    check_against_table(shared, "jingbai", CASES)
