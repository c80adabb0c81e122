"""What a finished corpus holds: Parquet that `datasets` plays, manifest, splits, times."""

import hashlib
import io
import json
from pathlib import Path

import pytest
import soundfile

from corpus_tools.build import build_corpora
from corpus_tools.gates import GateSettings
from corpus_tools.settings import AlignSettings, SplitSettings
from corpus_tools.splits import text_key
from diamoe.corpus import open_corpus
from diamoe.recogniser.model import RecogniserConfig
from tests.corpus_tools.building import contents, make_settings


def test_parquet_opens_and_plays(source: Path, tmp_path: Path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    build_corpora(make_settings(source, tmp_path / "out", corpus=["words"]))
    folder = tmp_path / "out/words"
    files = str(folder / "parquet/*.parquet")
    loaded = datasets.load_dataset(
        "parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache")
    )
    cuts = {cut.id: cut for cut in open_corpus(folder)}
    assert isinstance(loaded.features["audio"], datasets.Audio)
    encoded = loaded.cast_column("audio", datasets.Audio(decode=False))
    assert len(encoded) == len(cuts)
    for row in encoded:
        cut = cuts[row["id"]]
        wave, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]), dtype="float32")
        assert rate == 24_000
        assert (wave == cut.load_audio()[0]).all()
        assert row["phones"] == cut.supervisions[0].custom["phones"]
        assert (row["licence"], row["attribution"]) == ("CC0-1.0", "nobody")


def test_manifest_lists_sources_and_files(source: Path, tmp_path: Path):
    build_corpora(make_settings(source, tmp_path, corpus=["side"]))
    folder = tmp_path / "side"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (entry,) = manifest["sources"]
    assert entry["licence"] == "CC0-1.0" and entry["attribution"] == "nobody"
    listed = {f["path"]: f["sha256"] for f in manifest["files"]}
    assert {"cuts.000000.jsonl.gz", "recording.000000.tar", "rejected.jsonl"} <= set(listed)
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_splits_share_no_text_and_stay_when_data_is_added(source: Path, tmp_path: Path):
    def split_texts(out: Path) -> tuple[set[str], set[str]]:
        return tuple(  # type: ignore[return-value]
            {
                text_key(t)
                for cut in open_corpus(out / name)
                for t in cut.supervisions[0].text.replace("，", " ").split()
            }
            for name in ("words", "words_heldout")
        )

    single = {"corpus": ["words"], "join": make_settings(source, tmp_path).join}
    build_corpora(make_settings(source, tmp_path / "before", **single))
    train, held = split_texts(tmp_path / "before")
    assert held and not held & train
    table = source / "words/transcripts.tsv"
    lines = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([lines[0], *lines[9:], *lines[1:9]]) + "\n", encoding="utf-8")
    build_corpora(make_settings(source, tmp_path / "after", **single))
    assert split_texts(tmp_path / "after")[1] == held


def test_held_out_speakers_are_never_trained_on(source: Path, tmp_path: Path):
    changes = {"corpus": ["words"], "split": SplitSettings(texts=0.25, speakers=0.35)}
    build_corpora(make_settings(source, tmp_path, **changes))
    speakers = [
        {cut.supervisions[0].speaker for cut in open_corpus(tmp_path / name)}
        for name in ("words", "words_heldout")
    ]
    assert speakers == [{"ben"}, {"ann", "ben"}]


def test_times_by_a_recogniser_of_the_corpus_own(source: Path, tmp_path: Path, monkeypatch):
    small = RecogniserConfig(dim=16, blocks=1, kernel=3)
    monkeypatch.setattr("corpus_tools.hearing.own_sizes", lambda: small)
    align = AlignSettings(recogniser="train", steps=4)
    # It has learnt next to nothing; tones are not natural, if weights that judge it are at hand.
    gates = GateSettings(min_align_score=-99.0, nisqa="none", dnsmos="none")
    settings = make_settings(source, tmp_path, corpus=["words"], align=align, gates=gates)
    build_corpora(settings)
    (cut, *_) = open_corpus(tmp_path / "words")
    supervision = cut.supervisions[0]
    words, phones = supervision.alignment["word"], supervision.alignment["phone"]
    assert "".join(w.symbol for w in words) == supervision.text.replace("，", "")
    assert phones[-1].end == pytest.approx(cut.duration, abs=1e-3)
    assert all(a.end <= b.start + 1e-3 for a, b in zip(words, words[1:], strict=False))
    before = contents(tmp_path)
    build_corpora(settings)
    assert contents(tmp_path) == before
