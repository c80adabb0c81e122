"""TextGrid: written, read again, and read by Praat itself where it is installed."""

from pathlib import Path

import pytest

from corpus_tools.__main__ import main
from corpus_tools.textgrid import (
    alignment_items,
    cut_tiers,
    export_textgrids,
    format_textgrid,
    parse_textgrid,
)
from diamoe.corpus import open_corpus
from diamoe.errors import CorpusError
from tests.training.corpus import make_corpus

PHONES = [("_", 0.0, 0.1), ("m", 0.1, 0.2), ("ˈaᴴᴴ", 0.3, 0.4), ("。", 0.7, 0.0), ("_", 0.7, 0.3)]
WORDS = [('妈"妈', 0.1, 0.25), ("a\\b", 0.35, 0.35)]


def test_round_trip():
    tiers = {"phone": PHONES, "word": WORDS}
    read = parse_textgrid(format_textgrid(tiers, 1.0))
    assert list(read) == ["phone", "word"]
    assert [i[0] for i in read["phone"]] == ["_", "m", "ˈaᴴᴴ", "_"]
    for found, given in zip(read["word"], WORDS, strict=True):
        assert found[0] == given[0]
        assert found[1:] == pytest.approx(given[1:], abs=1e-5)


def test_intervals_have_no_gaps():
    text = format_textgrid({"word": [("b", 0.2, 0.2), ("c", 0.6, 0.4000004)]}, 1.0)
    assert "intervals: size = 4" in text
    edges = [line.split("= ")[1] for line in text.splitlines() if line.startswith(" " * 12 + "xm")]
    assert edges == ["0", "0.2", "0.2", "0.4", "0.4", "0.6", "0.6", "1"]


def test_other_files_are_refused():
    for text in ("", "hello", 'Object class = "TextGrid"'):
        with pytest.raises(CorpusError, match="TextGrid"):
            parse_textgrid(text)


def test_praat_reads_it(tmp_path: Path):
    parselmouth = pytest.importorskip("parselmouth")
    path = tmp_path / "a.TextGrid"
    path.write_text(format_textgrid({"phone": PHONES, "word": WORDS}, 1.0), encoding="utf-8")
    grid = parselmouth.read(str(path))
    assert parselmouth.praat.call(grid, "Get number of tiers") == 2
    assert parselmouth.praat.call(grid, "Get label of interval", 1, 3) == "ˈaᴴᴴ"
    assert parselmouth.praat.call(grid, "Get start time of interval", 1, 3) == pytest.approx(0.3)
    assert parselmouth.praat.call(grid, "Get label of interval", 2, 2) == '妈"妈'


def test_a_corpus(tmp_path: Path):
    corpus = make_corpus(tmp_path / "corpus", 3)
    assert export_textgrids(corpus, tmp_path / "grids") == 3
    for cut in open_corpus(corpus):
        text = (tmp_path / f"grids/{cut.id}.TextGrid").read_text(encoding="utf-8")
        tiers = cut_tiers(cut)
        assert [i[0] for i in parse_textgrid(text)["phone"]] == [i[0] for i in tiers["phone"]]
        assert alignment_items(tiers)["phone"] == cut.supervisions[0].alignment["phone"]


def test_command(tmp_path: Path):
    corpus = make_corpus(tmp_path / "corpus", 2)
    assert main(["textgrid", f"corpora={corpus}", f"out={tmp_path / 'grids'}"]) == 0
    assert len(list((tmp_path / "grids/corpus").glob("*.TextGrid"))) == 2
    assert main(["textgrid"]) == 2
