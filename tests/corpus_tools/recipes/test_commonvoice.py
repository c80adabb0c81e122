"""Common Voice of several releases."""

from pathlib import Path

import pytest

from diamoe.errors import CorpusError

OLD = "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccent"
NEW = (
    "client_id\tpath\tsentence_id\tsentence\tsentence_domain\tup_votes\tdown_votes\tage\tgender"
    "\taccents\tvariant\tlocale\tsegment"
)


@pytest.fixture
def clips(tmp_path: Path, speech) -> Path:
    for i in range(4):
        speech.write(tmp_path / f"clips/common_voice_{i}.mp3", i)
    return tmp_path


def new_row(i: int, sentence: str, votes: str = "2\t0", tail: str = "\t\t\t\t\tyue\t") -> str:
    return f"ann{i}\tcommon_voice_{i}.mp3\ts{i}\t{sentence}\t\t{votes}{tail}"


def test_new_release(clips: Path, read, write):
    write(clips / "train.tsv", NEW)
    write(clips / "validated.tsv", NEW, new_row(0, '佢話"好'), new_row(1, "唔該", votes="1\t2"))
    result = read("commonvoice", clips, dialect="cantonese")
    (utterance,) = result.found.values()
    assert utterance.text == '佢話"好' and utterance.speaker == "ann0"
    assert utterance.language == "yue" and utterance.id == "common_voice_0"
    assert result.rejected == {"common_voice_1": "voted down"}


def test_first_release_has_no_suffixes_and_another_column(clips: Path, read, write):
    write(clips / "train.tsv", OLD, "ann\tcommon_voice_0\tHello.\t2\t0\t\t\tus")
    result = read("commonvoice", clips, dialect="english", dialects={"indian": ""}, parts=["train"])
    assert result.found["common_voice_0"].language == "us"


def test_labels_choose_the_dialect(clips: Path, read, write):
    tails = ("\t\t\tWuhan\t\tzh-CN\t", "\t\t\t出生地：44-33 广东省\t\tzh-CN\t", "\t\t\t\t\tzh-CN\t")
    write(clips / "validated.tsv", NEW, *(new_row(i, "好", tail=t) for i, t in enumerate(tails)))
    dialects = {"Wuhan": "wuhan", "出生地：44-33 广东省": ""}
    result = read("commonvoice", clips, dialects=dialects)
    assert {u.id: u.dialect for u in result.found.values()} == {
        "common_voice_0": "wuhan", "common_voice_2": "putonghua"
    }  # fmt: skip
    assert result.rejected == {"common_voice_1": "dialect left out"}


def test_southern_min_has_its_romanisation_in_brackets(clips: Path, read, write):
    sentences = ("壁虎 (siān-thâng-á)", "台灣（tâi-uân/tāi-uân）", "好 (hǎo xyz)", "無要緊")
    write(clips / "validated.tsv", NEW, *(new_row(i, s) for i, s in enumerate(sentences)))
    result = read("commonvoice", clips, dialect="hokkien")
    gecko, plain = (result.found[f"common_voice_{i}"] for i in (0, 3))
    assert gecko.text == "壁虎" and gecko.romanised == "siān-thâng-á"
    assert gecko.phones.split()[:3] == ["s", "ɪ̯", "ˈɛᴹᴸ"]  # tone 7 before another syllable is 3
    assert plain.text == "無要緊" and not plain.phones
    assert result.rejected == {
        "common_voice_1": "several readings", "common_voice_2": "bad romanisation"
    }  # fmt: skip


def test_bad_rows(clips: Path, read, write):
    write(
        clips / "validated.tsv",
        NEW,
        new_row(0, "好"),
        new_row(9, "好"),
        "ann\t../../secret.mp3\ts\t好\t\t2\t0" + "\t" * 6,
        new_row(1, " "),
        "only three\tfields\there",
        new_row(2, "好", votes="many\t0"),
    )
    result = read("commonvoice", clips)
    assert list(result.found) == ["common_voice_0"]
    assert result.rejected == {
        "common_voice_9": "no recording", "secret": "path leaves the corpus",
        "common_voice_1": "missing field", "validated.tsv:6": "malformed row",
        "common_voice_2": "malformed row",
    }  # fmt: skip
    assert "validated.tsv, line 3" in result.details["common_voice_9"]


def test_missing_column_names_those_that_there_are(clips: Path, read, write):
    write(clips / "validated.tsv", "client_id\tpath\ttext")
    with pytest.raises(CorpusError, match=r"validated\.tsv: no column sentence; found client_id"):
        read("commonvoice", clips)
    write(clips / "validated.tsv")
    with pytest.raises(CorpusError, match=r"empty file; it needs the columns path"):
        read("commonvoice", clips)


def test_no_table(clips: Path, read):
    with pytest.raises(CorpusError, match=r"none of validated\.tsv, train\.tsv"):
        read("commonvoice", clips)
