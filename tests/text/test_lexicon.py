"""The user's own words: from files of several kinds, bad rows named, good rows final."""

import unicodedata
from pathlib import Path

import pytest

from diamoe.errors import ConfigError, LexiconError
from diamoe.text.frontend import Frontend
from diamoe.text.lexicon import Entry, Lexicon
from diamoe.text.user_lexicon import load_lexicon

REFERENCE = "reference/diamoe_frontend"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_tsv_wins_over_the_rules_and_names_bad_rows(tmp_path: Path) -> None:
    rows = (
        "# my words\n重庆\tchong2 qing1\n火锅\thuo1\n行 hang2\n去\txyz4\n一个\tyo2 -\n"
        "妈\t[m ˈaᴴᴴ]\n了\tliao3\tliao3\n重庆\tzhong4 qing4\n"
    )
    imported = load_lexicon(write(tmp_path / "mine.tsv", rows), "putonghua")
    assert [fault.where for fault in imported.faults] == [
        "mine.tsv:3", "mine.tsv:4", "mine.tsv:5", "mine.tsv:9",
    ]  # fmt: skip
    reasons = " ".join(fault.reason for fault in imported.faults)
    for expected in ("2 characters", "spaces", "xyz4", "mine.tsv:2"):
        assert expected in reasons
    frontend = Frontend("putonghua", imported.lexicon)
    assert str(frontend("重庆")) == "t͡ʂʰ ˈʊᴹᴴ ŋ | t͜ɕʰ ˈiᴴᴴ ŋ"
    assert str(frontend("妈")) == "m ˈaᴴᴴ"
    syllables = [s for word in frontend.words("一个人") for s in word.syllables]
    assert [(s.characters, s.romanised) for s in syllables] == [("一个", "yo2"), ("人", "ren2")]
    assert syllables[0].source == "mine.tsv:6"


def test_sandhi_applies_to_a_lexicon(tmp_path: Path) -> None:
    imported = load_lexicon(write(tmp_path / "mine.tsv", "宇宙\tyu3 zhou3\n"), "putonghua")
    (word,) = Frontend("putonghua", imported.lexicon).words("宇宙")
    assert [s.romanised for s in word.syllables] == ["yu2", "zhou3"]
    assert word.syllables[0].sandhi


def test_rime_dictionary(tmp_path: Path) -> None:
    text = (
        "# Rime dictionary\n---\nname: mine\nversion: '1'\nsort: by_weight\n...\n"
        "我\tngo5\t90%\n我\to5\t10%\n行\thong4\n坏\tzzz\n無\n"
    )
    imported = load_lexicon(write(tmp_path / "mine.dict.yaml", text), "cantonese")
    assert {w: e[0].syllables for w, e in imported.lexicon.entries.items()} == {
        "我": ("ngo5",), "行": ("hong4",),
    }  # fmt: skip
    assert [fault.where for fault in imported.faults] == ["mine.dict.yaml:11", "mine.dict.yaml:10"]
    assert str(Frontend("cantonese", imported.lexicon)("行")) == "h ˈɔᴹᴸ ŋ"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.tsv", b"\xff\xfe", "not UTF-8"),
        ("a.dict.yaml", "我\tngo5\n".encode(), "no RIME dictionary"),
        ("a.xlsx", b"not a spreadsheet", "not a readable spreadsheet"),
        ("a.doc", b"", "unknown kind"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LexiconError, match=message) as caught:
        load_lexicon(tmp_path / name, "cantonese")
    assert name in str(caught.value)


def test_missing_files_and_empty_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(LexiconError):
            load_lexicon(path, "putonghua")


def test_the_longest_entry_wins_and_the_later_of_two() -> None:
    lexicon = Lexicon.of(
        [Entry("银行", ("yin2", "xing2")), Entry("行", ("xing4",)), Entry("行", ("hang4",))]
    )
    assert [r.romanised for r in lexicon.given("银行行").values() if r] == [
        "yin2",
        "xing2",
        "hang4",
    ]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("folder", "dialect"),
    [
        ("chengdu", "chengdu"), ("xian", "xian"), ("zhengzhou", "zhengzhou"),
        ("shijiazhuang", "shijiazhuang"), ("wuhan", "wuhan"), ("nanjing", "nanjing"),
        ("qingdao", "qingdao"), ("jingjuyunbai", "yunbai"), ("putonghua", "putonghua"),
        ("jingjujingbai", "jingbai"), ("shanghai", "shanghai"), ("gaoxiong", "hokkien"),
    ],
)  # fmt: skip
def test_the_linguists_tables_import_whole(shared: Path, folder: str, dialect: str) -> None:
    imported = load_lexicon(shared / REFERENCE / folder, dialect)
    assert len(imported.lexicon.phones) > 1000
    assert imported.faults == ()


def test_a_tone_on_the_off_glide_is_moved_and_noted(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheets = {
        "tone": [("contour", "mark"), ("³¹", "ᴹᴸ")],
        "syllable": [
            ("pinyin", "syllable", "initial", "final"),
            ("fei6", "", "f", "ˈe,ɪ̯³¹"),
            ("fa6", "", "f", "ˈɑ³¹"),
        ],
    }
    for name, rows in sheets.items():
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / f"{name}.xlsx")
    imported = load_lexicon(tmp_path, "qingdao")
    assert imported.faults == ()
    assert imported.lexicon.phones["fei6"] == tuple(
        unicodedata.normalize("NFD", "f ˈeᴹᴸ ɪ̯").split()
    )
    assert [note.where for note in imported.notes] == ["syllable.xlsx:2"]


def test_a_word_of_the_lexicon_is_one_word_in_either_script(tmp_path: Path) -> None:
    rows = "雨傘店\tyu3 san3 dian3\n"
    lexicon = load_lexicon(write(tmp_path / "mine.tsv", rows), "putonghua").lexicon
    for text in ("去雨傘店看", "去雨伞店看"):
        words = Frontend("putonghua", lexicon).words(text)
        assert "雨伞店" in [word.text for word in words]


def test_another_opinion_on_polyphones() -> None:
    def always_xing(sentence: str) -> list[str | None]:
        return ["xing2" if c == "行" else None for c in sentence]

    (word,) = Frontend("putonghua", polyphones=always_xing).words("银行")
    assert word.syllables[1].romanised == "xing2"
    with pytest.raises(ConfigError):
        Frontend("cantonese", polyphones=always_xing)


def test_latin_words_have_as_many_syllables_as_they_need(tmp_path: Path) -> None:
    rows = "iPhone\tai4 feng1\nT恤\tti4 xu4\n"
    lexicon = load_lexicon(write(tmp_path / "mine.tsv", rows), "putonghua").lexicon
    words = Frontend("putonghua", lexicon).words("我的iPhone")
    assert [s.romanised for s in words[-1].syllables] == ["ai4", "feng1"]
    english = write(tmp_path / "own.tsv", "nginx\tengine-x\ngif\t[d͡ʒ ˈɪ f]\n")
    lexicon = load_lexicon(english, "english").lexicon
    assert str(Frontend("english", lexicon)("gif")) == "d͡ʒ ˈɪ f"
    assert Frontend("english", lexicon)("nginx") == Frontend("english")("engine-x")
