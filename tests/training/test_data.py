"""Speech changed on the fly: times follow, and turns can be taken up again."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch

from diamoe.audio.augment import PerturbConfig
from diamoe.audio.mel import MelConfig
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.data import CHANGE, DataConfig, EndlessBatches, SpeechData
from tests.training.corpus import make_corpus


def data(folder: Path, share: float) -> SpeechData:
    config = DataConfig(corpora=[str(folder)], workers=0, perturb=PerturbConfig(share, 0.2, 3.0))
    made = SpeechData(config, PhoneVocabulary.default(), MelConfig())
    made.setup()
    return made


def test_changed_batches_stay_consistent(tmp_path: Path):
    folder = make_corpus(tmp_path / "corpus")
    plain, changed = data(folder, 0.0), data(folder, 1.0)
    for first, second in zip(
        islice(EndlessBatches(plain.cuts, plain.config), 3),
        islice(EndlessBatches(changed.cuts, changed.config), 3),
        strict=True,
    ):
        assert [c.id for c in first] == [c.id for c in second]
        batches = plain.batches[first], changed.batches[second]
        for batch in batches:
            assert torch.equal(batch.durations.sum(1), batch.frames)
            assert bool((batch.durations >= 0).all())
        assert torch.equal(batches[0].ids, batches[1].ids)
        for cut, before, after in zip(second, batches[0].frames, batches[1].frames, strict=True):
            assert abs(float(before / after) - cut.custom[CHANGE].speed) < 0.03


def test_changes_are_drawn_anew_and_again_alike(tmp_path: Path):
    made = data(make_corpus(tmp_path / "corpus"), 0.7)
    long = [
        [c.custom[CHANGE] for c in b] for b in islice(EndlessBatches(made.cuts, made.config), 6)
    ]
    taken_up = EndlessBatches(made.cuts, made.config, start=4)
    assert [[c.custom[CHANGE] for c in b] for b in islice(taken_up, 2)] == long[4:6]
    assert len({str(batch) for batch in long}) == len(long)


def test_off_by_default(tmp_path: Path):
    made = data(make_corpus(tmp_path / "corpus"), 0.0)
    batch = next(iter(EndlessBatches(made.cuts, replace(made.config, perturb=PerturbConfig()))))
    assert all(not (cut.custom or {}).get(CHANGE) for cut in batch)
