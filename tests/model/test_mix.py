"""`--mix`."""

import pytest
import torch

from diamoe.errors import ConfigError, UnknownDialect
from diamoe.model.mix import mix_weights, parse_mix


def test_weights_stand_at_the_dialects_ids():
    weights = mix_weights(parse_mix("chengdu=7, putonghua=3"))
    assert weights.shape == (1, 19)
    assert torch.allclose(weights[0, [0, 5]], torch.tensor([0.3, 0.7])) and weights.sum() == 1


@pytest.mark.parametrize(
    "text",
    ["", "chengdu", "chengdu=", "=1", "chengdu=-1", "chengdu=nan", "chengdu=x", "chengdu=0",
     "chengdu=1,chengdu=2", "chengdu=1,,xian=2"],
)  # fmt: skip
def test_what_is_no_mix_is_refused(text):
    with pytest.raises(ConfigError, match="mix"):
        parse_mix(text)


def test_an_unknown_dialect_is_named():
    with pytest.raises(UnknownDialect, match="klingon"):
        parse_mix("klingon=1")
