"""The compiled dictionary: the same words as the libraries, and a file that heals itself."""

import logging
import random
from importlib.util import find_spec
from pathlib import Path

import pytest

from diamoe.text import dictionary as module
from diamoe.text import sources
from diamoe.text.blocks import Blocks, CorruptBlocks, open_blocks, pack_blocks, save_blocks
from diamoe.text.dictionary import load_dictionary, open_dictionary

KEY = bytes(range(32))
SMALL = {
    ("about", ""): "100",
    ("words", "银"): "银\t5\tn\tyin2\n银行\t50\tn\tyin2 hang2",
    ("words", "行"): "行\t9\tv\txing2 hang2",
    ("jyutping", "银"): "银\tngan4",
    ("simple", ""): "銀\t银",
}


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Replaces the compiler by one that gives `SMALL`; counts its runs."""
    runs: list[int] = []

    def compile_small() -> dict[tuple[str, str], str]:
        runs.append(1)
        return SMALL

    monkeypatch.setattr(sources, "compile_sources", compile_small)
    return runs


def sentences(count: int) -> list[str]:
    """Strings of words, each as likely as it is frequent."""
    spec = find_spec("jieba")
    assert spec is not None and spec.origin is not None
    rows = [
        line.split(" ")
        for line in (Path(spec.origin).parent / "dict.txt").read_text("utf-8").splitlines()
    ]
    words = [word for word, *_ in rows if all("\u4e00" <= c <= "\u9fd5" for c in word)]
    weights = [
        int(frequency)
        for word, frequency, _ in rows
        if all("\u4e00" <= c <= "\u9fd5" for c in word)
    ]
    chosen = random.Random(7).choices(words, weights, k=count * 8)
    return ["".join(chosen[i : i + 8]) for i in range(0, len(chosen), 8)]


@pytest.mark.filterwarnings("ignore")
def test_segments_as_jieba_does() -> None:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    dictionary = open_dictionary()
    for sentence in sentences(1000):
        assert dictionary.segment(sentence) == jieba.lcut(sentence, HMM=False)


def test_jyutping_as_tojyutping_gives_it() -> None:
    from ToJyutping import get_jyutping_list

    dictionary = open_dictionary()
    for sentence in sentences(1000):
        theirs = [j and j.replace(" ", "+") for _, j in get_jyutping_list(sentence)]
        assert dictionary.jyutping(sentence) == theirs


def test_one_compilation_serves_every_later_process(tmp_path: Path, compiled: list[int]) -> None:
    path = tmp_path / "new" / "dictionary.blocks"
    for _ in range(3):
        assert load_dictionary(path, KEY).segment("银行") == ["银行"]
    assert len(compiled) == 1 and [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["empty", "cut", "foreign", "index", "other sources"])
def test_a_bad_file_is_made_anew(tmp_path: Path, compiled: list[int], damage: str) -> None:
    path = tmp_path / "dictionary.blocks"
    data = bytearray(pack_blocks(SMALL, KEY))
    if damage == "index":
        data[80] ^= 1
    bad = {"empty": b"", "cut": data[:-5], "foreign": b"x" * 500, "index": data}
    path.write_bytes(bytes(bad.get(damage, pack_blocks(SMALL, bytes(32)))))
    assert load_dictionary(path, KEY).segment("银行") == ["银行"]
    assert len(compiled) == 1
    open_blocks(path, KEY)


def test_a_damaged_page_is_made_anew(tmp_path: Path, compiled: list[int]) -> None:
    path = tmp_path / "dictionary.blocks"
    data = pack_blocks(SMALL, KEY)
    path.write_bytes(data.replace(b"hang2\n"[:5], b"HANG2"))
    assert load_dictionary(path, KEY).phrase("银行") == ("yin2", "hang2")
    assert len(compiled) == 1


def test_a_folder_that_cannot_be_written_is_reported(
    tmp_path: Path, compiled: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "dictionary.blocks"
    assert load_dictionary(path, KEY).segment("银行") == ["银行"]
    assert "cannot be kept" in caplog.text


def test_blocks_hold_what_was_packed() -> None:
    blocks = Blocks(pack_blocks(SMALL, KEY), KEY)
    assert {name: blocks.text(*name) for name in SMALL} == SMALL
    assert blocks.text("words", "x") == ""
    with pytest.raises(CorruptBlocks):
        Blocks(pack_blocks(SMALL, KEY), bytes(32))


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(OSError):
        save_blocks(tmp_path / "file", b"data")
    assert list(tmp_path.iterdir()) == []


def test_the_file_lies_in_the_cache_folder() -> None:
    assert "diamoe" in module.cache_file().parts
