"""Whole sentences through the front door."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import (
    DiamoeError,
    EmptyText,
    NotationError,
    UnknownDialect,
    UnreadableText,
)
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend, Policy
from diamoe.text.phones import PAUSE, PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

CHINESE = ("putonghua", "chengdu", "zhengzhou", "shijiazhuang", "xian", "cantonese")
EUROPEAN = ("english", "german", "dutch", "french")


def romanised(dialect: str, text: str) -> str:
    """The syllables behind a text, punctuation as it stands."""
    words = Frontend(dialect).words(text)
    return " ".join(" ".join(s.romanised for s in w.syllables) or w.text for w in words)


SENTENCES = [
    ("chengdu", "祝福大家前程似锦，顺水顺风。",
     "zu2 fu2 da4 jia1 qian2 cen2 si4 jin3"
     " ， sun4 sui3 sun4 fong1 。"),
    ("chengdu", "我吃饭。", "ngo3 ci2 fan4 。"),
    ("chengdu", "你是哪个？", "ni3 si4 la3 go4 ？"),
    ("chengdu", "北京白菜", "be2 jin1 be2 cai4"),
    ("chengdu", "学校和药", "xuo2 xiao4 ho2 yuo2"),
    ("zhengzhou", "祝你前途大好，成就非凡！",
     "zhu1 ni3 qian2 tu2 da4 hao3"
     " ， cheng3 jiu4 fi1 fan2 ！"),
    ("zhengzhou", "他没有来。", "ta3 mu1 you3 lai2 。"),
    ("zhengzhou", "学生上街", "xuo2 seng0 shang4 jiai1"),
    ("zhengzhou", "你的书", "ni3 lei0 shu1"),
    ("zhengzhou", "一个", "yi3 ge4"),
    ("shijiazhuang", "好的开始，等于成功的一半儿。",
     "hao3 de0 kai1 shi3"
     " ， deng3 yu2 cheng3 gong1 de0 yi3 banr4 。"),
    ("shijiazhuang", "不去", "bu3 qi4"),
    ("shijiazhuang", "今天", "jin3 tian1"),
    ("shijiazhuang", "我爱你", "we3 ngai4 ni3"),
    ("shijiazhuang", "没有", "mue1 you3"),
    ("xian", "祝愿大家前程似锦，梦想成真。",
     "zhu1 yuan4 da4 jia1 qian2 cheng2 si4 jin3"
     " ， meng4 xiang3 cheng2 zhen1 。"),
    ("xian", "我说你是谁", "nge3 she1 ni3 si4 sei2"),
    ("xian", "学习", "xuo2 xi2"),
    ("xian", "今天", "jin2 tian1"),
    ("xian", "白色", "bei2 sei1"),
    ("cantonese", "我系钟意广州嘅春天。", "ngo5 hai6 zung1 ji3 gwong2 zau1 ge3 ceon1 tin1 。"),
    ("cantonese", "我係鍾意廣州嘅春天。", "ngo5 hai6 zung1 ji3 gwong2 zau1 ge3 ceon1 tin1 。"),
    ("cantonese", "佢食咗饭。", "keoi5 sik6 zo2 faan6 。"),
    ("cantonese", "几只猫放松咗。", "gei2 zek3 maau1 fong3 sung1 zo2 。"),
    ("cantonese", "茶几，干部，松树。", "caa4 gei1 ， gon3 bou6 ， cung4 syu6 。"),
    ("cantonese", "唔该！", "m4 goi1 ！"),
    ("cantonese", "早晨，你好吗？", "zou2 san4 ， nei5 hou2 maa1 ？"),
    ("putonghua", "一个人，一起，第一", "yi2 ge4 ren2 ， yi4 qi3 ， di4 yi1"),
    ("putonghua", "不是不好", "bu2 shi4 bu4 hao3"),
    ("putonghua", "你好吗？", "ni2 hao3 ma0 ？"),
    ("putonghua", "女儿在这儿玩儿", "nv3 er2 zai4 zher4 wanr2"),
    ("putonghua", "漢語很難學", "han4 yu2 hen3 nan2 xue2"),
    ("putonghua", "GDP增长60%", "ji4 di4 pi4 zeng1 zhang3 bai3 fen1 zhi1 liu4 shi2"),
]  # fmt: skip


@pytest.mark.parametrize("dialect,text,expected", SENTENCES)
def test_sentences(dialect: str, text: str, expected: str) -> None:
    assert romanised(dialect, text) == expected


@pytest.mark.parametrize("dialect,text", [(d, t) for d, t, _ in SENTENCES])
def test_phones_are_known_and_print_round_trips(dialect: str, text: str) -> None:
    seq = Frontend(dialect)(text)
    ids = PhoneVocabulary.default().encode(seq)
    assert PhoneVocabulary.default().decode(ids, dialect) == seq
    assert PhoneSeq.parse(str(seq), dialect) == seq
    assert PAUSE not in seq.tokens


@pytest.mark.parametrize(
    "dialect,text,expected",
    [
        ("putonghua", "zuo4 de", "t͜s w ˈoᴴᴸ | t ə"),
        ("putonghua", "ma0 ， ma5", "m ɑ | ， | m ɑ"),
        ("chengdu", "fong1 ngo3", "f ˈʊᴴᴴ ŋ | ŋ ˈoᴴᴸ"),
        ("cantonese", "zyu6 sik1", "t͜s ˈyᴸᴸ | s ˈɪ̆ᴴ k"),
    ],
)
def test_romanised(dialect: str, text: str, expected: str) -> None:
    assert Frontend(dialect).romanised(text) == PhoneSeq.parse(expected, dialect)


@pytest.mark.parametrize(
    "dialect,text", [("putonghua", "qzx4"), ("cantonese", "zuo3"), ("xian", "ma9")]
)
def test_wrong_romanisation_is_named(dialect: str, text: str) -> None:
    with pytest.raises(NotationError, match=text):
        Frontend(dialect).romanised(text)


@pytest.mark.parametrize("dialect", available_dialects())
@pytest.mark.parametrize("text", ["", "  ", "，。！", "“……”"])
def test_empty(dialect: str, text: str) -> None:
    with pytest.raises(EmptyText):
        Frontend(dialect)(text)


@pytest.mark.parametrize("dialect", available_dialects())
def test_emoji_is_left_out_and_listed_or_an_error(dialect: str) -> None:
    text = ("OK " if dialect in EUROPEAN else "你好") + "😀"
    script = Frontend(dialect).script(text)
    assert [(s.character, s.position, s.name) for s in script.skipped] == [
        ("😀", text.index("😀"), "grinning face")
    ]
    with pytest.raises(UnreadableText) as caught:
        Frontend(dialect, policy=Policy(skip_emoji=False))(text)
    assert caught.value.character == "😀"
    assert caught.value.position == text.index("😀")


def test_unreadable_characters_are_an_error_or_left_out_and_listed() -> None:
    text = "你好жщ，再见🙂。"
    with pytest.raises(UnreadableText) as caught:
        Frontend("putonghua")(text)
    assert (caught.value.character, caught.value.position) == ("ж", 2)
    script = Frontend("putonghua", policy=Policy(skip_unreadable=True)).script(text)
    assert [(s.character, s.position) for s in script.skipped] == [("ж", 2), ("щ", 3), ("🙂", 7)]
    assert script.utterances[0].phones == Frontend("putonghua")("你好，再见。")


def test_english_words_inside_chinese_are_read_as_english() -> None:
    assert "| p ˈa ɪ̯ | θ ə n |" in str(Frontend("putonghua")("60%的人用Python写"))


def test_unknown_dialect_lists_the_known() -> None:
    with pytest.raises(UnknownDialect, match="putonghua"):
        Frontend("klingon")


@settings(max_examples=60, deadline=None)
@given(
    dialect=st.sampled_from(available_dialects()),
    text=st.one_of(
        st.text(max_size=12),
        st.text(alphabet="我你的一不了儿女长行123.:%A v，。!?“”￥-", max_size=16),
    ),
)
def test_any_text_gives_phones_or_a_named_error(dialect: str, text: str) -> None:
    try:
        seq = Frontend(dialect)(text)
    except DiamoeError:
        return
    PhoneVocabulary.default().encode(seq)
    assert PhoneSeq.parse(str(seq), dialect) == seq


def test_import_is_light() -> None:
    code = (
        "import sys; from diamoe.text.frontend import Frontend; Frontend('chengdu')('你好');"
        "assert not {'torch', 'hydra', 'phonemizer'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("code", ["putonghua", "xian", "english"])
def test_written_cantonese_is_never_read_as_mandarin(code: str) -> None:
    with pytest.raises(UnreadableText, match="written Cantonese") as error:
        Frontend(code)("我睇佢哋")
    assert (error.value.character, error.value.position) == ("佢", 2)
