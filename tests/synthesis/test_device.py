"""Where a bundle computes: devices by name, and the same speech wherever a GPU is at hand."""

import numpy as np
import pytest
import torch

from diamoe.errors import ConfigError
from diamoe.synthesis.device import available_devices, compute_device
from diamoe.synthesis.precision import compute_type
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from tests.factory import tiny_bundle

gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU here")


def test_devices_are_named_and_others_refused(monkeypatch):
    assert compute_device("cpu") == torch.device("cpu")
    with pytest.raises(ConfigError, match=r"device must be auto, cpu.*, found 'tpu'"):
        compute_device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert available_devices()[:2] == ["cpu", "cuda"]
    assert compute_device("cuda:1") == torch.device("cuda:1")
    assert compute_type("auto", device=torch.device("cuda")) == torch.bfloat16
    with pytest.raises(ConfigError, match="found 'cuda:2'"):
        compute_device("cuda:2")


def test_auto_is_the_processor_where_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert compute_device("auto") == torch.device("cpu")


@gpu
@pytest.mark.parametrize("engine", ["torch", "compile"])
def test_a_gpu_says_the_same(tmp_path, engine):
    folder, options = tiny_bundle(tmp_path / "tiny"), SynthesisOptions(steps=2)
    here = Synthesizer.from_bundle(folder)("你好。", options=options)
    there = Synthesizer.from_bundle(folder).bundle
    other = Synthesizer(there, precision="32", engine=engine, device="cuda")
    assert np.abs(other("你好。", options=options).mel - here.mel).max() < 0.01
