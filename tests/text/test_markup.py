"""Given pronunciations in a text, and SSML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import DiamoeError, EmptyText, MarkupError
from diamoe.text.frontend import Frontend, Policy
from diamoe.text.markup import parse_inline
from diamoe.text.phones import PhoneSeq
from diamoe.text.ssml import MAX_PAUSE, parse_ssml

mandarin = Frontend("putonghua")


def phones(text: str, dialect: str = "putonghua") -> str:
    return str(Frontend(dialect)(text))


@pytest.mark.parametrize(
    ("dialect", "marked", "plain"),
    [
        ("putonghua", "重{chong2}要", "t͡ʂʰ ˈʊᴹᴴ ŋ | j ˈɑᴴᴸ ʊ̯"),
        ("putonghua", "重庆{chong2 qing4}。", "t͡ʂʰ ˈʊᴹᴴ ŋ | t͜ɕʰ ˈiᴴᴸ ŋ | 。"),
        ("putonghua", "[[m ˈaᴴᴴ]]吗？", "m ˈaᴴᴴ | m ˈɑᴴᴴ | ？".replace("ˈɑᴴᴴ", "ɑ")),
        ("chengdu", "行{=hang2}", "h ˈɑᴹᴸ ŋ"),
        ("cantonese", "行{hong4}", "h ˈɔᴹᴸ ŋ"),
        ("putonghua", "Tom{tang1 mu3}来", "tʰ ˈɑᴴᴴ ŋ | m ˈuᴹᴸ | l ˈaᴹᴴ ɪ̯"),
    ],
)
def test_given_pronunciations_are_final(dialect: str, marked: str, plain: str) -> None:
    assert Frontend(dialect)(marked) == PhoneSeq.parse(plain, dialect)


def test_a_given_tone_is_not_changed_by_sandhi_but_counts_for_its_neighbours() -> None:
    assert phones("你{ni3}好") == "n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯"
    assert phones("你好") == "n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯"
    assert phones("不{bu4}要") == "p ˈuᴴᴸ | j ˈɑᴴᴸ ʊ̯"


def test_escapes() -> None:
    (piece,) = parse_inline(r"a\{b\}\[[\\")
    assert piece.text == r"a{b}[[" + "\\" or piece.text.startswith("a{b}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("重庆{chong2", "no partner"),
        ("重庆}", "no partner"),
        ("[[m a", "no partner"),
        ("重庆{}", "nothing inside"),
        ("庆{chong2 qing4}", "2 syllables"),
        ("{chong2}", "right after its characters"),
        ("重 {chong2}", "right after its characters"),
    ],
)
def test_wrong_markup_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(MarkupError, match=message) as caught:
        mandarin(text)
    assert "at character" in str(caught.value)


@pytest.mark.parametrize("text", ["重{xyz9}", "[[k ɮ]]", "[[9]]", "重{hong8}"])
def test_a_wrong_pronunciation_is_a_named_error(text: str) -> None:
    with pytest.raises(DiamoeError):
        mandarin(text)


def test_pauses_and_pace_make_utterances() -> None:
    script = mandarin.script(
        '<speak>我来<break time="300ms"/><prosody rate="slow">你好</prosody>吗？</speak>'
    )
    assert [(u.rate, u.pause) for u in script.utterances] == [(1.0, 0.3), (0.75, 0.0), (1.0, 0.0)]
    assert str(script.utterances[1].phones) == phones("你好")


def test_ssml_reads_what_it_says() -> None:
    def ssml(inside: str, dialect: str = "putonghua") -> str:
        return phones(f"<speak>{inside}</speak>", dialect)

    assert ssml('<phoneme alphabet="pinyin" ph="chong2 qing4">重庆</phoneme>') == phones("重庆")
    assert ssml('<phoneme ph="m ˈaᴴᴴ">妈</phoneme>') == "m ˈaᴴᴴ"
    assert ssml('<sub alias="世界卫生组织">WHO</sub>') == phones("世界卫生组织")
    assert ssml('<say-as interpret-as="digits">110</say-as>') == phones("一一零")
    assert ssml('<say-as interpret-as="telephone">110</say-as>') == phones("幺幺零")
    assert ssml('<say-as interpret-as="ordinal">3</say-as>') == phones("第三")
    assert ssml('<lang xml:lang="yue">唔該</lang>') == phones("唔該", "cantonese")
    assert ssml('<lang xml:lang="zh-CN">你好</lang>', "chengdu") == phones("你好")
    assert ssml("<p><s>你好</s><s>再见</s></p>") == phones("你好。再见。")


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<emphasis>好</emphasis>", "unknown element <emphasis>; allowed: speak"),
        ('<prosody pitch="high">好</prosody>', "no attribute 'pitch'"),
        ('<prosody rate="9">好</prosody>', "rate='9'"),
        ('<break time="5 minutes"/>', "time='5 minutes'"),
        (f'<break time="{MAX_PAUSE + 1:.0f}s"/>', "at most"),
        ("<phoneme>好</phoneme>", "needs 'ph'"),
        ('<phoneme alphabet="sampa" ph="a">好</phoneme>', "alphabet='sampa'"),
        ('<say-as interpret-as="vulgarity">好</say-as>', "interpret-as"),
        ("<sub alias='x'><w>a</w></sub>", "text only"),
        ("<speak>好</speak>", "encloses"),
        ("好", ""),
    ],
)
def test_wrong_ssml_names_line_and_column(inside: str, message: str) -> None:
    source = f"<speak>\n{inside}</speak>" if message else f"<speak>\n{inside}"
    with pytest.raises(MarkupError, match="line 2") as caught:
        mandarin(source)
    assert message in str(caught.value)


def test_no_document_type_and_no_entities() -> None:
    bomb = '<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'
    with pytest.raises(MarkupError, match="document type"):
        parse_ssml(bomb)


@given(st.text(alphabet="<>speak/wpbr time='5s\"好的a{}[]=\\&;!?。", max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_markup_gives_phones_or_a_named_error(text: str) -> None:
    for source in (text, f"<speak>{text}</speak>"):
        try:
            seq = Frontend("putonghua", policy=Policy(skip_unreadable=True))(source)
        except DiamoeError:
            continue
        assert seq.tokens


def test_nothing_but_a_pause_is_empty() -> None:
    with pytest.raises(EmptyText):
        mandarin('<speak><break time="1s"/></speak>')
