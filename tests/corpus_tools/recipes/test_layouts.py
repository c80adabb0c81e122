"""Every layout is read; faults are named with file and line."""

from pathlib import Path

import pytest

from corpus_tools.recipes.known import KnownCorpus, known_corpora
from corpus_tools.recipes.layouts import read_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.dialect import DIALECT_CODES


def read(source: Path, name: str):
    return read_corpus(known_corpora(source / "table.yaml")[name], source)


def test_words_have_their_speakers(source: Path):
    utterances = read(source, "words")
    assert utterances[0].text == "一"
    assert {u.speaker for u in utterances} == {"ann", "ben"}
    assert all(u.audio_path.is_file() and not u.romanised for u in utterances)


def test_syllables_are_romanised(source: Path):
    assert [u.romanised for u in read(source, "syllables")][:3] == ["ma1", "ma2", "zuo3"]


def test_metadata_takes_the_last_field(source: Path):
    assert [u.text for u in read(source, "meta")] == ["你好，世界。", "他来了吗？", "我们(都)去"]


def test_sidecar(source: Path):
    assert [u.id for u in read(source, "side")] == ["s1", "s2", "s3"]


def test_sidecar_without_recording(source: Path):
    (source / "side/part/s2.wav").unlink()
    with pytest.raises(CorpusError, match=r"s2\.txt: no recording"):
        read(source, "side")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gone.wav\t一\tann", r"transcripts\.tsv, line 34: no recording"),
        ("../../table.yaml\t一\tann", r"line 34: path .* leaves the corpus folder"),
        ("w0.wav\t一\tann", r"line 34: duplicate id 'w0', first at .* line 2"),
        ("w0.wav 一 ann", r"line 34: 1 tab-separated fields, the header has 3"),
        ("w0.wav\t \tann", r"line 34: column sentence is empty"),
    ],
)
def test_bad_lines(source: Path, line: str, message: str):
    table = source / "words/transcripts.tsv"
    table.write_text(table.read_text("utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        read(source, "words")


def test_missing_column(source: Path):
    table = source / "words/transcripts.tsv"
    table.write_text(table.read_text("utf-8").replace("sentence", "words"), encoding="utf-8")
    with pytest.raises(CorpusError, match="found columns path, words, client_id; needs path and"):
        read(source, "words")


def test_missing_speaker(source: Path):
    corpus = KnownCorpus("syllables", "syllables", "putonghua", "CC0-1.0", "nobody")
    with pytest.raises(CorpusError, match="line 2: no speaker"):
        read_corpus(corpus, source)


@pytest.mark.parametrize(("row", "found"), [("m1", "expected id|text"), ("m9|x", "no recording")])
def test_bad_metadata(source: Path, row: str, found: str):
    (source / "meta/metadata.csv").write_text(row + "\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"metadata\.csv, line 1: ") as error:
        read(source, "meta")
    assert found in str(error.value)


def test_no_folder_and_unknown_layout(source: Path):
    nowhere = KnownCorpus("nowhere", "words", "putonghua", "CC0-1.0", "nobody")
    with pytest.raises(CorpusError, match="no folder"):
        read_corpus(nowhere, source)
    odd = KnownCorpus("words", "mosaic", "putonghua", "CC0-1.0", "nobody")
    with pytest.raises(ConfigError, match="unknown layout 'mosaic'; known: words"):
        read_corpus(odd, source)


def test_table_refuses_unknown_keys(tmp_path: Path):
    table = tmp_path / "table.yaml"
    table.write_text("mine:\n  layout: words\n  colour: red\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"unknown keys \['colour'\], missing keys \['dialect'"):
        known_corpora(table)


def test_built_in_table_is_sound():
    corpora = known_corpora()
    assert len(corpora) == 9
    assert all(c.dialect in DIALECT_CODES and c.licence for c in corpora.values())


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(known_corpora()))
def test_shared_corpora_can_be_read(shared: Path, name: str):
    utterances = read_corpus(known_corpora()[name], shared / "data")
    assert len(utterances) > 600
