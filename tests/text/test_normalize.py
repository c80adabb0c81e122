"""What is written and what is said."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import DiamoeError, EmptyText, UnreadableText
from diamoe.text.normalize import normalize, unreadable
from diamoe.text.phones import PUNCTUATION
from diamoe.text.written.marks import punctuate

FORMS = [
    line.replace("\\r", "\r").replace("\\n", "\n").split("|")
    for line in (Path(__file__).parent / "written_forms.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SAID = re.compile(
    rf"(?:[\u3400-\u9fff〇\U00020000-\U0003ffff{''.join(PUNCTUATION)}]|[A-Za-z]+(?:'[A-Za-z]+)*| )+"
)
SIGNS = "0123456789012345.,:/-+%$¥€~x×÷=<>@#^²½①Ⅻ٣°()（）《“”'·…—*\n ​年月日点个第万元号一abcVGkm"


@pytest.mark.parametrize("dialect,text,said", FORMS, ids=lambda v: str(v))
def test_normalize(dialect: str, text: str, said: str) -> None:
    assert normalize(text, dialect) == said


@pytest.mark.parametrize(
    "text,character,position",
    [
        ("你好ж", "ж", 2),
        ("60%的人ب", "ب", 5),
        ("3:30，2024-05-01，の", "の", 16),
        ("１\u200b２🙂", "🙂", 3),
        ("a\x00", "\x00", 1),
        ("\ud800好", "\ud800", 0),
        ("好\u0301", "\u0301", 1),
        ("々", "々", 0),
        ("\ue000", "\ue000", 0),
    ],
)
def test_unreadable_characters_are_placed(text: str, character: str, position: int) -> None:
    with pytest.raises(UnreadableText) as caught:
        normalize(text, "putonghua")
    assert (caught.value.character, caught.value.position) == (character, position)
    assert caught.value.text == text


def test_a_form_of_a_character_is_placed_where_it_stands() -> None:
    assert unreadable("汉", "３漢", "putonghua").position == 1


@pytest.mark.parametrize("text", ["", " \n\t", "“”", "……！", "​", "()"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(EmptyText):
        normalize(text, "putonghua")


def test_long_numbers_are_read_digit_by_digit() -> None:
    assert normalize("9" * 10_000, "putonghua") == "九" * 10_000


@settings(max_examples=500, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=20),
        st.text(alphabet=SIGNS, max_size=24),
        st.builds(lambda t, n: t * n, st.text(alphabet=SIGNS, max_size=4), st.integers(1, 200)),
    ),
    dialect=st.sampled_from(["putonghua", "cantonese", "hokkien", "shanghai"]),
)
def test_any_text_is_said_or_a_named_error(text: str, dialect: str) -> None:
    try:
        said = normalize(text, dialect)
    except DiamoeError:
        return
    assert SAID.fullmatch(said)
    assert said == said.strip() and "  " not in said
    assert said[0] not in PUNCTUATION
    assert punctuate(said) == said


@given(st.text())
def test_punctuate_leaves_no_other_mark(text: str) -> None:
    said = punctuate(text)
    assert not re.search(r"[,.?!;:()\[\]“”\"]", said)
    assert punctuate(said) == said
