"""Readings of polyphones in everyday sentences; what is neutral; scripts; second opinions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.text.normalize import is_han, normalize
from diamoe.text.syllable import Syllable
from diamoe.text.words import UnreadCharacter, read_words

HERE = Path(__file__).parent


def read(text: str) -> str:
    """The pinyin of a text, syllables separated by spaces."""
    return " ".join(
        str(s) for word in read_words(normalize(text, "putonghua")) for s in word.readings
    )


def checked(path: Path) -> Iterator[tuple[str, int, str]]:
    """(sentence, place of a character, its reading) from `我去银行[hang2]`."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, wanted = "", []
        for part in re.split(r"(\[[a-z]+\d\])", line):
            if part.startswith("["):
                wanted.append((len(text) - 1, part.strip("[]")))
            else:
                text += part
        yield from ((text, place, reading) for place, reading in wanted)


@pytest.mark.parametrize("name", ["polyphones.txt", "polyphones_unseen.txt"])
def test_at_least_95_percent_of_polyphones(name: str) -> None:
    wrong, count = [], 0
    for text, place, reading in checked(HERE / name):
        count += 1
        characters = [c for c in text if is_han(c)]
        number = sum(map(is_han, text[:place]))
        found = read(text).split()
        assert len(found) == len(characters), text
        if found[number] != reading:
            wrong.append(f"{text} {text[place]} {found[number]} for {reading}")
    assert count >= 150
    assert len(wrong) / count <= 0.05, wrong


@pytest.mark.parametrize(
    "simplified,traditional",
    [
        ("重庆的银行", "重慶的銀行"),
        ("头发长了", "頭髮長了"),
        ("经济发展", "經濟發展"),
        ("孩子长大了", "孩子長大了"),
        ("音乐快乐", "音樂快樂"),
        ("饼干干净", "餅乾乾淨"),
        ("干部干活", "幹部幹活"),
        ("三只狗", "三隻狗"),
        ("他看着我", "他看著我"),
        ("名著", "名著"),
        ("了解", "瞭解"),
        ("为了他", "為了他"),
        ("后天", "後天"),
        ("家里", "家裡"),
        ("萝卜", "蘿蔔"),
        ("什么", "什麼"),
    ],
)
def test_both_scripts_read_alike(simplified: str, traditional: str) -> None:
    assert read(traditional) == read(simplified)


@pytest.mark.parametrize(
    "text,expected",
    [
        ("髮", "fa4"),
        ("發", "fa1"),
        ("乾坤", "qian2 kun1"),
        ("看看", "kan4 kan0"),
        ("你试一试", "ni3 shi4 yi0 shi4"),
        ("站起来", "zhan4 qi3 lai0"),
        ("哥哥", "ge1 ge0"),
        ("你们", "ni3 men0"),
        ("桌子", "zhuo1 zi0"),
        ("原子", "yuan2 zi3"),
        ("好吗", "hao3 ma0"),
        ("走吧", "zou3 ba0"),
        ("他姓单", "ta1 xing4 shan4"),
        ("仇先生", "qiu2 xian1 sheng0"),
        ("任老师", "ren2 lao3 shi1"),
        ("有一个不对", "you3 yi1 ge4 bu4 dui4"),
    ],
)
def test_readings_of_words(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize("interjection", "嗯呣哼欸嗲诶呃哟嘿呸咦噢哦喔唉哎嗨嘘啧哇呐")
def test_interjections_read(interjection: str) -> None:
    assert read(interjection)


def test_boundaries_of_the_writer() -> None:
    assert [w.text for w in read_words("研究 生活")] == ["研究", "生活"]
    assert [w.text for w in read_words("研 究生活")] == ["研", "究", "生活"]
    assert [w.text for w in read_words("去 南京市长江 玩", joined={"南京市长江"})] == [
        "去",
        "南京市长江",
        "玩",
    ]


def test_letters_are_words() -> None:
    words = read_words("我好don't知道WTO，")
    assert [w.text for w in words] == ["我", "好", "don't", "知道", "WTO", "，"]
    assert [bool(w.readings) for w in words] == [True, True, False, True, False, False]


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
@settings(max_examples=200, deadline=None)
def test_every_character_reads_or_is_named(text: str) -> None:
    try:
        words = read_words(text)
    except UnreadCharacter as error:
        assert len(error.character) == 1
        return
    assert sum(len(w.text) for w in words) == len(text)
    for word in words:
        assert len(word.readings) == len(word.text)
        assert all(isinstance(s, Syllable) for s in word.readings)


def test_a_second_opinion_decides_between_known_readings() -> None:
    def opinion(sentence: str) -> list[str | None]:
        return ["zhang3" if c == "长" else "ba1" if c == "很" else None for c in sentence]

    syllables = [str(s) for w in read_words("很长", polyphones=opinion) for s in w.readings]
    assert syllables == ["hen3", "zhang3"]
