"""Systems side by side: differences whose truth is known, ids that do not match, the page."""

import json

import numpy as np
import pytest

from diamoe.errors import CorpusError
from diamoe.evaluate.compare import main
from diamoe.evaluation.comparison import compare_systems, read_systems
from diamoe.evaluation.metric import Figure
from diamoe.evaluation.results import write_results
from diamoe.evaluation.scoring import summarise

PER = Figure("per", "lower", "phone errors", rate=True)
MOS = Figure("mos", "higher", "opinion")
PACE = Figure("pace", "", "syllables a second")


def results(folder, seed=0, per=3.0, mos=3.0, count=60, skip=(), text="一"):
    """A folder of results; utterances are hard or easy for every system alike."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(count):
        hard = np.sin(i)
        errors = int(np.clip(per + 2 * hard + rng.normal(0, 0.5), 0, 10))
        row = {"id": f"u{i}", "dialect": ("xian", "wuhan")[i % 2], "kind": "sentence"}
        row |= {"text": f"{text}{i}", "audio": "", "problems": ""}
        row |= PER.of(errors, 10) | {"mos": mos + hard + rng.normal(0, 0.1), "pace": 4.0}
        if i not in skip:
            rows.append(row)
    figures = summarise(rows, [PER, MOS, PACE])
    write_results(folder, rows, {"system": folder.name, "figures": figures})
    return folder


def pair(*folders):
    return compare_systems(read_systems(folders))["pairs"][0]["figures"]


def test_pairing_finds_what_single_intervals_cannot(tmp_path):
    good = results(tmp_path / "good", 1, per=2.0, mos=3.2)
    bad = results(tmp_path / "bad", 2, per=3.0, mos=3.0)
    report = compare_systems(read_systems([good, bad]))
    values = report["figures"]["mos"]["values"]["all"]
    assert values[0]["low"] < values[1]["high"]  # the intervals overlap
    found = report["pairs"][0]["figures"]
    assert (found["mos"]["verdict"], found["per"]["verdict"]) == ("better", "better")
    gap = found["mos"]["differences"]["all"]
    assert gap["low"] < 0.2 < gap["high"] and gap["high"] - gap["low"] < 0.1
    assert found["mos"]["differences"]["xian"]["utterances"] == 30
    assert found["pace"]["verdict"] == "not sure" and found["pace"]["p_corrected"] == 1.0
    assert pair(bad, good)["mos"]["verdict"] == "worse"


def test_equal_systems_are_rarely_told_apart(tmp_path):
    sure = 0
    for i in range(12):
        one = results(tmp_path / f"a{i}", 100 + i, count=30)
        other = results(tmp_path / f"b{i}", 200 + i, count=30)
        sure += pair(one, other)["mos"]["verdict"] != "not sure"
    assert sure <= 2


def test_a_figure_counts_where_both_systems_have_it(tmp_path):
    one, other = results(tmp_path / "one", 1), results(tmp_path / "other", 1)
    systems = read_systems([one, other])
    for i in range(10):
        systems[1].rows[f"u{i}"]["mos"] = None
    gap = compare_systems(systems)["pairs"][0]["figures"]["mos"]["differences"]["all"]
    assert gap["utterances"] == 50 and gap["value"] == 0


def test_mismatched_ids_are_named_and_the_page_written(tmp_path, capsys):
    one = results(tmp_path / "one", 1)
    two = results(tmp_path / "two", 2, per=6.0, skip=(3, 4))
    three = results(tmp_path / "three", 3, count=70)
    out = tmp_path / "out"
    assert main([str(one), str(two), str(three), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "two lacks 12: u3, u4, u60" in said and "one against two:" in said
    report = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    assert report["utterances"] == 58 and len(report["pairs"]) == 3
    page = (out / "compare.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3 and "u3, u4" in page and "one against three" in page


def test_wrong_folders_are_named(tmp_path, capsys):
    one = results(tmp_path / "one", 1)
    other = results(tmp_path / "other", 1, text="二")
    with pytest.raises(CorpusError, match="two or more different folders"):
        read_systems([one, one])
    with pytest.raises(CorpusError, match="no utterance is in every folder with one text"):
        compare_systems(read_systems([one, other]))
    assert main([str(one), str(tmp_path)]) == 1
    assert f"{tmp_path}: no results" in capsys.readouterr().err


def test_systems_called_alike_go_by_their_folders(tmp_path):
    one, other = results(tmp_path / "a" / "x", 1), results(tmp_path / "b" / "x", 2)
    assert [s.name for s in read_systems([one, other])] == [str(one), str(other)]
