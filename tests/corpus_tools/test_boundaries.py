"""How near the aligner's boundaries are to times that are known by construction."""

from pathlib import Path

import numpy as np
import pytest

from corpus_tools.boundaries import measure_boundaries
from corpus_tools.settings import AlignSettings
from diamoe.recogniser.model import RecogniserConfig


@pytest.mark.parametrize("recogniser", ["shipped", "train"])
def test_boundaries_are_near_the_known_ones(
    taught: Path, tmp_path: Path, recogniser: str, monkeypatch: pytest.MonkeyPatch
):
    """Also those of an aligner that the pipeline trains on this very corpus, from evenly spread
    phones on; a small one does for the test."""
    small = RecogniserConfig(dim=64, blocks=4)
    monkeypatch.setattr("corpus_tools.hearing.own_sizes", lambda: small)
    align = AlignSettings(recogniser=recogniser, steps=180)
    limit = 20 if recogniser == "shipped" else 0
    found = measure_boundaries([taught], tmp_path, align, limit, workers=1)
    assert found.utterances == (limit or 60)
    assert len(found.errors) > 30 * found.utterances
    assert found.errors.mean() < 0.025
    assert np.mean(found.errors <= 0.05) > 0.9
