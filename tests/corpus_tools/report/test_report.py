"""The report: what it counts, and a page that stands by itself."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from corpus_tools.report.charts import contour, histogram
from corpus_tools.report.coverage import coverage, inventory
from corpus_tools.report.left_out import LeftOut, read_left_out, rescues
from corpus_tools.report.page import Html, page, table
from corpus_tools.report.pitch import PitchTally
from corpus_tools.report.sections import left_out_section, pitch_section, rescue_section
from corpus_tools.report.tally import DialectTally, Tally, read_cuts, tally_corpora
from corpus_tools.report.write import ReportSettings, write_report
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.phones import PhoneSeq
from tests.training.corpus import make_corpus

VOID = {"meta", "br", "line", "rect", "polyline", "polygon"}


class Checker(HTMLParser):
    """Every element that is opened is closed, and nothing is fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.counts: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for name, value in attrs:
            assert name not in ("src", "href") or value.startswith(("data:", "#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def check(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    assert not checker.open and "http" not in html
    return checker


def write_card(folder: Path) -> None:
    card = {"name": folder.name, "hours": 0.01, "utterances": 6, "speakers": ["anna"]}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = make_corpus(tmp_path / "some", 6)
    write_card(folder)
    rows = [
        {"id": "a", "stage": "text", "kind": "no phones", "detail": "x", "character": "嘅"},
        {"id": "b", "stage": "text", "kind": "no phones", "detail": "x", "character": "嘅"},
        {"id": "c", "stage": "gates", "kind": "noise", "detail": "<script>", "seconds": 7200.0},
    ]
    text = "".join(json.dumps(row | {"speaker": "anna"}) + "\n" for row in rows)
    (folder / "rejected.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_page(corpus: Path, tmp_path: Path):
    out = tmp_path / "pages/report.html"
    write_report(ReportSettings([str(corpus)], str(out), worst=4, sample=5))
    html = out.read_text(encoding="utf-8")
    counts = check(html).counts
    assert counts["section"] == 8 and counts["svg"] >= 3
    assert "嘅" in html and "U+5605" in html and "<script>" not in html
    assert ">2.00<" in html  # hours that the noise gate took


def test_worst_utterances_have_sound(corpus: Path, tmp_path: Path):
    import gzip

    shard = sorted(corpus.glob("cuts.*"))[0]
    records = list(read_cuts(corpus))
    for i, record in enumerate(records):
        record["supervisions"][0]["custom"]["align_score"] = -float(i)
    with gzip.open(shard, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)
    tally = tally_corpora([corpus], worst=2, sample=0)
    assert [w.score for w in tally.worst_first()] == [-5.0, -4.0]
    out = tmp_path / "report.html"
    write_report(ReportSettings([str(corpus)], str(out), worst=2, sample=0))
    html = out.read_text(encoding="utf-8")
    assert check(html).counts["audio"] == 2
    assert len(re.findall(r'src="data:audio/ogg;base64,T2dn', html)) == 2  # "OggS"


def test_faults_are_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="corpora"):
        write_report(ReportSettings())
    with pytest.raises(CorpusError, match="nothing"):
        write_report(ReportSettings([str(tmp_path / "nothing")]))
    with pytest.raises(ConfigError, match="worst"):
        ReportSettings(worst=-1)
    write_card(tmp_path)
    (tmp_path / "rejected.jsonl").write_text("{}\nhello\n")
    with pytest.raises(CorpusError, match="line 1"):
        list(read_left_out(tmp_path))


def test_lists_of_the_teacher(tmp_path: Path):
    reason = "cannot read '嶈' (U+5D88) at character 1 of '嶈' in chengdu"
    (tmp_path / "rejected.tsv").write_text(f"id\treason\nx\t{reason}\ny\tclipped: 3 ms\n")
    rows = list(read_left_out(tmp_path))
    assert (rows[0].kind, rows[0].character, rows[0].dialect) == ("no phones", "嶈", "chengdu")
    assert (rows[1].kind, rows[1].detail) == ("clipped", "3 ms")


def test_rescues_are_ordered_and_few():
    rows = [LeftOut(str(i), "no phones", character=chr(0x4E00 + i % 30)) for i in range(100)]
    rows += [LeftOut("z", "no phones", character="嘅", seconds=2.0)] * 9
    found = rescues(rows)
    assert len(found) == 10
    assert (found[0].character, found[0].recordings, found[0].seconds) == ("嘅", 9, 18.0)
    assert "嘅" in rescue_section(rows) and "no phones" in left_out_section(rows)


def test_coverage_names_what_is_missing():
    tally = DialectTally()
    tally.phones.update({"m": 20, "a": 5})
    tally.tones.update({"ᴴᴴ": 3})
    found = coverage("putonghua", tally)
    assert "pʰ" in found.missing_phones and "m" not in found.missing_phones
    assert found.rare == {"a": 5}
    assert len(found.missing_tones) == 3 and list(found.tones.values()) == [3]
    assert not coverage("german", tally).has_inventory
    assert len(inventory("cantonese")) > 25


def test_samples_are_bounded_and_do_not_depend_on_order(corpus: Path):
    records = list(read_cuts(corpus))
    chosen = []
    for ordered in (records, records[::-1]):
        tally = Tally(2, 2)
        for record in ordered:
            tally.add("some", record)
        chosen.append({k: sorted(v) for k, v in tally.chosen.items()})
    assert chosen[0] == chosen[1] and all(len(v) <= 2 for v in chosen[0].values())


def test_measured_contours_of_known_pitch():
    pitch, rate = PitchTally(), 24_000
    seq = PhoneSeq.parse("m ˈaᴴᴴ | m ˈaᴴᴸ | 。", "putonghua")
    times = [("_", 0.0, 0.1), ("m", 0.1, 0.1), ("ˈaᴴᴴ", 0.2, 0.3), ("m", 0.5, 0.1)]
    times += [("ˈaᴴᴸ", 0.6, 0.3), ("。", 0.9, 0.0), ("_", 0.9, 0.1)]
    time = np.arange(rate) / rate
    hertz = np.interp(time, [0.0, 0.55, 0.6, 0.9, 1.0], [300.0, 300.0, 300.0, 150.0, 150.0])
    phase = 2 * np.pi * np.cumsum(hertz) / rate
    wave = sum(np.sin(k * phase) / k for k in range(1, 10)).astype(np.float32) * 0.1
    for _ in range(10):
        pitch.add("ann", seq, times, wave, rate)
    level, falling = sorted(pitch.tones("putonghua"), key=lambda t: t.contour)[::-1]
    assert (level.contour, falling.contour) == ("55", "51")
    assert level.measured.mean() == pytest.approx(5, abs=0.3)
    assert falling.likeness > 0.95 and falling.distance < 0.8
    assert level.syllables == 10
    pitch.add("ann", PhoneSeq.parse("m ˈaᴴᴹ | 。", "zhengzhou"), times, wave, rate)
    page = pitch_section(["putonghua", "zhengzhou"], pitch)
    assert "zhengzhou: 1 utterances not measured" in page and "ᴴᴹ" in page and "<svg" in page


def test_charts_and_tables():
    check(histogram({0: 3, 5: 1, 1000: 1}, 0.5, "a <b>", "s"))
    assert "not measured" in histogram({}, 1.0, "x", "s")
    line = np.linspace(1, 5, 7)
    check(contour(line, line[::-1], np.ones(7), "1 & 2"))
    html = table(["a"], [["<b>"], [Html("<b>x</b>")], [1234], [0.5]])
    assert "&lt;b&gt;" in html and "<b>x</b>" in html and "1,234" in html and "0.50" in html
    check(page("<t>", [("h & h", "<p>x</p>")]))
