import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import DiamoeError, NotationError, UnreadableText
from diamoe.text.backends.hokkien import HokkienBackend
from diamoe.text.backends.registry import load_backend
from diamoe.text.frontend import Frontend
from diamoe.text.hokkien.groups import read_tone_groups
from diamoe.text.hokkien.tailo import CLOSED, INITIALS, OPEN, TONES, Tailo, parse_tailo
from diamoe.text.lexicon import Entry, Lexicon
from diamoe.text.vocabulary import PhoneVocabulary

# Everyday sentences of ours: what is said, tones after sandhi.
SPOKEN = {
    "我欲去台北。": "gua1 beh2 khi2 tai7-pak4 。",
    "阮兜佇台南。": "guan1-tau1 ti3 tai7-lam5 。",
    "我的冊佇桌仔頂。": "gua1 e7 tsheh4 ti3 toh1-a2 ting2 。",
    "伊毋知影你欲來。": "i7 m3-tsai7-iann1 li1 beh2 lai5 。",
    "今仔日天氣真好。": "kin7-a1-jit8 thinn7-khi3 tsin7 ho2 。",
    "這個囡仔真古錐。": "tsit8-e7 gin1-a2 tsin7 koo1-tsui1 。",
    "你食飽未？": "li1 tsiah3-pa2 bue0 ？",
    "我愛你啊！": "gua1 ai2 li2 ah0 ！",
    "阿母的衫真媠。": "a7-bu2 e7 sann1 tsin7 sui2 。",
    "逐家攏是朋友。": "tak3-ke1 long1 si3 ping7-iu2 。",
    "三隻狗": "sann7 tsiah2 kau2",
    "我啉一杯茶。": "gua1 lim7 tsit3 pue7 te5 。",
    "先生教學生讀冊。": "sian7-sinn1 ka2 hak3-sing1 thak3-tsheh4 。",
    "紅紅紅": "ang9 ang7 ang5",
    "Guá beh khì Tâi-pak.": "gua1 beh2 khi2 tai7-pak4 。",
    "góa beh kap伊去chhit-thô": "gua1 beh2 kap8 i7 khi2 tshit8-tho5",
    "lí tsia̍h-pá--buē?": "li1 tsiah3-pa2-bue0 ？",
}
# Mandarin, as Taiwanese says it.
MANDARIN = {
    "我們今天沒有時間。": "guan1 kin7-a1-jit8 bo7 si7-kan1 。",
    "我们今天没有时间。": "guan1 kin7-a1-jit8 bo7 si7-kan1 。",
    "他很喜歡吃水果。": "i7 tsin7 kah2-i2 tsiah3 kue1-tsi2 。",
    "我不知道這是什麼。": "gua1 m3-tsai7-iann1 tse1 si3 siann1-mih4 。",
    "他在家看書": "i7 ti3 tshu3 khuann2 tsheh4",
    "我不去": "gua1 m3 khi3",
    "那個孩子真漂亮": "hit8-e7 gin1-a2 tsin7 sui2",
}
COUNTED = {
    "一个": "tsit8-e5", "二十二": "ji7 tsap8 ji7", "兩百": "nng7 pah4",
    "120箍": "tsit8 pah4 ji7 tsap8 khoo1",
    "第一": "te7 it4", "九": "kau2", "2024年": "ji7 khong3 ji7 su3 ni5",
    "60%": "pah4 hun1 tsi1 lak8 tsap8",
    "一定": "it4 ting7",
}  # fmt: skip


@pytest.fixture(scope="module")
def hokkien() -> Frontend:
    return Frontend("hokkien")


@pytest.fixture(scope="module")
def backend() -> HokkienBackend:
    backend = load_backend("hokkien")
    assert isinstance(backend, HokkienBackend)
    return backend


def said(frontend: Frontend, text: str) -> list[str]:
    words = frontend.words(text)
    return [s.romanised for w in words for s in w.syllables] or []


def flat(expected: str) -> list[str]:
    return [s for s in expected.replace("-", " ").split() if s[-1].isdigit()]


