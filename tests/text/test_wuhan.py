"""Wuhan: everyday sentences and citation forms."""

from pathlib import Path

import pytest

from tests.text.dialect_cases import Case, check_against_table, check_citation_tones, check_sentence

CASES: tuple[Case, ...] = (
    (
        "你在搞么事？",
        "ni3 zai4 gao3 mo3 si0",
        "n ˈiᴴᴸ | t͜s ˈaᴹᴴ ɪ̯ | k ˈɑᴴᴸ ʊ̯ | m w ˈoᴴᴸ | s ɹ̩",
    ),
    (
        "老师叫我们读书。",
        "nao3 si1 jiao4 wo3 men0 dou2 xu1",
        "n ˈɑᴴᴸ ʊ̯ | s ˈɹ̩ᴴᴴ | t͜ɕ j ˈɑᴹᴴ ʊ̯ | w ˈoᴴᴸ | m ə n | t ˈəᴹᴸ ʊ̯ | ɕ ˈyᴴᴴ",
    ),
    (
        "我冇得钱买房子。",
        "wo3 mao4 de2 qian2 mai3 fang2 zi0",
        "w ˈoᴴᴸ | m ˈɑᴹᴴ ʊ̯ | t ˈɤᴹᴸ | t͜ɕʰ j ˈɛᴹᴸ n | m ˈaᴴᴸ ɪ̯ | f ˈɑᴹᴸ ŋ | t͜s ɹ̩",
    ),
    (
        "外面下雪了，好冷。",
        "wai4 mian4 xia4 xie2 ne0 hao3 nen3",
        "w ˈaᴹᴴ ɪ̯ | m j ˈɛᴹᴴ n | ɕ j ˈɑᴹᴴ | ɕ j ˈɛᴹᴸ | n ɤ | χ ˈɑᴴᴸ ʊ̯ | n ˈəᴴᴸ n",
    ),
    (
        "二月的天气还很冷。",
        "ii4 yue2 di0 tian1 qi4 hai2 hen3 nen3",
        "∅ ˈɨᴹᴴ | ɥ ˈœᴹᴸ | t i | tʰ j ˈɛᴴᴴ n | t͜ɕʰ ˈiᴹᴴ | χ ˈaᴹᴸ ɪ̯ | χ ˈəᴴᴸ n | n ˈəᴴᴸ n",
    ),
    (
        "北方人都说国语。",
        "be2 fang1 nen2 dou1 suo2 gue2 yu3",
        "p ˈɤᴹᴸ | f ˈɑᴴᴴ ŋ | n ˈəᴹᴸ n | t ˈəᴴᴴ ʊ̯ | s w ˈoᴹᴸ | k w ˈɤᴹᴸ | ɥ ˈyᴴᴸ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("wuhan", case)


@pytest.mark.shared
def test_syllables_as_in_the_table(shared: Path) -> None:
    check_against_table(shared, "wuhan", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "wuhan",
        [
            ("武汉", "wu3 han4"),
            ("药房", "yuo2 fang2"),
            ("出租", "qu2 zou1"),
            ("对不起", "dei4 bu2 qi3"),
            ("国家", "gue2 jia1"),
            ("容易", "yong2 yi4"),
            ("街道", "gai1 dao4"),
            ("一下", "yi2 ha4"),
        ],
    )
