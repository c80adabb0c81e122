"""The report of the front-end beside tables and prompts, on tables made here."""

import json
from pathlib import Path

import pytest

from diamoe.errors import LexiconError
from diamoe.evaluation.frontend import Score, main
from diamoe.evaluation.reference import SyllablePhones, read_reference
from diamoe.evaluation.spoken_prompts import edit_distance

openpyxl = pytest.importorskip("openpyxl")


def write(path: Path, *rows: tuple) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """Tables that agree with Chengdu's rules on 街 and 风, but not on 书."""
    folder = tmp_path / "tables/chengdu"
    write(folder / "tone.xlsx", ("contour", "mark"), ("⁴⁵", "ᴴᴴ"), ("²¹", "ᴹᴸ"))
    write(
        folder / "syllable.xlsx",
        ("pinyin", "syllable", "initial", "final"),
        ("gai1", None, "k", "ˈa⁴⁵,ɪ̯"),
        ("fong1", None, "f", "ˈʊ⁴⁵,ŋ"),
        ("xu2", None, "ɕ", "ˈy²¹"),
        ("ma5", None, "m", "ɑ"),
    )
    write(
        folder / "hanzi.xlsx",
        ("hanzi", "standard_chinese_pinyin", "dialect_pinyin", "note"),
        ("街", None, "gai1", None),
        ("风", "feng1", "fong1", None),
        ("书", None, "xu2", None),
        ("嘛", None, "ma5", "neutral"),
        ("行", "xing2", "xin2", None),
        ("行", "hang2", "hang2", None),
    )
    return tmp_path / "tables"


def test_reference_is_read(tables: Path) -> None:
    reference = read_reference(tables / "chengdu")
    assert reference.phones["gai1"] == SyllablePhones(("k", "a", "ɪ̯"), "ᴴᴴ")
    assert reference.phones["ma5"].tone == ""
    assert reference.reading("行", "hang2") == "hang2"
    assert reference.reading("行", "heng2") is None
    assert "行" not in reference.single()


def test_missing_table_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"tone\.xlsx"):
        read_reference(tmp_path)
    write(tmp_path / "tone.xlsx", ("contour", "sign"))
    with pytest.raises(LexiconError, match="mark"):
        read_reference(tmp_path)


def test_report(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "text.txt").write_text("# a comment\n街上有风。\n他看书。\n", "utf-8")
    arguments = ["--tables", str(tables), "--dialect", "chengdu", "--errors", "3", "--with-table"]
    arguments += ["--text", str(tmp_path / "text.txt"), "--json", str(tmp_path / "report.json")]
    monkeypatch.setattr("sys.argv", ["frontend", *arguments])
    assert main() == 0
    scores = json.loads((tmp_path / "report.json").read_text("utf-8"))["tables"]["chengdu"]
    assert scores["sentences"] == {"count": 3, "segments": 2, "tones": 2, "both": 2}
    assert scores["sentences, table imported"]["both"] == 3
    printed = capsys.readouterr().out
    assert "| chengdu | sentences | 3 | 66.7% | 66.7% | 66.7% |" in printed
    assert "initial s for x (1): 书 su1" in printed


def test_prompts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "putonghua_prompt.txt").write_text("TEXT\t你好。\tn ˈiᴹᴴ | χ ˈɑᴹᴸ o̯ | 。", "utf-8")
    (tmp_path / "elvish_prompt.txt").write_text("TEXT\tmae\tm ˈaᴴᴴ", "utf-8")
    monkeypatch.setattr("sys.argv", ["frontend", "--prompts", str(tmp_path)])
    assert main() == 0
    printed = capsys.readouterr().out
    assert "| putonghua | 20.0% |" in printed and "| elvish | no front-end |" in printed


def test_scores_and_distance() -> None:
    score = Score()
    score.add(SyllablePhones(("a",), "ᴴᴴ"), SyllablePhones(("a",), "ᴹᴹ"), 3)
    score.add(SyllablePhones(("a",), "ᴹᴹ"), SyllablePhones(("a",), "ᴹᴹ"))
    assert (score.share("segments"), score.share("tones")) == (1, 0.25)
    assert edit_distance(list("kitten"), list("sitting")) == 3
