"""Shanghainese: syllables, readings, prosodic words, tone patterns, dictionaries."""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diamoe.errors import DialectFileError, DiamoeError, NotationError, UnreadableText
from diamoe.text.backends.registry import load_backend
from diamoe.text.backends.wu import WuBackend, load_wu
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.lexicon import NO_LEXICON
from diamoe.text.phones import PhoneSeq
from diamoe.text.shanghai.phrasing import prosodic_words
from diamoe.text.shanghai.sandhi import spread
from diamoe.text.shanghai.syllable import CLEAR, FINALS, MUDDY, WuSyllable, parse_wu
from diamoe.text.shanghai.tables import parse_table
from diamoe.text.user_lexicon import load_lexicon
from diamoe.text.vocabulary import PhoneVocabulary

# Everyday sentences of ours: prosodic words in citation tones.
READ = {
    "阿拉今朝去白相。": "aq4-laq5 cin1-tsau1 chi2 baq5-shian2 。",
    "侬好，我是上海人。": "non3-hau2 ， ngu3 zy3 zaon3-he2-gnin3 。",
    "伊拉侪勿晓得。": "yi3-laq5 ze3 veq5-shiau2-teq4 。",
    "搿只小囡蛮好看个。": "geq5-tsaq4 shiau2-nhoe1 mhe1 hau2-khoe2-geq5 。",
    "阿里搭有得卖？": "a1-li3-taq4 yeu3-teq4-ma3 ？",
    "昨日夜里落雨了。": "zoq5-gniq5 ya3-li3 loq5-yu3-leq5 。",
    "侬饭吃过了𠲎？": "non3 ve3 chiq4-ku2-leq5-vaq5 ？",
    "物事老贵个。": "meq5-zy3 lau3-kue2-geq5 。",
    "我們不知道。": "ngu3-men3 peq4-tsy1-dau3 。",
}
COUNTED = {
    "三个人": "se1-geq5 gnin3",
    "两只": "lian3-tsaq4",
    "第二": "di3-gni3",
    "二十三块": "gni3-se1-khue2",
    "三百五十六": "se1-paq4 ng3-zeq5-loq5",
    "二百": "lian3-paq4",
}


@pytest.fixture(scope="module")
def wu() -> WuBackend:
    backend = load_backend("shanghai")
    assert isinstance(backend, WuBackend)
    return backend


def citation(backend: WuBackend, text: str) -> str:
    return " ".join(
        "-".join(r.romanised for r in d.readings) or d.text for d in backend.read(text, NO_LEXICON)
    )


@pytest.mark.parametrize("text,expected", [*READ.items(), *COUNTED.items()])
def test_reading(wu: WuBackend, text: str, expected: str) -> None:
    assert citation(wu, text) == expected


def every_syllable() -> list[WuSyllable]:
    found = []
    for initial in ("", *CLEAR, *MUDDY):
        for final in FINALS:
            palatal = final[0] == "i" and initial in ("ts", "tsh", "s", "z", "dz", "n", "nh")
            syllabic = final in ("m", "n", "ng") and initial not in ("", "gh")
            if not (palatal or syllabic or (initial, final) == ("", "y")):
                found.append(WuSyllable(initial, final))
    return found


def test_spelling_round_trip() -> None:
    for syllable in every_syllable():
        for tone in (None, 0, 3, 11):
            if tone == 3 and (syllable.checked or not syllable.muddy):
                continue
            toned = replace(syllable, tone=tone)
            assert parse_wu(str(toned)) == toned, str(toned)


def test_every_syllable_is_in_the_vocabulary(wu: WuBackend) -> None:
    vocabulary = PhoneVocabulary.default()
    tones = [0, *(t.number for t in wu.dialect.tones)]
    for syllable in every_syllable():
        for tone in tones:
            for phone in wu.sounds.phones(replace(syllable, tone=tone)):
                assert phone in vocabulary, (str(syllable), phone)
                assert phone == unicodedata.normalize("NFD", phone)


@pytest.mark.parametrize("text", ["bla1", "tsaoq9", "he4", "hoq1", "3", "zaon", "", "海"])
def test_no_syllable_is_named(text: str) -> None:
    frontend = Frontend("shanghai")
    if text == "zaon":  # a muddy onset leaves one tone only
        assert frontend.romanised(text) == frontend.romanised("zaon3")
        return
    with pytest.raises(DiamoeError):
        frontend.romanised(text)


