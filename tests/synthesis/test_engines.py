"""The velocity field computed in other ways, and a batch on several cores."""

import numpy as np
import pytest
import torch

from diamoe.errors import ConfigError, MissingBackend
from diamoe.model.adapters import AdapterRef, using
from diamoe.synthesis.precision import compute_type
from diamoe.synthesis.synthesizer import Request, SynthesisOptions, Synthesizer
from tests.factory import tiny_bundle

QUICK = SynthesisOptions(steps=2)
TEXTS = ("你好。", "我们出去走走，好不好？", "好。", "再见，再见。")


@pytest.fixture(scope="module")
def exact(tmp_path_factory):
    synthesizer = Synthesizer.from_bundle(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))
    return Synthesizer(synthesizer.bundle, precision="32")


def test_onnx_says_the_same(exact):
    pytest.importorskip("onnxscript")
    other = Synthesizer(exact.bundle, engine="onnx")
    wanted = exact.batch([Request(text, options=QUICK) for text in TEXTS])
    found = other.batch([Request(text, options=QUICK) for text in TEXTS])
    for a, b in zip(wanted, found, strict=True):
        assert np.abs(a.mel - b.mel).max() < 1e-3


def test_eight_bits_are_near_and_know_no_batch(exact):
    other = Synthesizer(exact.bundle, engine="int8")
    together = other.batch([Request(text, options=QUICK) for text in TEXTS])
    for text, speech in zip(TEXTS, together, strict=True):
        alone, wanted = other(text, options=QUICK), exact(text, options=QUICK)
        assert np.array_equal(alone.mel, speech.mel)
        away = np.abs(speech.mel - wanted.mel).mean()
        assert 0 < away < 0.05 * wanted.mel.std()


def test_engines_refuse_what_they_cannot_do(exact, monkeypatch):
    with pytest.raises(ConfigError, match="torch, compile, int8, onnx, found 'tpu'"):
        Synthesizer(exact.bundle, engine="tpu")
    with pytest.raises(ConfigError, match="auto or 32, found 'bf16'"):
        Synthesizer(exact.bundle, precision="bf16", engine="int8")
    other = Synthesizer(exact.bundle, engine="int8")
    with using([AdapterRef("mine")]), pytest.raises(ConfigError, match="knows no adapters"):
        other("好。", options=QUICK)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(MissingBackend, match="needs a C\\+\\+ compiler"):
        Synthesizer(exact.bundle, engine="compile")


def test_a_batch_on_two_cores_is_what_each_is_alone(exact):
    alone = [exact(text, options=QUICK) for text in TEXTS]
    torch.set_num_threads(2)
    try:
        together = exact.batch([Request(text, options=QUICK) for text in TEXTS])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
    for a, b in zip(alone, together, strict=True):
        assert a.timing == b.timing and np.abs(a.wave - b.wave).max() < 1e-3


@pytest.mark.parametrize(
    "known, wanted",
    [
        ({"avx512_bf16": True, "amx_bf16": True, "cpu_name": "Intel Xeon"}, torch.bfloat16),
        ({"avx512_bf16": True, "amx_bf16": False, "cpu_name": "Intel Xeon"}, torch.float32),
        ({"avx512_bf16": True, "cpu_name": "AMD Zen 4"}, torch.bfloat16),
        ({}, torch.float32),
    ],
)
def test_auto_takes_what_the_processor_multiplies_fast(monkeypatch, known, wanted):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known, raising=False)
    assert compute_type("auto") == wanted
    assert compute_type("bf16") == torch.bfloat16
