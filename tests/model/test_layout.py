"""Phones over frames."""

import torch

from diamoe.model.text_encoder import FrameLayout, lay_out, spread_evenly


def test_even_spreading_uses_every_frame_once():
    sounding = torch.tensor([[True, False, True, True], [True, True, False, False]])
    durations = spread_evenly(sounding, torch.tensor([10, 7]))
    assert durations.sum(dim=1).tolist() == [10, 7]
    assert (durations[~sounding] == 0).all()
    assert durations[sounding].min() >= 3


def test_filler_gives_one_frame_a_token():
    sounding = torch.tensor([[True, False, True]])
    assert lay_out("filler", sounding, torch.tensor([9]), None).tolist() == [[1, 0, 1]]


def test_frames_follow_durations():
    layout = FrameLayout(4)
    torch.nn.init.zeros_(layout.position.weight)
    torch.nn.init.zeros_(layout.position.bias)
    torch.nn.init.constant_(layout.filler, 9.0)
    hidden = torch.arange(3.0).view(1, 3, 1).expand(1, 3, 4)
    framed = layout(hidden, torch.tensor([[2, 0, 3]]), 7)[0, :, 0]
    assert framed.tolist() == [0, 0, 2, 2, 2, 9, 9]