def test_a_clear_syllable_needs_its_tone() -> None:
    with pytest.raises(NotationError, match="tone number"):
        Frontend("shanghai").romanised("he")


def test_romanised_is_what_readings_say(wu: WuBackend) -> None:
    for text in READ:
        said = [r.romanised for d in wu.read(text, NO_LEXICON) for r in d.readings]
        back = [r.romanised for d in wu.romanised(" ".join(said)) for r in d.readings]
        assert back == said


@pytest.mark.parametrize(
    "word,spoken",
    [
        ("cin1 tsau1", "cin11 tsau0"),
        ("shiau2 noe1", "shiau14 nhoe11"),
        ("zaon3 he2 gnin3", "zaon15 he11 gnin0"),
        ("koq4 ka1", "koq13 ka11"),
        ("paq4 loq5 ku2", "paq13 loq18 ku0"),
        ("meq5 zy3", "meq12 zy3"),
        ("veq5 hau2 i2", "veq12 hau15 i3"),
        ("loq5 zeq5 loq5 ku2", "loq12 zeq12 loq12 ku3"),
        ("lau3 sy0", "lau3 sy0"),
        ("khoe14 khoe2", "khoe2 khoe0"),
    ],
)
def test_tone_patterns(word: str, spoken: str) -> None:
    assert " ".join(map(str, spread(tuple(parse_wu(s) for s in word.split())))) == spoken


def test_verbs_said_twice_and_negations() -> None:
    def said(text: str, **how: bool) -> str:
        return " ".join(map(str, spread(tuple(parse_wu(s) for s in text.split()), **how)))

    assert said("khoe2 khoe2", holds=True) == "khoe2 khoe0"
    assert said("thin1 thin1", holds=True) == "thin11 thin0"
    assert said("veq5 shiau2 teq4", negated=True) == "veq12 shiau11 teq0"


def test_prosodic_words_keep_every_character() -> None:
    words = "搿 个 小囡 勿 要 吃 两 碗 饭 了".split()
    joined = prosodic_words(words)
    assert "".join(joined) == "".join(words)
    assert joined == ["搿个", "小囡", "勿要", "吃", "两碗", "饭了"]


def test_sandhi_keeps_segments(wu: WuBackend) -> None:
    for text in READ:
        drafts = wu.read(text, NO_LEXICON)
        for draft, word in zip(drafts, wu.spoken(drafts, NO_LEXICON), strict=True):
            for reading, syllable in zip(draft.readings, word.syllables, strict=True):
                before, after = parse_wu(reading.romanised), parse_wu(syllable.romanised)
                assert replace(before, tone=0) == replace(after, tone=0)


def test_sources_and_sandhi_are_named(wu: WuBackend) -> None:
    (word,) = wu.spoken(wu.read("天气", NO_LEXICON), NO_LEXICON)
    assert all(s.source.startswith("by rule: Mandarin") for s in word.syllables)
    assert [s.sandhi for s in word.syllables] == ["52→55", "34→toneless"]


def test_unreadable_character_is_named() -> None:
    with pytest.raises(UnreadableText) as caught:
        Frontend("shanghai")("上海の人")
    assert caught.value.position == 2


def test_dictionary_in_rime_form(tmp_path: Path) -> None:
    path = tmp_path / "mine.dict.yaml"
    path.write_text(
        "---\nname: mine\nversion: '1'\n...\n\n"
        "海\the\n山\tse\n弄堂\tlon daon\n红\taon\n拿\tnhe1\n青蛙\ttshin1 o1\n坏\tqq\n",
        encoding="utf-8",
    )
    imported = load_lexicon(path, "shanghai")
    assert [f.where for f in imported.faults] == ["mine.dict.yaml:12"]
    backend = load_backend("shanghai")

    def read(text: str) -> list[str]:
        return [r.romanised for d in backend.read(text, imported.lexicon) for r in d.readings]

    assert read("海山") == ["he2", "se1"]  # the Mandarin tone decides between 1 and 2
    assert read("弄堂红") == ["lon3", "daon3", "aon2"]
    assert read("拿青蛙") == ["nhe1", "chin1", "o1"]


