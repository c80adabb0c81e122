"""Streamed speech against whole speech, and memory over many sentences."""

import numpy as np
import pytest

from diamoe.evaluation.soak import sentences, soak
from diamoe.evaluation.streamed import compare, level_jumps, sentences_of
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from tests.factory import tiny_bundle


@pytest.fixture(scope="module")
def synthesizer(tmp_path_factory):
    return Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


def test_a_jump_is_found_where_it_is():
    noise = np.random.default_rng(0).normal(size=4096).astype(np.float32)
    noise[2048:] *= 0.1
    at, others = level_jumps(noise, [2048])
    assert at[0] == pytest.approx(20, abs=1.5) and others.max() < 3


def test_sentences_of_several_dialects_are_compared(synthesizer):
    asked = sentences_of(20)
    assert len({text for _, text in asked}) == 20 and len({code for code, _ in asked}) == 5
    report = compare(synthesizer, asked[-1:])
    assert report.sentences == 1 and report.whole > 0.5  # a tiny model says nothing
    assert len(report.seams) >= 1 and "seams" in str(report)


def test_memory_is_told_as_it_goes(synthesizer, capsys):
    grown = soak(synthesizer, 4, 2, SynthesisOptions(steps=1))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "4"] and abs(grown) < 500
    first = [next(sentences()) for _ in range(2)]
    assert first[0] == first[1]
