"""Adapters in a model: nothing at initialisation, their own rows only, and out again."""

import pytest
import torch
from torch import nn

from diamoe.adaptation.attaching import (
    AdapterShape,
    adapter_names,
    adapter_parameters,
    attach,
    detach,
    fitted,
    grow,
)
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticConfig, AcousticModel
from diamoe.model.adapters import AdapterRef, ConditioningAdapter, dialect_id, using
from diamoe.model.dit import DiTConfig
from diamoe.text.vocabulary import PhoneVocabulary
from tests.adaptation.adapters import NANJING, SHAPE, WUHAN, everything, put_in
from tests.factory import VOCABULARY, tiny_model


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("route", ["id", "parent", "expert"])
def test_a_fresh_adapter_computes_what_the_base_does_bit_for_bit(route):
    model = tiny_model()
    expected = everything(model)
    put_in(model, NANJING, AdapterShape(2, 0, route, 1, ["i"], ["ˈᴹᴸ"]))
    assert same(everything(model), expected)
    with using([NANJING]):
        assert same(everything(model), expected)


def test_switched_off_the_base_is_bit_identical_and_on_it_is_not():
    model = tiny_model()
    expected = everything(model)
    put_in(model, NANJING, spread=0.1)
    assert same(everything(model), expected)
    with using([NANJING]):
        changed = everything(model)
    for before, after in zip(expected, changed, strict=True):
        assert (before - after).abs().max() > 1e-3
    assert same(everything(model), expected)


@pytest.mark.parametrize("route", ["id", "expert"])
def test_every_row_of_a_batch_goes_through_its_own_adapter(route):
    model = tiny_model()
    shape = AdapterShape(2, 0, route, 1, ["i", "n"], ["ˈᴹᴸ"])
    put_in(model, NANJING, shape, spread=0.1)
    put_in(model, WUHAN, spread=0.1)
    alone = {}
    for ref in (NANJING, WUHAN, None):
        with using([ref]):
            alone[ref] = everything(model)
    rows = [NANJING, None, WUHAN, NANJING]
    with using(rows):
        mixed = everything(model)
    for row, ref in enumerate(rows):
        for one, of_all in zip(alone[ref], mixed, strict=True):
            torch.testing.assert_close(of_all[row], one[row], rtol=1e-4, atol=1e-5)


def test_padding_and_batch_mates_change_nothing_through_an_adapter():
    model = tiny_model()
    put_in(model, NANJING, spread=0.1)
    with using([NANJING]):
        _, alone_durations, alone = everything(model, rows=[1])
        _, durations, padded = everything(model, rows=[1, 2], extra=5)
    torch.testing.assert_close(padded[0, : alone.shape[1]], alone[0], rtol=1e-4, atol=1e-5)
    size = alone_durations.shape[1]
    torch.testing.assert_close(durations[0, :size], alone_durations[0], rtol=1e-4, atol=1e-5)


def test_rows_that_do_not_fit_a_batch_are_an_error():
    model = tiny_model()
    with using([None, None, None]), pytest.raises(ValueError, match="3 adapter rows"):
        put_in(model, NANJING)
        everything(model)


def test_taken_out_the_others_stay_as_they_are():
    model = tiny_model()
    expected = everything(model)
    put_in(model, NANJING, spread=0.1)
    with using([NANJING]):
        changed = everything(model)
    put_in(model, WUHAN, spread=0.1)
    detach(model, WUHAN)
    assert adapter_names(model) == ["nanjing"]
    assert same(everything(model), expected)
    with using([NANJING]):
        assert same(everything(model), changed)


def test_only_the_adapter_learns_and_all_of_it_can():
    model = tiny_model()
    put_in(model, NANJING, spread=0.1)
    own = adapter_parameters(model, NANJING)
    for parameter in own.values():
        parameter.requires_grad_(True)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert len(trained) == len(own) and all("@nanjing" in name for name in trained)
    with using([NANJING]):
        everything_with_gradient(model)
    untouched = [n for n, p in own.items() if p.grad is None or not p.grad.abs().sum()]
    assert not untouched


def everything_with_gradient(model):
    sum(part.square().sum() for part in everything.__wrapped__(model)).backward()