@pytest.mark.parametrize(
    "rules,key",
    [
        ({"finals": {"a": {"aa": "xx"}}}, "finals"),
        ({"characters": {"xxx1": "山"}}, "characters.xxx1"),
        ({"readings": {"上海": "zaon3"}}, "readings.上海"),
        ({"sandhi": []}, "sandhi"),
        ({"segments": {"finale": {}}}, "finale"),
    ],
)
def test_wrong_dialect_file_names_the_key(rules: dict, key: str) -> None:
    dialect = load_dialect("shanghai")
    with pytest.raises(DialectFileError) as caught:
        load_wu(replace(dialect, rules={**dialect.rules, **rules}))
    assert key in str(caught.value)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="阿拉侬勿晓得三十二个𠲎上海人看快点辣海㑚的了一 ，。iOK5", max_size=14))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        seq = Frontend("shanghai")(text)
    except DiamoeError:
        return
    PhoneVocabulary.default().encode(seq)
    assert PhoneSeq.parse(str(seq), "shanghai") == seq


def rows(path: Path) -> list[tuple]:
    openpyxl = pytest.importorskip("openpyxl")
    return list(
        openpyxl.load_workbook(path, read_only=True)
        .worksheets[0]
        .iter_rows(values_only=True, min_row=2)
    )


@pytest.mark.shared
def test_table_spelling_has_the_tables_phones(shared: Path, wu: WuBackend) -> None:
    right = wrong = left_out = 0
    for code, _, initial, final in rows(
        shared / "reference/diamoe_frontend/shanghai/syllable.xlsx"
    ):
        if not code or not code.endswith("10"):
            continue
        try:
            name = parse_table(code)
        except NotationError:
            left_out += 1
            continue
        want = tuple(unicodedata.normalize("NFD", f"{initial},{final}").split(","))
        agree = wu.sounds.phones(parse_wu(name)) == want
        right, wrong = right + agree, wrong + (not agree)
    assert right > 650
    assert wrong <= 1  # the table lacks a breathy mark once


@pytest.mark.shared
def test_characters_of_one_reading(shared: Path, wu: WuBackend) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for character, _, code, *_ in rows(shared / "reference/diamoe_frontend/shanghai/hanzi.xlsx"):
        if character and code:
            found[character].add(code)
    count: Counter[str] = Counter()
    for character, codes in found.items():
        try:
            want = parse_wu(parse_table(min(codes)))
            got = wu.read(character, NO_LEXICON)[0].readings[0]
        except DiamoeError:
            continue
        if len(codes) > 1:
            continue
        ours = parse_wu(got.romanised)
        count["all"] += 1
        count["segments"] += _segments(wu, ours) == _segments(wu, want)
        count["tones"] += ours.tone == want.tone
    assert count["all"] > 2700
    assert count["segments"] / count["all"] > 0.965
    assert count["tones"] / count["all"] > 0.97


def _segments(wu: WuBackend, syllable: WuSyllable) -> tuple[str, ...]:
    return wu.sounds.phones(replace(syllable, tone=0))


@pytest.mark.shared
def test_spoken_prompt(shared: Path) -> None:
    path = shared / "data/dialect_prompts/shanghai_female_prompt.txt"
    _, text, phones = path.read_text("utf-8").strip().split("\t")
    want = [" ".join(p.token for p in s) for s in PhoneSeq.parse(phones, "shanghai").syllables()]
    got = Frontend("shanghai")(re.sub(r"\|", "", text))
    said = [" ".join(p.token for p in s) for s in got.syllables()]
    assert len(said) == len(want)
    assert sum(a == b for a, b in zip(said, want, strict=True)) / len(want) > 0.9


@pytest.mark.shared
def test_tables_import_and_win(shared: Path) -> None:
    imported = load_lexicon(shared / "reference/diamoe_frontend/shanghai", "shanghai")
    assert not imported.faults
    frontend = Frontend("shanghai", imported.lexicon)
    (word,) = frontend.words("拨")
    assert word.syllables[0].source.startswith("hanzi.xlsx")
    assert [s.romanised for w in frontend.words("看看") for s in w.syllables] == ["khoe2", "khoe0"]


def test_a_word_that_joined_the_one_before_is_no_mark() -> None:
    assert all(word.syllables for word in Frontend("shanghai").words("⅖⅒"))
