"""The build command from folders of recordings to finished corpora."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus_tools.build import build_corpora
from corpus_tools.gates import GateSettings
from corpus_tools.settings import AlignSettings, BuildSettings, JoinSettings, SplitSettings
from corpus_tools.splits import HELDOUT, split_of
from diamoe.corpus import open_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary


def cuts_of(folder: Path) -> list:
    return list(open_corpus(folder))


@pytest.fixture
def settings(source: Path, tmp_path: Path) -> BuildSettings:
    return BuildSettings(
        source=str(source),
        out=str(tmp_path / "out"),
        corpus=["words", "syllables", "meta", "side"],
        table=str(source / "table.yaml"),
        workers=1,
        split=SplitSettings(texts=0.25),
        align=AlignSettings(recogniser="none"),
        gates=GateSettings(dnsmos="none", nisqa="none"),
        shard_size=3,
        part=8,
    )


def test_all_layouts_end_to_end(settings: BuildSettings):
    build_corpora(settings)
    out = Path(settings.out)
    assert [path.name for path in out.glob(".*")] == [".parts"]
    vocabulary = PhoneVocabulary.default()
    for name in settings.corpus:
        card = json.loads((out / name / "card.json").read_text("utf-8"))
        cuts = cuts_of(out / name)
        assert card["utterances"] == len(cuts)
        assert card["licence"] == "CC0-1.0" and card["attribution"] == "nobody"
        for cut in cuts:
            (supervision,) = cut.supervisions
            vocabulary.encode(PhoneSeq.parse(supervision.custom["phones"], supervision.language))
            wave = cut.load_audio()[0]
            assert cut.sampling_rate == 24_000 and np.abs(wave).max() < 0.95
            assert len(wave) == cut.num_samples
            words = supervision.custom["words"]
            assert words[-1][2] == pytest.approx(cut.duration, abs=1e-4)
            joined = PhoneSeq.parse(supervision.custom["phones"], "putonghua").phones
            spoken = [p.token for p in joined if not p.is_pause]
            parts = [PhoneSeq.parse(w[0], "putonghua").phones for w in words]
            assert spoken == [p.token for part in parts for p in part if not p.is_pause]


def test_heldout_texts_are_disjoint(settings: BuildSettings):
    build_corpora(replace(settings, corpus=["words"]))
    out = Path(settings.out)
    held = {c.supervisions[0].text for c in cuts_of(out / "words_heldout")}
    train = [w for c in cuts_of(out / "words") for w in c.supervisions[0].custom["words"]]
    assert held and all(split_of(t, "ann", SplitSettings(texts=0.25)) == HELDOUT for t in held)
    cards = [json.loads((out / n / "card.json").read_text()) for n in ("words", "words_heldout")]
    assert len(train) == cards[0]["recordings"]
    assert sum(c["recordings"] for c in cards) == 32


def test_rejections_are_listed(settings: BuildSettings):
    source = Path(settings.source)
    (source / "words/audio/w0.wav").write_bytes(b"")
    (source / "words/audio/w1.wav").write_bytes(b"<!doctype html><p>404</p>")
    build_corpora(replace(settings, corpus=["words", "syllables", "meta"]))
    out = Path(settings.out)
    reasons = {
        record["id"]: record["kind"]
        for name in ("words", "syllables", "meta")
        for record in map(json.loads, (out / name / "rejected.jsonl").open("rb"))
    }
    assert reasons["w0"] == "empty" and reasons["w1"] == "not audio"
    assert reasons["_hm1"] == "interjection" and reasons["ba5"] == "refused"
    assert reasons["m3"] == "brackets"
    card = json.loads((out / "words/card.json").read_text("utf-8"))
    assert card["rejected"] == {"empty": 1, "not audio": 1}


def test_finished_corpora_are_kept_until_settings_change(settings: BuildSettings):
    settings = replace(settings, corpus=["words"])
    card = Path(settings.out) / "words/card.json"
    build_corpora(settings)
    first = card.stat().st_mtime_ns
    build_corpora(settings)
    assert card.stat().st_mtime_ns == first
    build_corpora(replace(settings, join=JoinSettings(passes=2)))
    assert card.stat().st_mtime_ns != first


def test_result_does_not_depend_on_the_number_of_workers(settings: BuildSettings, tmp_path):
    settings = replace(settings, corpus=["words"])
    build_corpora(settings)
    other = replace(settings, out=str(tmp_path / "other"), workers=2)
    build_corpora(other)
    pair = (cuts_of(Path(s.out) / "words") for s in (settings, other))
    for a, b in zip(*pair, strict=True):
        assert a.supervisions == b.supervisions
        assert (a.load_audio() == b.load_audio()).all()


def test_foreign_folder_is_not_overwritten(settings: BuildSettings):
    foreign = Path(settings.out) / "side"
    foreign.mkdir(parents=True)
    (foreign / "thesis.txt").write_text("dear")
    with pytest.raises(CorpusError, match="not a prepared corpus"):
        build_corpora(settings)
    assert (foreign / "thesis.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"corpus": ["wrods"]}, ConfigError, "unknown corpora wrods; known: cmn_words_tan"),
        ({"source": "nowhere"}, CorpusError, "source=nowhere: no such folder"),
        ({"part": 0}, ConfigError, "part: .* allowed: at least 1"),
        ({"join": JoinSettings(seconds=(5.0, 2.0))}, ConfigError, "join.seconds"),
        ({"table": "nowhere.yaml"}, ConfigError, "no such file"),
    ],
)
def test_settings_that_cannot_work(settings: BuildSettings, change, error, message):
    with pytest.raises(error, match=message):
        build_corpora(replace(settings, **change))


def test_nothing_left(settings: BuildSettings):
    for path in Path(settings.source).glob("side/part/*.wav"):
        path.write_bytes(b"")
    with pytest.raises(CorpusError, match="side: nothing left .* of 3 recordings 3 were rejected"):
        build_corpora(replace(settings, corpus=["side"]))
    assert [path.name for path in Path(settings.out).iterdir()] == [".parts"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "recogniser"),
    [
        ("cmn_words_tan", "shipped"),
        ("yue_syllables_kt", "shipped"),
        ("nld_nathalie", "none"),  # the shipped one knows no Dutch
    ],
)
def test_a_few_real_recordings(shared: Path, tmp_path: Path, name: str, recogniser: str):
    build_corpora(
        BuildSettings(
            source=str(shared / "data"),
            out=str(tmp_path),
            corpus=[name],
            workers=1,
            limit=40,
            align=AlignSettings(recogniser=recogniser),
        )
    )
    cards = [
        json.loads((tmp_path / n / "card.json").read_text()) for n in (name, f"{name}_heldout")
    ]
    assert sum(c["recordings"] for c in cards) >= 36
    assert 0.4 < sum(c["hours"] for c in cards) / cards[0]["hours_read"] < 1.1