def test_a_name_is_taken_once_and_a_segment_must_be_known():
    model = tiny_model()
    put_in(model, NANJING)
    with pytest.raises(AdapterError, match="already"):
        put_in(model, NANJING)
    with pytest.raises(AdapterError, match="no segment"):
        attach(model, WUHAN, AdapterShape(2, segments=["☃"]), VOCABULARY)


def test_a_dialect_of_an_adapter_is_heard_under_its_place():
    assert dialect_id("chengdu") == 5
    with using([AdapterRef("x", "mine", 7)]):
        assert dialect_id("mine") == 7
        assert dialect_id("chengdu") == 5


def test_new_phones_get_rows_and_old_ones_keep_theirs():
    few = PhoneVocabulary(VOCABULARY.tokens[:-3])
    torch.manual_seed(0)
    model = AcousticModel(tiny_model().config, few).eval()
    nn.init.normal_(model.dit.project_out.weight, std=0.1)
    expected = everything(model)
    put_in_few = AdapterShape(rank=2, segments=["i"], prosodies=[])
    attach(model, NANJING, put_in_few, few)
    longer = grow(model, few, VOCABULARY.tokens[-3:])
    assert longer == VOCABULARY
    assert same(everything(model), expected)
    new = [VOCABULARY.segments.index(s) for s in VOCABULARY.segments if s not in few.segments]
    shape = AdapterShape(rank=2, segments=[VOCABULARY.segments[i] for i in new], prosodies=[])
    attach(model, WUHAN, shape, longer)
    delta = adapter_parameters(model, WUHAN)["dit.text_encoder.embedding.segment.changes.delta"]
    assert delta.shape == (len(new), 16) and len(new) > 0


# The size of the original: 22 blocks of 1024, text of 512, about 350 million parameters.
SEED_SIZE = {"dim": 1024, "depth": 22, "heads": 16, "text_dim": 512, "modulation": "block"}


@pytest.mark.parametrize("dialect_segments", [60])
def test_at_the_seeds_size_an_adapter_is_within_1_percent_and_12_megabytes(dialect_segments):
    with torch.device("meta"):
        model = AcousticModel(AcousticConfig(DiTConfig(**SEED_SIZE)), VOCABULARY)
    base = sum(p.numel() for p in model.parameters())
    assert 3.3e8 < base < 3.8e8
    segments = list(VOCABULARY.segments[:dialect_segments])
    shape = AdapterShape(0, 0, "id", -1, segments, list(VOCABULARY.prosodies[:24]))
    shape = fitted(model, shape, VOCABULARY)
    assert (shape.rank, shape.once) == (16, 16)
    with torch.device("meta"):
        attach(model, NANJING, shape, VOCABULARY)
    size = sum(p.numel() for p in adapter_parameters(model, NANJING).values())
    assert 2.0e6 < size <= 0.01 * base
    assert 2 * size <= 12e6  # 16 bits each


def test_the_ranks_are_the_largest_that_keep_within_the_share():
    shape = fitted(tiny_model(), SHAPE, VOCABULARY)
    assert (shape.rank, shape.once) == (1, 1)


@pytest.mark.parametrize("rows", [0, 40, 100])
def test_in_the_shipped_size_an_adapter_keeps_within_1_percent_with_up_to_100_phones(rows):
    with torch.device("meta"):
        model = AcousticModel(AcousticConfig(), VOCABULARY)
    base = sum(p.numel() for p in model.parameters())
    segments = list(VOCABULARY.segments[: max(0, rows - 20)])
    shape = AdapterShape(0, segments=segments, prosodies=list(VOCABULARY.prosodies[:20]))
    shape = fitted(model, shape, VOCABULARY)
    with torch.device("meta"):
        attach(model, NANJING, shape, VOCABULARY)
    size = sum(p.numel() for p in adapter_parameters(model, NANJING).values())
    assert 0.008 * base < size <= 0.01 * base


def test_the_conditioning_adapter_is_the_papers():
    adapter = ConditioningAdapter(16, 4)
    assert adapter.gamma == 0.25 and adapter.depthwise.kernel_size == (3,)
    x, mask = torch.randn(2, 7, 16), torch.ones(2, 7, dtype=torch.bool)
    assert not adapter(x, mask).any()
