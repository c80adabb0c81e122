"""Batches of training speech: their shares, their order, and what they say of a fault."""

from itertools import islice
from pathlib import Path

import pytest
import torch

from diamoe.audio.augment import PerturbConfig
from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.data import SpeechData
from diamoe.training.sampling import DialectOrder, Draws, EndlessBatches
from diamoe.training.settings import DataConfig
from diamoe.training.shards import find_corpora
from tests.training.corpus import make_corpus


def data(folder: Path, share: float = 0.0) -> SpeechData:
    config = DataConfig(corpora=[str(folder)], workers=0, perturb=PerturbConfig(share, 0.2, 3.0))
    made = SpeechData(config, PhoneVocabulary.default(), MelConfig())
    made.setup()
    return made


def drawn(batches: EndlessBatches, count: int) -> list[Draws]:
    return list(islice(batches, count))


def test_changed_batches_stay_consistent(tmp_path: Path):
    folder = make_corpus(tmp_path / "corpus")
    plain, changed = data(folder), data(folder, 1.0)
    for first, second in zip(drawn(plain.sampled(), 3), drawn(changed.sampled(), 3), strict=True):
        batches = plain.loaded(first), changed.loaded(second)
        assert batches[0].cuts == batches[1].cuts
        for batch in batches:
            assert torch.equal(batch.durations.sum(1), batch.frames)
            assert bool((batch.durations >= 0).all())
        assert torch.equal(batches[0].ids, batches[1].ids)
        for draw, before, after in zip(
            second.utterances, batches[0].frames, batches[1].frames, strict=True
        ):
            assert abs(float(before / after) - draw.change.speed) < 0.03


def test_changes_are_drawn_anew_and_again_alike(tmp_path: Path):
    made = data(make_corpus(tmp_path / "corpus"), 0.7)
    long = drawn(made.sampled(), 6)
    assert drawn(made.sampled(start=4), 2) == long[4:6]
    assert len({str(batch) for batch in long}) == len(long)
    assert all(
        d.change.is_none for d in drawn(data(tmp_path / "corpus").sampled(), 1)[0].utterances
    )


def test_processes_share_the_batches_of_one(tmp_path: Path):
    made = data(make_corpus(tmp_path / "corpus"))
    alone = drawn(made.sampled(), 8)
    first, second = (drawn(made.sampled(rank=r, world=2), 4) for r in (0, 1))
    assert [b for pair in zip(first, second, strict=True) for b in pair] == alone


def test_a_later_epoch_is_taken_up_without_the_earlier_ones():
    seconds = [1.0 + 0.1 * (n % 7) for n in range(50)]
    order = DialectOrder(range(50), seconds, [n % 3 for n in range(50)], seed=5)
    batches = EndlessBatches(order, 8.0)
    whole = drawn(batches, 40)
    epoch, first = batches.mark_of(30)
    assert epoch >= 2 and first <= 30
    resumed = EndlessBatches(order, 8.0, start=30, mark=(epoch, first))
    assert drawn(resumed, 10) == whole[30:]


def test_small_dialects_are_heard_and_none_is_forgotten():
    dialects = [0] * 90 + [1] * 10
    order = DialectOrder(range(100), [2.0] * 100, dialects, temperature=2.0)
    epochs = [order.epoch(n) for n in range(4)]
    assert [sum(n >= 90 for n in epoch) for epoch in epochs] == [25] * 4
    heard = [n for epoch in epochs for n in epoch if n < 90]
    assert set(heard) == set(range(90)), "every utterance of the large dialect has its turn"
    assert max(map(heard.count, range(90))) - min(map(heard.count, range(90))) <= 1
    assert epochs[0] != epochs[1]


def test_patterns_and_what_they_miss(tmp_path: Path):
    for name in ("b_train", "a_train", "a_test"):
        make_corpus(tmp_path / name, 2)
    found = find_corpora([f"{tmp_path}/*_train", f"{tmp_path}/a_train"])
    assert [Path(f).name for f in found] == ["a_train", "b_train"]
    with pytest.raises(ConfigError, match="no folder matches"):
        find_corpora([f"{tmp_path}/*_dev"])
    with pytest.raises(ConfigError, match="temperature"):
        DialectOrder([0], [1.0], [0], temperature=0.5)


@pytest.mark.parametrize("kind", ["cuts", "recording"])
def test_a_shard_that_was_cut_short_is_named(tmp_path: Path, kind: str):
    folder = make_corpus(tmp_path / "corpus")
    shard = next(folder.glob(f"{kind}.*"))
    shard.write_bytes(shard.read_bytes()[: shard.stat().st_size // 2])
    with pytest.raises(CorpusError, match=shard.name):
        data(folder)


def test_a_sound_that_is_garbage_is_named_with_its_shard(tmp_path: Path):
    folder = make_corpus(tmp_path / "corpus")
    made = data(folder)
    batch = drawn(made.sampled(), 1)[0]
    shard, start, size = made.store.places[batch.utterances[0].number]
    tar = made.store.tars[shard]
    with tar.open("r+b") as file:
        file.seek(start)
        file.write(b"\0" * size)
    name = made.store.manifest(batch.utterances[0].number)["id"]
    with pytest.raises(CorpusError, match=f"{tar.name}: the sound of {name}"):
        made.loaded(batch)
