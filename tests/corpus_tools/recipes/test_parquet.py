"""Hugging Face datasets as Parquet."""

from pathlib import Path

import pytest

from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected
from diamoe.errors import ConfigError, CorpusError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

TEXTS = ["你好", "吃饭", "", "再见", "要得"]


def sounds(speech, paths: bool = True) -> list[dict]:
    return [
        {"bytes": speech.encoded("flac", i), "path": f"clip{i}.flac" if paths else None}
        for i in range(len(TEXTS))
    ]


def write_parquet(path: Path, columns: dict, rows_in_group: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.table(columns), path, row_group_size=rows_in_group)


def test_sound_inside(tmp_path: Path, speech, read):
    path = tmp_path / "data/train-00000-of-00001.parquet"
    write_parquet(path, {"sentence": TEXTS, "audio": sounds(speech), "client_id": ["ann"] * 5})
    result = read("parquet", tmp_path)
    assert [(u.id, u.member) for u in result.found.values()] == [
        ("clip0", "row:0"), ("clip1", "row:1"), ("clip3", "row:3"), ("clip4", "row:4")
    ]  # fmt: skip
    assert result.rejected == {"clip2": "missing field"}
    assert {u.speaker for u in result.found.values()} == {"ann"}
    for u in reversed(result.found.values()):
        index = int(u.member.removeprefix("row:"))
        assert open_audio(u).read() == speech.encoded("flac", index)


def test_columns_by_other_names(tmp_path: Path, speech, read):
    columns = {"han": TEXTS, "clip": sounds(speech, paths=False), "who": [7] * 5,
               "town": ["Wuhan", "Wuhan", "Wuhan", "Bern", None], "sound_id": list("abcde"),
               "ipa": ["[n] [ˈiᴹᴸ]", "zz", "m a", "m a", "m a"]}  # fmt: skip
    write_parquet(tmp_path / "x.parquet", columns)
    names = {"text": "han", "speaker": "who", "label": "town", "id": "sound_id"}
    result = read("parquet", tmp_path, dialect="", dialects={"Wuhan": "wuhan"}, columns=names)
    assert {(u.id, u.speaker, u.dialect, u.phones) for u in result.found.values()} == {
        ("a", "7", "wuhan", "n ˈiᴹᴸ")
    }
    assert result.rejected == {
        "b": "bad phones", "c": "missing field", "d": "no dialect", "e": "no dialect"
    }  # fmt: skip


def test_sound_beside(tmp_path: Path, speech, read):
    speech.write(tmp_path / "clips/a.mp3")
    paths = ["clips/a.mp3", "clips/b.mp3", "/etc/passwd", "", "../x.mp3"]
    audio = pyarrow.array(
        [{"bytes": None, "path": p} for p in paths],
        pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())]),
    )
    write_parquet(tmp_path / "x.parquet", {"text": ["好"] * 5, "audio": audio, "id": list("abcde")})
    result = read("parquet", tmp_path)
    assert result.found["a"].audio_path == tmp_path / "clips/a.mp3"
    assert result.rejected == {
        "b": "no recording", "c": "path leaves the corpus", "d": "missing field",
        "e": "path leaves the corpus",
    }  # fmt: skip


def test_row_without_sound(tmp_path: Path, speech):
    broken = sounds(speech)
    broken[1]["bytes"] = None
    path = tmp_path / "x.parquet"
    write_parquet(path, {"text": TEXTS, "audio": broken})
    for member in ("row:1", "row:99", "row:x"):
        with pytest.raises(Rejected, match="no recording|unreadable archive"):
            open_audio(Utterance("x", path, "putonghua", "s", member=member))


def test_faults_of_the_corpus(tmp_path: Path, speech, read):
    with pytest.raises(CorpusError, match=r"no \.parquet"):
        read("parquet", tmp_path)
    (tmp_path / "page.parquet").write_bytes(b"<!doctype html>")
    assert read("parquet", tmp_path).rejected == {"page.parquet": "unreadable archive"}
    (tmp_path / "page.parquet").unlink()
    write_parquet(tmp_path / "a.parquet", {"words": TEXTS, "audio": sounds(speech)})
    with pytest.raises(CorpusError, match=r"no column text or sentence.*found words, audio"):
        read("parquet", tmp_path)
    with pytest.raises(ConfigError, match=r"columns: unknown \['txt'\]; allowed: text, id"):
        read("parquet", tmp_path, columns={"txt": "words"})
    write_parquet(tmp_path / "a.parquet", {"text": TEXTS})
    with pytest.raises(CorpusError, match=r"0 columns of \{bytes, path\}"):
        read("parquet", tmp_path)
