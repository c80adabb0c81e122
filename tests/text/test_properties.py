"""What holds for every text of every dialect."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import DiamoeError
from diamoe.evaluation.fuzz import random_text
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend, Policy
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

KNOWN = PhoneVocabulary.default()
SENTENCES = (
    "我们今天去公园散步，好不好？",
    "重庆的银行很多，一个也不少。",
    "他长大了，头发也长了。",
    "你一起去看看吧！",
    "3:30在G102见，票价￥48.50元。",
)


def read(text: str, code: str) -> PhoneSeq | None:
    try:
        return Frontend(code, policy=Policy(skip_unreadable=True))(text)
    except DiamoeError:
        return None


def check(text: str, code: str) -> None:
    seq = read(text, code)
    if seq is not None:
        assert seq.tokens and all(token in KNOWN for token in seq.tokens)
        assert PhoneSeq.parse(str(seq), code) == seq
        assert KNOWN.decode(KNOWN.encode(seq), code) == seq


@pytest.mark.parametrize("code", available_dialects())
@given(text=st.text(max_size=40))
@settings(max_examples=25, deadline=None)
def test_any_text_gives_phones_or_a_named_error(code: str, text: str) -> None:
    check(text, code)


@pytest.mark.parametrize("code", available_dialects())
def test_hostile_texts_give_phones_or_a_named_error(code: str) -> None:
    for seed in range(60):
        check(random_text(random.Random(seed)), code)


@pytest.mark.parametrize("code", available_dialects())
def test_the_order_of_texts_does_not_matter(code: str) -> None:
    forward = [read(text, code) for text in SENTENCES]
    backward = [read(text, code) for text in reversed(SENTENCES)]
    assert forward == backward[::-1]
    assert any(forward)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "a\u0301\u0301" * 50, "9" * 5000, "\u202e好"])
def test_odd_characters(text: str) -> None:
    for code in available_dialects():
        check(text, code)