@pytest.mark.parametrize("text", [*SPOKEN, *MANDARIN])
def test_everyday_sentences(hokkien: Frontend, text: str) -> None:
    assert said(hokkien, text) == flat({**SPOKEN, **MANDARIN}[text])


@pytest.mark.parametrize("text", COUNTED)
def test_numbers(backend: HokkienBackend, text: str) -> None:
    drafts = backend.read(text, Lexicon())
    assert [r.romanised for d in drafts for r in d.readings] == flat(COUNTED[text])


def test_phones(hokkien: Frontend) -> None:
    assert str(hokkien("我的物件媠。")) == (
        "ᵑɡ ʊ̯ ˈaᴴᴴ | ∅ ˈeᴹᴹ | m ˜ ˈɪᴹᴸ ∅ | k ˜ ɪ̯ ˈaᴹᴹ | s ʊ̯ ˈɪᴴᴹ | 。"
    )


def test_every_sound_is_in_the_vocabulary(backend: HokkienBackend) -> None:
    vocabulary = PhoneVocabulary.default()
    for syllable in all_syllables():
        for phone in backend.phones(syllable):
            assert phone in vocabulary, (syllable, phone)


def all_syllables() -> list[Tailo]:
    found = set()
    for initial in INITIALS:
        for rhyme in (*OPEN, *CLOSED):
            for ending in ("", "nn", "h", "nnh"):
                for tone in TONES:
                    try:
                        found.add(parse_tailo(f"{initial}{rhyme}{ending}{tone}"))
                    except NotationError:
                        continue
    return sorted(found, key=str)


def test_printed_syllables_read_back() -> None:
    syllables = all_syllables()
    assert len(syllables) > 5000
    for syllable in syllables:
        assert parse_tailo(str(syllable)) == syllable


def test_poj_and_tailo_agree() -> None:
    pairs = {"chhiáⁿ": "tshiánn", "oân": "uân", "eng": "ing", "pe̍k": "pi̍k", "bô͘": "bôo"}
    for poj, tailo in pairs.items():
        assert parse_tailo(poj) == parse_tailo(tailo)


def test_both_scripts_are_read_alike(hokkien: Frontend) -> None:
    assert hokkien("这个囝仔") == hokkien("這個囝仔")


def test_north_and_south_differ_in_tone_five(backend: HokkienBackend) -> None:
    sandhi = {**backend.dialect.rules["sandhi"], "accent": "north"}
    north = replace(backend.dialect, rules={**backend.dialect.rules, "sandhi": sandhi})
    groups = read_tone_groups(north)
    assert groups.changes["5"] == 3 and backend.groups.changes["5"] == 7


def test_the_writer_ends_groups(hokkien: Frontend) -> None:
    assert said(hokkien, "來替逐家") == ["lai7", "the2", "tak3", "ke1"]
    assert said(hokkien, "來#替#逐家") == ["lai5", "the3", "tak3", "ke1"]


def test_spaces_bound_words(hokkien: Frontend) -> None:
    assert [w.text for w in hokkien.words("台灣 大學")] == ["台灣", "大學"]


def test_user_words_win(backend: HokkienBackend) -> None:
    lexicon = Lexicon.of([Entry("時間", ("si5", "king1"), where="mine.tsv:1")])
    words = backend.spoken(backend.read("無時間", lexicon), lexicon)
    assert [s.romanised for s in words[-1].syllables] == ["si7", "king1"]
    assert words[-1].syllables[0].source == "mine.tsv:1"


def test_given_syllables_keep_their_tones(hokkien: Frontend) -> None:
    assert said(hokkien, "我欲去{khi3}台北") == ["gua1", "beh2", "khi3", "tai7", "pak4"]


def test_neutral_syllables_have_no_tone(hokkien: Frontend) -> None:
    assert str(hokkien("轉去")).endswith("kʰ ɪ")


