"""Peking-opera yunbai: sharp and round initials, readings of the stage."""

from pathlib import Path

import pytest

from tests.text.dialect_cases import Case, check_against_table, check_citation_tones, check_sentence

CASES: tuple[Case, ...] = (
    (
        "前面来的是何人？",
        "cyan2 mian4 lai2 di2 shi4 huo2 ren2",
        "t͜sʰ j ˈɛᴹᴸ n | m j ˈɛᴹᴴ n | l ˈaᴹᴸ ɪ̯ | t ˈiᴹᴸ | ʂ ˈɻ̍ᴹᴴ | χ w ˈoᴹᴸ | ɻ ˈəᴹᴸ n",
    ),
    (
        "快快请坐。",
        "kuai4 kuai4 cyin3 zuo4",
        "kʰ w ˈaᴹᴴ ɪ̯ | kʰ w ˈaᴹᴴ ɪ̯ | t͜sʰ ˈiᴴᴸ n | t͜s w ˈoᴹᴴ",
    ),
    (
        "不知大人到此。",
        "bu2 zhyi1 da4 ren2 dao4 ci3",
        "p ˈuᴹᴸ | t͡ʂ ˈiᴴᴴ | t ˈɑᴹᴴ | ɻ ˈəᴹᴸ n | t ˈɑᴹᴴ ʊ̯ | t͜sʰ ˈɹ̩ᴴᴸ",
    ),
    (
        "小生读书十年。",
        "syao3 shen1 du2 shv1 shyi2 nian2",
        "s j ˈɑᴴᴸ ʊ̯ | ʂ ˈəᴴᴴ n | t ˈuᴹᴸ | ʂ ˈɻ̍ʷᴴᴴ | ʂ ˈiᴹᴸ | n j ˈɛᴹᴸ n",
    ),
    (
        "日出东方。",
        "ryi2 chv2 dong1 fang1",
        "ɻ ˈiᴹᴸ | t͡ʂʰ ˈɻ̍ʷᴹᴸ | t ˈʊᴴᴴ ŋ | f ˈɑᴴᴴ ŋ",
    ),
    (
        "你说什么？",
        "ni3 shve2 shyi2 mo2",
        "n ˈiᴴᴸ | ʂ ɻʷ ˈœᴹᴸ | ʂ ˈiᴹᴸ | m w ˈoᴹᴸ",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_sentences(case: Case) -> None:
    check_sentence("yunbai", case)


@pytest.mark.shared
def test_syllables_as_in_the_table(shared: Path) -> None:
    check_against_table(shared, "yunbai", CASES)


def test_citation_forms() -> None:
    check_citation_tones(
        "yunbai",
        [
            ("千", "cyan1"),
            ("牵", "qian1"),
            ("西", "syi1"),
            ("希", "xi1"),
            ("书", "shv1"),
            ("知", "zhyi1"),
            ("界", "jiai4"),
            ("我们", "nguo3 men2"),
            ("半", "buan4"),
            ("雷", "lui2"),
            ("白", "be2"),
            ("了", "liao3"),
        ],
    )
