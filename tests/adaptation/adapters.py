"""Adapters for tests: a shape that suits the tiny model, and values that change what it says."""

import torch

from diamoe.adaptation.attaching import AdapterShape, adapter_parameters, attach
from diamoe.flow.matching import AcousticModel
from diamoe.model.adapters import AdapterRef
from diamoe.model.dit import Conditioning
from tests.factory import VOCABULARY, make_batch

SHAPE = AdapterShape(rank=2, segments=["i", "n"], prosodies=["ˈᴹᴸ"])
NANJING = AdapterRef("nanjing", "chengdu", 5)
WUHAN = AdapterRef("wuhan", "putonghua", 0)


def put_in(model: AcousticModel, ref: AdapterRef, shape: AdapterShape = SHAPE, spread: float = 0.0):
    """An adapter with values of this spread; 0 leaves it fresh."""
    attach(model, ref, shape, VOCABULARY)
    torch.manual_seed(len(ref.name))
    with torch.no_grad():
        for parameter in adapter_parameters(model, ref).values():
            if spread:
                parameter.add_(torch.randn_like(parameter) * spread)
    return ref


@torch.inference_mode()
def everything(model: AcousticModel, rows=(0, 1, 2, 3), extra: int = 0):
    """All that a model computes of some phrases: gate, durations, velocity."""
    batch = make_batch(list(rows), extra=extra)
    hidden, routing = model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    pace = torch.full((len(rows),), 1.8)
    durations = model.duration(batch.ids, batch.token_mask, batch.dialect, pace)
    text = model.dit.frame_text(hidden, batch.durations, batch.frame_mask)
    known = torch.zeros_like(batch.frame_mask)
    known[:, :4] = True
    prompt = batch.mel * known.unsqueeze(-1)
    conditioning = Conditioning(text, prompt, known, batch.frame_mask)
    velocity = model.dit(batch.mel, torch.full((len(rows),), 0.4), conditioning)
    return routing.logits, durations, velocity
