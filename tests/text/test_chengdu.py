"""Chengdu: everyday sentences and citation forms."""

from pathlib import Path

import pytest

from tests.text.dialect_cases import Case, check_against_table, check_citation_tones, check_sentence

CASES: tuple[Case, ...] = (
    (
        "你吃饭没得？",
        "ni3 ci2 fan4 mei4 de2",
        "ȵ ˈiᴴᴸ | t͜sʰ ˈɹ̩ᴹᴸ | f ˈæᴸᴹ ˜ | m ˈeᴸᴹ ɪ̯ | t ˈɛᴹᴸ",
    ),
    (
        "我觉得今天热得很。",
        "ngo3 juo2 de2 jin1 tian1 rze2 de2 hen3",
        "ŋ ˈoᴴᴸ | t͜ɕ ɥ ˈoᴹᴸ | t ˈɛᴹᴸ | t͜ɕ ˈiᴴᴴ n | tʰ j ˈɛᴴᴴ ˜ | ɹ ˈɛᴹᴸ | t ˈɛᴹᴸ | h ˈəᴴᴸ n",
    ),
    (
        "他是中国学生。",
        "ta1 si4 zong1 gue2 xuo2 sen1",
        "tʰ ˈɑᴴᴴ | s ˈɹ̩ᴸᴹ | t͜s ˈʊᴴᴴ ŋ | k w ˈɛᴹᴸ | ɕ ɥ ˈoᴹᴸ | s ˈəᴴᴴ n",
    ),
    (
        "这个药很苦。",
        "ze4 go0 yuo2 hen3 ku3",
        "t͜s ˈɛᴸᴹ | k o | ɥ ˈoᴹᴸ | h ˈəᴴᴸ n | kʰ ˈuᴴᴸ",
    ),
    (
        "飞机票买了，开会去。",
        "fei1 ji1 piao4 mai3 lo0 kai1 hui4 qu4",
        "f ˈeᴴᴴ ɪ̯ | t͜ɕ ˈiᴴᴴ | pʰ j ˈɑᴸᴹ ʊ̯ | m ˈaᴴᴸ ɪ̯ | l o | kʰ ˈaᴴᴴ ɪ̯ | h w ˈeᴸᴹ ɪ̯ | t͜ɕʰ ˈyᴸᴹ",
    ),
    (
        "我们去街头耍。",
        "ngo3 men0 qu4 gai1 tou2 sua3",
        "ŋ ˈoᴴᴸ | m ə n | t͜ɕʰ ˈyᴸᴹ | k ˈaᴴᴴ ɪ̯ | tʰ ˈəᴹᴸ ʊ̯ | s w ˈɑᴴᴸ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("chengdu", case)


@pytest.mark.shared
def test_syllables_as_in_the_table(shared: Path) -> None:
    check_against_table(shared, "chengdu", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "chengdu",
        [
            ("成都", "cen2 du1"),
            ("白色", "be2 se2"),
            ("学校", "xuo2 xiao4"),
            ("虎", "fu3"),
            ("街", "gai1"),
            ("岩石", "ngai2 si2"),
            ("风", "fong1"),
            ("造", "cao4"),
            ("绿", "lu2"),
        ],
    )
