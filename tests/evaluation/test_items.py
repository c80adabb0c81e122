"""Test sets: tables of texts, prepared corpora, the sound files that belong to them."""

import json

import numpy as np
import pytest

from diamoe.audio.files import write_audio
from diamoe.errors import CorpusError, UnknownDialect
from diamoe.evaluation.items import Item, corpus_items, match_audio, read_items
from tests.recogniser.test_pipeline import make_corpus


def test_the_three_kinds_of_table_say_the_same(tmp_path):
    (tmp_path / "a.tsv").write_text("id\ttext\tdialect\n1\t你好\txian\n2\t再见\t\n")
    (tmp_path / "a.csv").write_text("id,text,dialect\n1,你好,xian\n2,再见,\n")
    rows = [{"id": 1, "text": "你好", "dialect": "xian"}, {"id": 2, "text": "再见"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    wanted = [Item("1", "你好", "xian"), Item("2", "再见", "chengdu")]
    for name in ("a.tsv", "a.csv", "a.jsonl"):
        assert read_items(tmp_path / name, "chengdu") == wanted


def test_paths_are_the_tables_and_the_limit_is_each_dialects(tmp_path):
    table = tmp_path / "set.tsv"
    rows = ["id\ttext\tdialect\treference", "1\ta\txian\tx.wav", "2\tb\txian\t", "3\tc\twuhan\t"]
    table.write_text("\n".join(rows))
    found = read_items(table, limit=1)
    assert [i.id for i in found] == ["1", "3"]
    assert found[0].reference == str(tmp_path / "x.wav") and found[1].reference == ""


@pytest.mark.parametrize(
    "text, error, match",
    [
        ("id\ttext\n1\t你好\n", CorpusError, "line 2: no dialect"),
        ("id\ttext\tdialect\n1\t\txian\n", CorpusError, "line 2: no text"),
        ("id\ttext\tdialect\n1\ta\txian\n1\tb\txian\n", CorpusError, "line 3: the id '1'"),
        ("id\ttext\tlang\n1\ta\txian\n", CorpusError, "'lang'; allowed: id, text"),
        ("id\ttext\tdialect\n1\ta\tmars\n", UnknownDialect, "mars"),
        ("id\ttext\tdialect\n", CorpusError, "holds no text"),
    ],
)
def test_faults_in_tables_are_named(tmp_path, text, error, match):
    (tmp_path / "set.tsv").write_text(text)
    with pytest.raises(error, match=match):
        read_items(tmp_path / "set.tsv")


def test_other_faults_are_named(tmp_path):
    with pytest.raises(CorpusError, match="no table of texts"):
        read_items(tmp_path / "none.tsv")
    (tmp_path / "a.jsonl").write_text("{]")
    with pytest.raises(CorpusError, match="line 1: not JSON"):
        read_items(tmp_path / "a.jsonl")
    with pytest.raises(CorpusError, match="no such folder"):
        match_audio([], tmp_path / "none")


def test_sound_belongs_to_the_id_it_is_named_by(tmp_path):
    for name in ("a.wav", "deep/b.flac", "stranger.wav"):
        write_audio(tmp_path / name, np.zeros(2400, np.float32), 24_000)
    items = [Item(i, "x", "xian") for i in ("a", "deep/b", "c")]
    found, strangers = match_audio(items, tmp_path)
    assert set(found) == {"a", "deep/b"} and strangers == ["stranger"]
    with pytest.raises(CorpusError, match="no file has the id of a text"):
        match_audio([Item("z", "x", "xian")], tmp_path)


def test_a_prepared_corpus_is_a_set_with_references(tmp_path):
    make_corpus(tmp_path / "corpus", 3, 0, timed=True)
    items = corpus_items(tmp_path / "corpus", tmp_path / "sound", limit=2)
    assert [i.id for i in items] == ["corpus-0", "corpus-1"]
    found, _ = match_audio(items, tmp_path / "sound")
    assert str(found["corpus-1"]) == items[1].reference and items[0].phones.endswith("。")
