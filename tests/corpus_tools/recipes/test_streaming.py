"""Large tables cost no more memory than small ones, and odd bytes no exception."""

import json
import pathlib
import tracemalloc
from pathlib import Path

import pytest

from corpus_tools.recipes.json_stream import JsonRow, read_objects
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.layouts import LAYOUTS
from corpus_tools.recipes.tables import Row, read_table
from corpus_tools.rejection import Rejection

FEW, MANY = 200, 4_000
ALLOWANCE = 200_000
"""Bytes that 20 times as many rows may cost more: buffers. The rows themselves are far more."""


def write_commonvoice(folder: Path, rows: int) -> None:
    lines = (f"ann\tgone{i}.mp3\tsentence {i}\n" for i in range(rows))
    (folder / "validated.tsv").write_text("client_id\tpath\tsentence\n" + "".join(lines))


def write_kaldi(folder: Path, rows: int) -> None:
    for name, value in (("wav.scp", "gone.wav"), ("text", "hello"), ("utt2spk", "ann")):
        lines = (f"utterance{i:07d} {value}\n" for i in range(rows))
        (folder / name).write_text("".join(lines))


def write_wenetspeech(folder: Path, rows: int) -> None:
    lines = [{"utt_id": f"u{i}", "text": "hello", "path": f"gone{i}.wav"} for i in range(rows)]
    (folder / "meta.json").write_text(json.dumps(lines))


def write_seed(folder: Path, rows: int) -> None:
    lines = (f"u{i}\thello\tm a\n" for i in range(rows))
    (folder / "xian.txt").write_text("".join(lines))


@pytest.mark.parametrize(
    ("layout", "write"),
    [
        ("commonvoice", write_commonvoice),
        ("kaldi", write_kaldi),
        ("wenetspeech", write_wenetspeech),
        ("seed", write_seed),
    ],
)
def test_memory_is_flat(tmp_path: Path, layout: str, write):
    held = []
    for rows in (FEW, FEW, MANY):  # the first run fills caches
        write(tmp_path, rows)
        held.append(held_at_the_end(KnownCorpus("c", layout, "english", "", ""), tmp_path, rows))
    assert held[2] < held[1] + ALLOWANCE


def held_at_the_end(corpus: KnownCorpus, folder: Path, rows: int) -> int:
    """Bytes held when the last row comes, without the interpreter's table of file names."""
    tracemalloc.start()
    for number, _ in enumerate(LAYOUTS[corpus.layout](corpus, folder), start=1):
        if number == rows:
            snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    assert number == rows
    kept = snapshot.filter_traces([tracemalloc.Filter(False, pathlib.__file__)])
    return sum(trace.size for trace in kept.traces)


def test_lines_of_any_bytes(tmp_path: Path):
    table = tmp_path / "t.tsv"
    table.write_bytes(
        b"\xef\xbb\xbfpath\tsentence\r\n"
        + "a\tone\u2028line\r\n".encode()
        + b"b\t\xff\xfe\n\n \t \n"
        + b"c\t" + b"x" * (2 << 20) + b"\nd\tlast"
    )  # fmt: skip
    rows = list(read_table(table, ("path", "sentence")))
    good = [row for row in rows if isinstance(row, Row)]
    assert [row["path"] for row in good] == ["a", "d"]
    assert good[0]["sentence"] == "one\u2028line" and good[1].where.endswith("line 7")
    bad = [row.detail for row in rows if isinstance(row, Rejection)]
    assert len(bad) == 2 and "not UTF-8" in bad[0] and "longer than" in bad[1]


@pytest.mark.parametrize("size", [10, 100_000])
def test_objects_longer_than_a_chunk(tmp_path: Path, size: int):
    path = tmp_path / "x.json"
    values = [{"id": str(i), "text": "字" * size} for i in range(5)]
    path.write_text(json.dumps({"audios": values}, ensure_ascii=False), encoding="utf-8")
    found = [row for row in read_objects(path, "audios") if isinstance(row, JsonRow)]
    assert [row.values for row in found] == values


def test_json_cut_short(tmp_path: Path):
    path = tmp_path / "x.json"
    text = json.dumps([{"id": "1"}, {"id": "2", "text": "unfinished"}])
    path.write_text(text[: len(text) * 3 // 4], encoding="utf-8")
    first, second = read_objects(path)
    assert isinstance(first, JsonRow) and isinstance(second, Rejection)
