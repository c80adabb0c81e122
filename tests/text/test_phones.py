"""The notation and the vocabulary: round trips, strictness, normal form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diamoe.errors import BundleError, NotationError, UnknownPhone
from diamoe.text.phones import PhoneSeq, make_token, parse_phone
from diamoe.text.vocabulary import PhoneVocabulary

VOCABULARY = PhoneVocabulary.default()
sequences = st.lists(st.sampled_from(VOCABULARY.tokens), max_size=30).map(
    lambda tokens: PhoneSeq(tuple(tokens), "putonghua")
)


@given(sequences)
def test_parse_is_the_inverse_of_print(seq):
    assert PhoneSeq.parse(str(seq), "putonghua") == seq


@given(sequences)
def test_decode_is_the_inverse_of_encode(seq):
    assert VOCABULARY.decode(VOCABULARY.encode(seq), "putonghua") == seq


def test_tokens_come_apart_and_together():
    for token in VOCABULARY.tokens:
        phone = parse_phone(token)
        assert make_token(phone.segment, phone.stress, phone.tone, phone.short) == token
        assert unicodedata.is_normalized("NFD", token)


def test_composed_characters_are_taken_apart():
    composed = unicodedata.normalize("NFC", "ˈɐ̆ᴴ ă")
    assert PhoneSeq.parse(composed, "cantonese").tokens == PhoneSeq.parse("ˈɐ̆ᴴ ă", "x").tokens


def test_spaces_are_free_around_boundaries():
    assert PhoneSeq.parse("m ˈaᴴᴴ|m a，", "x") == PhoneSeq.parse("m ˈaᴴᴴ | m a ， ", "x")


def test_an_unknown_phone_is_named_with_its_place():
    with pytest.raises(UnknownPhone, match=r"'qqq'.*token 2"):
        VOCABULARY.encode(PhoneSeq(("m", "qqq"), "putonghua"))


@pytest.mark.parametrize("token", ["", "ˈ", "ᴴᴹ", "ˈaᴴxᴹ", "a b"])
def test_a_token_must_be_a_token(token):
    with pytest.raises(NotationError):
        parse_phone(token)


def test_tokens_are_distinct_and_factors_cover_them():
    assert len(set(VOCABULARY.tokens)) == len(VOCABULARY)
    segments, prosodies = VOCABULARY.factors()
    assert len(segments) == len(prosodies) == len(VOCABULARY)
    assert len(set(zip(segments, prosodies, strict=True))) == len(VOCABULARY)


def test_vocabulary_files(tmp_path):
    file = tmp_path / "vocabulary.json"
    VOCABULARY.save(file)
    assert PhoneVocabulary.load(file) == VOCABULARY
    file.write_text("{}")
    with pytest.raises(BundleError, match="list of phone tokens"):
        PhoneVocabulary.load(file)
