"""Perturbed copies of training utterances beside the originals."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus_tools.augmenting import Copy
from corpus_tools.build import build_corpora
from corpus_tools.cuts import Spoken
from corpus_tools.joining import Joined, Word
from corpus_tools.settings import AugmentSettings
from diamoe.corpus import open_corpus
from diamoe.errors import ConfigError
from diamoe.text.phones import PhoneSeq
from tests.corpus_tools.building import contents, make_settings

TWO = AugmentSettings(copies=2, speed=0.2, semitones=2.0)


@pytest.fixture
def spoken(make_burst) -> Spoken:
    wave = make_burst(0.4)
    seq = PhoneSeq.parse("m ˈaᴴᴴ | 。", "putonghua")
    joined = Joined(wave, "妈", seq, (Word("m ˈaᴴᴴ", 0.0, 1.0),), (("妈", 1),))
    phone = [("_", 0.0, 0.3), ("m", 0.3, 0.1), ("ˈaᴴᴴ", 0.4, 0.3), ("。", 0.7, 0.3)]
    times = {"id": "x", "phone": phone, "word": [("妈", 0.3, 0.4)], "score": -0.5}
    return Spoken("x", joined, "ann", times, {"speech": 0.4, "rate": 5.0, "snr": 40.0})


@pytest.mark.parametrize("number", range(1, 6))
def test_times_go_with_the_sound(spoken: Spoken, number: int):
    made = Copy(number, 0.2, 2.0).of(spoken, seed=1)
    assert made.id == f"x-aug{number}" and made.augmented["of"] == "x"
    speed = made.augmented["speed"]
    assert 1 / 1.2 <= speed <= 1.2 and abs(made.augmented["semitones"]) <= 2
    assert len(made.joined.wave) == round(24_000 / speed)
    assert made.joined.words[-1].end == pytest.approx(1 / speed)
    for tier in ("phone", "word"):
        for old, new in zip(spoken.times[tier], made.times[tier], strict=True):
            assert new[0] == old[0]
            assert new[1:] == pytest.approx([t / speed for t in old[1:]], abs=2e-5)
    assert made.times["score"] == -0.5
    assert made.quality["rate"] == pytest.approx(5 * speed, abs=1e-3)
    assert made.quality["snr"] == 40.0
    loud = np.flatnonzero(np.abs(made.joined.wave) > 0.05) / 24_000
    assert loud[[0, -1]] == pytest.approx([0.3 / speed, 0.7 / speed], abs=0.03)


def test_drawn_by_name_and_seed(spoken: Spoken):
    first, second = Copy(1, 0.2, 2.0), Copy(2, 0.2, 2.0)
    assert (first.of(spoken, 1).joined.wave == first.of(spoken, 1).joined.wave).all()
    others = second.of(spoken, 1), first.of(spoken, 2), first.of(replace(spoken, id="y"), 1)
    drawn = [made.augmented for made in (first.of(spoken, 1), *others)]
    assert len({(d["speed"], d["semitones"]) for d in drawn}) == 4


def test_copies_of_training_utterances_alone(source: Path, tmp_path: Path):
    plain, more = (tmp_path / name for name in ("plain", "more"))
    build_corpora(make_settings(source, plain, corpus=["words"]))
    build_corpora(make_settings(source, more, corpus=["words"], augment=TWO))
    before, after = contents(plain), contents(more)
    described = ("card.json", "manifest.json", "README.md")
    kept = {name for name in before if not name.endswith(described)}
    assert all(after[name] == before[name] for name in kept)
    added = {name for name in after if name not in before}
    assert added and all(name.startswith("words/") for name in added)
    cuts = {cut.id: cut for cut in open_corpus(more / "words")}
    copies = {name: cut for name, cut in cuts.items() if "-aug" in name}
    real = [name for name in cuts if name not in copies]
    assert set(copies) == {f"{name}-aug{n}" for name in real for n in (1, 2)}
    for cut in copies.values():
        custom = cut.supervisions[0].custom
        original = cuts[custom["augmented"]["of"]]
        assert cut.supervisions[0].text == original.supervisions[0].text
        assert len(cut.load_audio()[0]) == round(
            original.num_samples / custom["augmented"]["speed"]
        )
    card, plain_card = (json.loads((o / "words/card.json").read_text()) for o in (more, plain))
    hours = sum(cut.duration for cut in copies.values()) / 3600
    assert card["augmented"]["utterances"] == len(copies)
    assert card["augmented"]["hours"] == pytest.approx(hours, abs=1e-4)
    for key in ("hours", "utterances", "recordings", "hours_by_dialect"):
        assert card[key] == plain_card[key]
    manifest = json.loads((more / "words/manifest.json").read_text())
    assert manifest["augmented"] == card["augmented"]
    assert f"{len(copies)} copies" in (more / "words/README.md").read_text("utf-8")


def test_the_same_bytes_however_often_and_by_how_many(source: Path, tmp_path: Path):
    settings = make_settings(source, tmp_path / "one", corpus=["words"], augment=TWO)
    build_corpora(settings)
    build_corpora(replace(settings, out=str(tmp_path / "two"), workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_copies_that_are_there_are_not_made_again(source: Path, tmp_path: Path):
    settings = make_settings(source, tmp_path, corpus=["words"], augment=TWO)
    build_corpora(settings)
    parts = {p: p.stat().st_mtime_ns for p in (tmp_path / ".parts/words").glob("augment-*/*")}
    build_corpora(replace(settings, augment=replace(TWO, copies=3)))
    found = {p: p.stat().st_mtime_ns for p in (tmp_path / ".parts/words").glob("augment-*/*")}
    assert parts and len(found) == len(parts) * 3 // 2
    assert all(found[p] == time for p, time in parts.items())


@pytest.mark.parametrize(
    "wrong",
    [
        AugmentSettings(copies=-1),
        AugmentSettings(copies=1, speed=0.0, semitones=0.0),
        AugmentSettings(speed=0.9),
        AugmentSettings(semitones=12.0),
    ],
)
def test_settings_that_cannot_work(source: Path, tmp_path: Path, wrong: AugmentSettings):
    with pytest.raises(ConfigError, match="augment"):
        build_corpora(make_settings(source, tmp_path, augment=wrong))
