"""The Ministry of Education's dictionary: spreadsheets with recordings by name."""

import csv
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from diamoe.errors import CorpusError

WORDS = [
    ["詞目id", "詞目類型", "漢字", "羅馬字", "分類", "羅馬字音檔檔名"],
    [1, "主詞目", "一【替】", "tsi̍t", "數詞", "1(1)"],
    [7, "主詞目", "一日到暗", "tsi̍t-ji̍t-kàu-àm/tsi̍t-li̍t-kàu-àm", "", "7(1)"],
    [8, "主詞目", "無音檔", "bô", "", ""],
    [1001, "附錄", "台灣", "Tâi-uân", "", "1001(1)"],
    [1002, "附錄", "毋是", "qqq", "", "1002(1)"],
]
SENTENCES = [
    ["詞目id", "義項id", "例句順序", "漢字", "羅馬字", "華語", "音檔檔名"],
    [7, 9, 1, "伊一日到暗咧哭。", "I tsi̍t-ji̍t-kàu-àm teh khàu.", "…", "7-1-1"],
    [8, 9, 1, "無。", "Bô.", "…", "8-1-1"],
]
FOUND = ["1(1)", "7(1)", "1001(1)", "7-1-1"]


def write_ods(path: Path) -> None:
    """A spreadsheet as LibreOffice writes it: numbers as values, repeated empty cells."""
    tables = ""
    for name, rows in (("義項", [["詞目id"]]), ("詞目", WORDS), ("例句", SENTENCES)):
        cells = [
            "".join(
                f'<table:table-cell office:value-type="float" office:value="{c}"/>'
                if isinstance(c, int)
                else "<table:table-cell/>" if not c
                else f"<table:table-cell><text:p>{escape(c)}</text:p></table:table-cell>"
                for c in row
            )
            for row in rows
        ]  # fmt: skip
        filler = '<table:table-cell table:number-columns-repeated="16000"/>'
        body = "".join(f"<table:table-row>{c}{filler}</table:table-row>" for c in cells)
        tables += f'<table:table table:name="{name}">{body}</table:table>'
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    content = f"<office:document-content {spaces}>{tables}</office:document-content>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)


def write_xlsx(path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for name, rows in (("詞目", WORDS), ("例句", SENTENCES)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def write_csvs(path: Path) -> None:
    for name, rows in (("詞目", WORDS), ("例句", SENTENCES)):
        with path.with_name(f"kautian-{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)


@pytest.fixture
def recordings(tmp_path: Path, speech) -> Path:
    """Headwords in the published zip, sentences in an unpacked folder."""
    with zipfile.ZipFile(tmp_path / "sutiau-mp3.zip", "w") as archive:
        for i, name in enumerate(("0/1(1)", "0/7(1)", "1/1001(1)", "1/1002(1)")):
            archive.writestr(f"sutiau-mp3/{name}.mp3", speech.encoded("mp3", i))
        archive.writestr("../up.mp3", b"")
    speech.write(tmp_path / "leku-mp3/0/7-1-1.mp3")
    return tmp_path


@pytest.mark.parametrize(
    ("writer", "name"), [(write_ods, "ods"), (write_xlsx, "xlsx"), (write_csvs, "csv")]
)
def test_todays_release(recordings: Path, read, writer, name: str):
    writer(recordings / f"kautian.{name}")
    result = read("southern_min", recordings, dialect="hokkien", speaker="moe")
    assert sorted(result.found) == sorted(FOUND)
    one, day, _, sentence = (result.found[name] for name in FOUND)
    assert (one.text, one.romanised, one.member) == ("一", "tsi̍t", "sutiau-mp3/0/1(1).mp3")
    assert day.romanised == "tsi̍t-ji̍t-kàu-àm" and day.phones.split()[:2] == ["t͜s", "ˈɪᴹᴸ"]
    assert sentence.text == "伊一日到暗咧哭。" and sentence.phones.endswith("| 。")
    assert result.rejected == {
        "sutiau-mp3.zip:../up.mp3": "unsafe archive", "1002(1)": "bad romanisation",
        "8-1-1": "no recording",
    }  # fmt: skip


def test_earlier_release(tmp_path: Path, speech, read, write):
    for i in (1, 7):
        speech.write(tmp_path / f"mp3/{i:05d}.mp3")
    write(
        tmp_path / "詞目總檔.csv",
        "主編碼,屬性,詞目,音讀,文白屬性,部首",
        "1,1,一,tsi̍t,1,一",
        "7,1,一日到暗,tsi̍t-ji̍t-kàu-àm/tsi̍t-li̍t-kàu-àm,0,",
        "22957,2,讓,jiōng/liōng,1,言",
    )
    result = read("southern_min", tmp_path, dialect="hokkien")
    assert list(result.found) == ["00001", "00007"]
    assert result.rejected == {"22957": "no recording"}


def test_faults_of_the_corpus(recordings: Path, read, write):
    with pytest.raises(CorpusError, match="no table"):
        read("southern_min", recordings, dialect="hokkien")
    (recordings / "kautian.ods").write_bytes(b"<!doctype html>")
    with pytest.raises(CorpusError, match=r"kautian\.ods: not a readable spreadsheet"):
        read("southern_min", recordings, dialect="hokkien")
    (recordings / "kautian.ods").unlink()
    write(recordings / "kautian-詞目.csv", "詞目id,漢字,羅馬字")
    with pytest.raises(CorpusError, match="no column 羅馬字音檔檔名; found 詞目id"):
        read("southern_min", recordings, dialect="hokkien")
    with zipfile.ZipFile(recordings / "kautian.ods", "w") as archive:
        archive.writestr("content.xml", "<a/>")
    (recordings / "kautian-詞目.csv").unlink()
    with pytest.raises(CorpusError, match="no sheet 詞目"):
        read("southern_min", recordings, dialect="hokkien")
