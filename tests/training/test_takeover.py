"""What an imported network has in common with ours does the same in ours."""

from dataclasses import replace

import pytest
import torch

from diamoe.errors import ConfigError
from diamoe.model.dit import Conditioning, DiT, DiTConfig
from diamoe.model.moe import MoEConfig
from diamoe.model.released import ReleasedConfig, ReleasedDiT
from diamoe.training.takeover import take_over
from tests.factory import VOCABULARY

THEIRS = ReleasedConfig(
    tokens=20, dim=32, depth=2, heads=2, head_dim=16, rotary_heads=2, n_mels=20, text_dim=16,
    text_depth=2, position_groups=4,
)  # fmt: skip
OURS = DiTConfig(
    dim=32, depth=2, heads=2, n_mels=20, text_dim=16, text_depth=2, patch=1, modulation="block",
    prediction="velocity", moe=MoEConfig(experts=3),
)  # fmt: skip


def networks(theirs: ReleasedConfig = THEIRS, ours: DiTConfig = OURS) -> tuple[ReleasedDiT, DiT]:
    torch.manual_seed(0)
    return ReleasedDiT(theirs).eval(), DiT(ours, VOCABULARY).eval()


def test_the_same_velocity_where_both_networks_compute_the_same():
    theirs, ours = networks()
    for convolution in theirs.position:  # ours has no position convolutions and theirs no voice
        for parameter in convolution.parameters():
            torch.nn.init.zeros_(parameter)
    for parameter in ours.voice.parameters():
        torch.nn.init.zeros_(parameter)
    taken = take_over(theirs, ours)
    x, prompt, text = torch.randn(2, 9, 20), torch.randn(2, 9, 20), torch.randn(2, 9, 16)
    known = torch.arange(9).expand(2, -1) < 4
    conditioning = Conditioning(text, prompt * known.unsqueeze(-1), known, torch.ones_like(known))
    time = torch.tensor([0.2, 0.7])
    with torch.inference_mode():
        expected, found = (net(x, time, conditioning) for net in (theirs, ours))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert float(expected.std()) > 0.05
    assert taken.notes == ()


def test_the_text_blocks_do_the_same():
    theirs, ours = networks()
    take_over(theirs, ours)
    x, mask = torch.randn(1, 7, 16), torch.ones(1, 7, dtype=torch.bool)
    for one, other in zip(theirs.text.blocks, ours.text_encoder.blocks, strict=True):
        torch.testing.assert_close(one(x, mask), other(x, mask))


def test_every_tensor_is_accounted_for():
    theirs, ours = networks(replace(THEIRS, rotary_heads=1), replace(OURS, prediction="mel"))
    names, foreign = set(ours.state_dict()), set(theirs.state_dict())
    taken = take_over(theirs, ours)
    assert set(taken.taken) | set(taken.anew) == names and not set(taken.taken) & set(taken.anew)
    assert {"text.embedding.weight", "position.0.weight"} < set(taken.left) < foreign
    assert {"project_out.weight", "moe.up"} <= set(taken.anew)
    assert taken.parameters < taken.total
    assert "knew no positions" in taken.text() and "model.prediction=velocity" in taken.text()


def test_another_size_is_named():
    with pytest.raises(ConfigError, match=r"depth is 2 there and 3 here; .*modulation is block"):
        take_over(*networks(ours=replace(OURS, depth=3, modulation="shared")))
