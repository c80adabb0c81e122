"""The table of corpora, the layouts of our own, and what all readers have in common."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from corpus_tools.recipes.known import KnownCorpus, known_corpora
from corpus_tools.recipes.layouts import LAYOUTS, read_corpus
from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.dialect import load_dialect


def read(source: Path, name: str) -> list[Utterance | Rejection]:
    return list(read_corpus(known_corpora(source / "table.yaml")[name], source))


def found(source: Path, name: str) -> list[Utterance]:
    return [row for row in read(source, name) if isinstance(row, Utterance)]


def rejected(source: Path, name: str) -> dict[str, str]:
    return {row.id: row.reason for row in read(source, name) if isinstance(row, Rejection)}


def test_words_have_their_speakers(source: Path):
    utterances = found(source, "words")
    assert utterances[0].text == "一"
    assert {u.speaker for u in utterances} == {"ann", "ben"}
    assert all(u.audio_path.is_file() and not u.romanised for u in utterances)


def test_syllables_are_romanised(source: Path):
    assert [u.romanised for u in found(source, "syllables")][:3] == ["ma1", "ma2", "zuo3"]


def test_metadata_takes_the_last_field(source: Path):
    assert [u.text for u in found(source, "meta")] == ["你好，世界。", "他来了吗？", "我们(都)去"]


def test_bad_metadata(source: Path):
    table = source / "meta/metadata.csv"
    table.write_text("m1\nm9|x\n../../table|x\nm2|好\nm3|\n", encoding="utf-8")
    assert [u.id for u in found(source, "meta")] == ["m2"]
    reasons = rejected(source, "meta")
    assert (
        reasons["m1"].startswith("malformed row: ") and "line 1: expected id|text" in reasons["m1"]
    )
    assert reasons["m9"].startswith("no recording: ") and reasons["m3"].startswith("malformed")
    assert reasons["../../table"].startswith(("no recording", "path leaves"))


def test_sidecar(source: Path):
    assert [u.id for u in found(source, "side")] == ["s1", "s2", "s3"]


def test_sidecar_faults(source: Path):
    folder = source / "side/part"
    (folder / "s2.wav").unlink()
    (folder / "s3.txt").write_text(" \n", encoding="utf-8")
    (folder / "s4.txt").write_bytes(b"\xff\xfe")
    (folder / "s5.txt").write_text("x" * 100_000, encoding="utf-8")
    assert [u.id for u in found(source, "side")] == ["s1"]
    reasons = rejected(source, "side")
    assert list(reasons) == ["s2", "s3", "s4", "s5"]
    assert reasons["s2"].startswith("no recording: ") and "s2.txt" in reasons["s2"]
    assert reasons["s3"].startswith("missing field") and "not UTF-8" in reasons["s4"]


def test_sidecar_without_texts(source: Path):
    for path in (source / "side/part").glob("*.txt"):
        path.unlink()
    with pytest.raises(CorpusError, match=r"no \.txt files"):
        read(source, "side")


@pytest.mark.parametrize(
    ("line", "name", "message"),
    [
        ("gone.wav\t一\tann", "gone", r"no recording: .*transcripts.tsv, line 34: no file"),
        ("../../table.yaml\t一\tann", "table", "path leaves the corpus: .*line 34"),
        ("w0.wav 一 ann", "transcripts.tsv:34", "malformed row: .*line 34: 1 fields, expected 3"),
        ("w0.wav\t \tann", "w0", "missing field: .*line 34: sentence is empty"),
        ("\0.wav\t一\tann", "\0", "bad path|no recording"),
        (f"{'w' * 300}.wav\t一\tann", "w" * 300, "bad path|no recording"),
    ],
)
def test_bad_lines_are_rejected_and_the_rest_is_read(source: Path, line, name, message):
    table = source / "words/transcripts.tsv"
    table.write_text(table.read_text("utf-8") + line + "\n", encoding="utf-8")
    assert len(found(source, "words")) == 32
    ((where, reason),) = rejected(source, "words").items()
    assert where == name and re.match(message, reason)


def test_links_out_of_the_corpus_are_followed_by_no_table(source: Path, tmp_path: Path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes((source / "words/audio/w0.wav").read_bytes())
    (source / "words/audio/w0.wav").unlink()
    (source / "words/audio/w0.wav").symlink_to(secret)
    assert rejected(source, "words")["w0"].startswith("path leaves the corpus")


def test_missing_column(source: Path):
    table = source / "words/transcripts.tsv"
    table.write_text(table.read_text("utf-8").replace("sentence", "words"), encoding="utf-8")
    with pytest.raises(CorpusError, match="no column sentence; found path, words, client_id"):
        read(source, "words")


def test_missing_speaker(source: Path):
    corpus = KnownCorpus("syllables", "syllables", "putonghua", "CC0-1.0", "nobody")
    rows = list(read_corpus(corpus, source))
    assert len(rows) == 5 and all(isinstance(r, Rejection) for r in rows)
    assert "line 2: neither client_id" in rows[0].detail


def test_no_folder_and_unknown_layout_and_no_rows(source: Path):
    nowhere = KnownCorpus("nowhere", "words", "putonghua", "CC0-1.0", "nobody")
    with pytest.raises(CorpusError, match="no folder"):
        list(read_corpus(nowhere, source))
    odd = KnownCorpus("words", "mosaic", "putonghua", "CC0-1.0", "nobody")
    with pytest.raises(ConfigError, match="unknown layout 'mosaic'; known: words"):
        list(read_corpus(odd, source))
    (source / "meta/metadata.csv").write_text("\n")
    with pytest.raises(CorpusError, match="lists no recordings"):
        read(source, "meta")


def test_folder_patterns_must_be_plain(source: Path):
    corpus = KnownCorpus("cv", "words", "putonghua", "", "", folder="cv-*/yue")
    assert corpus.root(source) == source / "cv-*/yue"
    (source / "cv-1/yue").mkdir(parents=True)
    assert corpus.root(source) == source / "cv-1/yue"
    (source / "cv-2/yue").mkdir(parents=True)
    with pytest.raises(CorpusError, match=r"stands for several folders: .*cv-1/yue, .*cv-2/yue"):
        corpus.root(source)


def test_labels_to_dialects():
    corpus = KnownCorpus("c", "kaldi", "xian", "", "", dialects={"a": "wuhan", "b": ""})
    assert corpus.dialect_of("a") == "wuhan" and corpus.dialect_of("", "zz") == "xian"
    with pytest.raises(Rejected, match="dialect left out: label 'b'"):
        corpus.dialect_of("b")
    with pytest.raises(Rejected, match="no dialect: 'zz'; known labels: a, b"):
        replace(corpus, dialect="").dialect_of("zz")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("layout: words\n  colour: red", r"unknown keys \['colour'\], missing keys \['dialect'"),
        ("layout: words\n  dialect: ''\n  licence: x\n  attribution: x", "neither dialect nor"),
        ("layout: x\n  dialect: ''\n  dialects: [a]\n  licence: x\n  attribution: x", "dialects:"),
    ],
)
def test_table_refuses_what_cannot_work(tmp_path: Path, entry: str, message: str):
    table = tmp_path / "table.yaml"
    table.write_text(f"mine:\n  {entry}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        known_corpora(table)


def test_built_in_table_is_sound():
    corpora = known_corpora().values()
    assert len(corpora) >= 31 and {c.layout for c in corpora} <= set(LAYOUTS)
    for corpus in corpora:
        assert corpus.licence and corpus.attribution
        for code in filter(None, (corpus.dialect, *corpus.dialects.values())):
            assert load_dialect(code).code == code


def test_sound_that_is_gone(tmp_path: Path):
    path = tmp_path / "x.wav"
    with pytest.raises(Rejected, match="no recording"):
        open_audio(Utterance("x", path, "xian", "s"))
    path.write_bytes(b"")
    assert open_audio(Utterance("x", path, "xian", "s")) == path
    with pytest.raises(Rejected, match="not an archive"):
        open_audio(Utterance("x", path, "xian", "s", member="y"))


SHARED = [c.name for c in known_corpora().values() if c.layout in (
    "words", "syllables", "metadata", "sidecar")]  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("name", SHARED)
def test_shared_corpora_can_be_read(shared: Path, name: str):
    rows = list(read_corpus(known_corpora()[name], shared / "data"))
    assert len(rows) > 600 and all(isinstance(row, Utterance) for row in rows)
    assert len({row.id for row in rows}) == len(rows)