def test_mandarin_words_are_explained(backend: HokkienBackend) -> None:
    draft = backend.read("我們", Lexicon())[0]
    assert draft.text == "我們" and draft.readings[0].characters == "阮"
    assert draft.readings[0].source == "Mandarin 我們 → 阮; taibun"


def test_characters_of_the_dialect(hokkien: Frontend) -> None:
    assert said(hokkien, "汝") == ["li2"]
    assert said(hokkien, "蜀") == ["tsit8"]
    assert said(hokkien, "逐家") == ["tak3", "ke1"]


def test_unread_words_are_all_named(backend: HokkienBackend) -> None:
    with pytest.raises(UnreadableText, match="嘅.*no Taiwanese reading.*佢") as error:
        backend.read("我嘅書，佢攞", Lexicon())
    assert error.value.position == 1


def test_sandhi_never_changes_segments(hokkien: Frontend, backend: HokkienBackend) -> None:
    for text in (*SPOKEN, *MANDARIN):
        citation = [r.romanised for d in backend.read(text, Lexicon()) for r in d.readings]
        assert [s.rstrip("0123456789") for s in citation] == [
            s.rstrip("0123456789") for s in said(hokkien, text)
        ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gives_phones_or_a_named_error(text: str) -> None:
    try:
        seq = Frontend("hokkien")(text)
    except DiamoeError:
        return
    PhoneVocabulary.default().encode(seq)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="我欲去的一二三百無不在這個12.:%#- aeghioknstpáâàā̍ⁿ͘，。？！", max_size=25))
def test_any_mixture_gives_phones_or_a_named_error(text: str) -> None:
    try:
        seq = Frontend("hokkien")(text)
    except DiamoeError:
        return
    PhoneVocabulary.default().encode(seq)


def table(shared: Path, name: str) -> list[tuple]:
    openpyxl = pytest.importorskip("openpyxl")
    path = shared / "reference/diamoe_frontend/gaoxiong" / name
    return list(
        openpyxl.load_workbook(path, read_only=True)
        .worksheets[0]
        .iter_rows(min_row=2, values_only=True)
    )


@pytest.mark.shared
def test_the_linguists_syllables(shared: Path, backend: HokkienBackend) -> None:
    """All rows but those in -p -t -k of tone 4, where the table writes the tone of an open one."""
    marks = dict(table(shared, "tone.xlsx"))
    wrong, short = [], 0
    for _, _, initial, final, shell, tone in table(shared, "syllable.xlsx"):
        tokens = []
        for part in f"{initial},{final}".split(","):
            match = re.fullmatch("(.*?)([⁰¹²³⁴⁵̲]*)", part)
            assert match is not None
            tokens.append(
                unicodedata.normalize("NFD", match[1] + (marks[match[2]] if match[2] else ""))
            )
        if tone == "4" and shell[-1] in "ptk" and "⁵⁵" in final:
            tokens = [t.replace("ᴴᴴ", "ᴹ") for t in tokens]
            short += 1
        try:
            got = backend.phones(parse_tailo(shell + tone))
        except NotationError:
            got = ()
        if got != tuple(tokens):
            wrong.append((shell, tone, got, tokens))
    assert short == 240 and not wrong


@pytest.mark.shared
def test_the_spoken_prompt(shared: Path, hokkien: Frontend) -> None:
    """The prompt changes tones within its `|` words only; so does the text with a group's end
    at each."""
    path = shared / "data/dialect_prompts/hokkien_female_prompt.txt"
    _, text, phones = path.read_text("utf-8").strip().split("\t")
    got = hokkien(text.replace("|", "#")).tokens
    want = unicodedata.normalize("NFD", phones).split()
    differ = [(a, b) for a, b in zip(got, want, strict=True) if a != b]
    assert differ == [("ˈɔᴹ", "ˈɔᴴᴴ")]  # 福, a checked syllable of tone 4


def test_a_verb_with_its_object_ends_a_tone_group() -> None:
    words = Frontend("hokkien").words("阿母煮飯予我食")
    assert [s.romanised for s in words[1].syllables] == ["tsu1", "png7"]
