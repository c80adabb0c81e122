"""Every kind of bad input is named in the list of what was left out, and the rest is built."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from corpus_tools.build import build_corpora
from corpus_tools.settings import SplitSettings
from diamoe.corpus import open_corpus
from diamoe.errors import CorpusError
from tests.corpus_tools.building import make_settings

HOUR = 3600


def listed(folder: Path) -> dict[str, dict]:
    with (folder / "rejected.jsonl").open(encoding="utf-8") as lines:
        return {record["id"]: record for record in map(json.loads, lines)}


@pytest.fixture
def bad(source: Path, make_burst: Callable[..., np.ndarray]) -> Path:
    """The corpus `words` with a row of every fault at its end."""
    audio = source / "words/audio"
    (audio / "empty.wav").write_bytes(b"")
    (audio / "html.wav").write_bytes(b"<!doctype html><title>404</title>")
    soundfile.write(audio / "cut.mp3", np.tile(make_burst(1.0), 4), 24_000)
    (audio / "cut.mp3").write_bytes((audio / "cut.mp3").read_bytes()[:9000])
    soundfile.write(audio / "long.wav", np.zeros(3 * HOUR * 8000, np.int16), 8000)
    (audio / "again.wav").write_bytes((audio / "w3.wav").read_bytes())
    (audio / "russian.wav").write_bytes(b"never read, the text is wrong already")
    (source / "outside.wav").write_bytes((audio / "w3.wav").read_bytes())
    rows = (
        "empty.wav\t天气\tann",
        "html.wav\t天气\tann",
        "cut.mp3\t天气\tann",
        "long.wav\t天气\tann",
        "again.wav\t天气\tann",
        "russian.wav\tДобрый день\tann",
        "missing.wav\t天气\tann",
        "../../outside.wav\t天气\tann",
        "w5.wav\t天气\tann",
    )
    with (source / "words/transcripts.tsv").open("a", encoding="utf-8") as table:
        table.write("\n".join(rows) + "\n")
    return source


def test_bad_rows_are_named_and_the_rest_is_built(bad: Path, tmp_path: Path):
    out = tmp_path / "out"
    build_corpora(make_settings(bad, out, corpus=["words"]))
    found = {name: record["kind"] for name, record in listed(out / "words").items()}
    assert found == {
        "empty": "empty",
        "html": "not audio",
        "cut": "truncated",
        "long": "too long",
        "again": "duplicate sound",
        "russian": found["russian"],
        "missing": "no recording",
        "outside": "path leaves the corpus",
        "w5": "duplicate id",
    }
    assert found["russian"] in ("not audio", "script")
    details = {name: record["detail"] for name, record in listed(out / "words").items()}
    assert "'w3'" in details["again"]
    assert "w5.wav" in details["w5"]
    cuts = [c for name in ("words", "words_heldout") for c in open_corpus(out / name)]
    used = sum(len(cut.supervisions[0].custom["words"]) for cut in cuts)
    assert used == 32
    card = json.loads((out / "words/card.json").read_text("utf-8"))
    assert card["recordings_read"] == 32 + 9


def test_text_in_the_wrong_language(source: Path, tmp_path: Path):
    table = source / "meta/metadata.csv"
    table.write_text("m1|Добрый день\nm2|Guten Tag\nm3|我们去\n", encoding="utf-8")
    build_corpora(make_settings(source, tmp_path, corpus=["meta"]))
    found = listed(tmp_path / "meta")
    assert {name: r["kind"] for name, r in found.items()} == {"m1": "script", "m2": "script"}
    assert "Cyrillic 10" in found["m1"]["detail"]


def test_unreadable_characters_are_listed(source: Path, tmp_path: Path):
    (source / "meta/metadata.csv").write_text("m1|天\ue000气\nm3|我们去\n", encoding="utf-8")
    build_corpora(make_settings(source, tmp_path, corpus=["meta"]))
    assert listed(tmp_path / "meta")["m1"]["character"] == "\ue000"


def test_a_missing_column_is_a_fault_of_the_whole_corpus(source: Path, tmp_path: Path):
    (source / "words/transcripts.tsv").write_text("path\tclient_id\nw1.wav\tann\n")
    with pytest.raises(CorpusError, match=r"transcripts.tsv.* path, client_id.*sentence"):
        build_corpora(make_settings(source, tmp_path, corpus=["words"]))


def test_a_faulty_corpus_does_not_stop_the_others(source: Path, tmp_path: Path):
    (source / "words/transcripts.tsv").write_text("path\tclient_id\nw1.wav\tann\n")
    with pytest.raises(CorpusError, match=r"1 of 2 corpora not built: .*transcripts.tsv"):
        build_corpora(make_settings(source, tmp_path, corpus=["words", "side"]))
    assert len([*open_corpus(tmp_path / "side")]) > 0
    assert not (tmp_path / "words").exists()


def test_an_archive_with_names_that_leave_it(source: Path, tmp_path: Path, make_burst):
    folder = source / "packed"
    folder.mkdir()
    buffer = io.BytesIO()
    soundfile.write(buffer, make_burst(0.6), 24_000, format="WAV")
    record = {
        "text": "今天天气",
        "speaker": "ann",
        "language": "zh",
        "duration": 1.2,
        "dnsmos": 3.2,
    }
    with tarfile.open(folder / "ZH-B000000.tar", "w") as tar:
        for name in ("../evil", "fine"):
            data = json.dumps(record | {"id": name, "wav": f"{name}.mp3"}).encode()
            for suffix, content in ((".json", data), (".mp3", buffer.getvalue())):
                info = tarfile.TarInfo(name + suffix)
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    with (source / "table.yaml").open("a") as table:
        table.write(
            "packed:\n  layout: emilia\n  dialect: putonghua\n  licence: x\n  attribution: y\n"
        )
    build_corpora(make_settings(source, tmp_path, corpus=["packed"], split=SplitSettings(0.0)))
    kinds = [record["kind"] for record in listed(tmp_path / "packed").values()]
    assert set(kinds) == {"unsafe archive"}
    assert len([*open_corpus(tmp_path / "packed")]) == 1
    assert not list(source.parent.rglob("evil*"))
