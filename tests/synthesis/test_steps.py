"""Quality against steps."""

import numpy as np
import pytest

from diamoe.errors import ConfigError
from diamoe.synthesis.steps import Row, compare, mel_cepstral_distortion, plot, table
from diamoe.synthesis.synthesizer import Synthesizer
from tests.factory import tiny_bundle


def test_distortion_is_nothing_for_the_same_and_ignores_loudness():
    mel = np.random.default_rng(0).normal(size=(20, 100))
    assert mel_cepstral_distortion(mel, mel) == 0
    assert mel_cepstral_distortion(mel, mel + 3.0) == pytest.approx(0, abs=1e-5)
    assert mel_cepstral_distortion(mel, -mel) > 1


def test_rows_become_a_table_and_a_picture(tmp_path):
    rows = [Row("tiny", 2, 0.3, 0.5, 4.0, 0.1), Row("student", 4, 0.2, 0.6, 2.0, 0.2)]
    assert table(rows).splitlines()[2].startswith("| tiny | 2 | 0.300 |")
    plot(rows, tmp_path / "steps.png")
    assert (tmp_path / "steps.png").stat().st_size > 5000


def test_bundles_are_compared_with_the_first_ones_most_steps(tmp_path):
    bundle = tiny_bundle(tmp_path / "tiny")
    pair = {name: Synthesizer.from_bundle(bundle) for name in ("teacher", "student")}
    rows = compare(pair, (1, 2), None, [("putonghua", "你好。")])
    assert [(row.bundle, row.steps) for row in rows] == [
        ("teacher", 2), ("teacher", 1), ("student", 2), ("student", 1)
    ]  # fmt: skip
    assert rows[0].mcd == rows[2].mcd == 0 < rows[1].mcd == rows[3].mcd
    *_, last = pair["student"].bundle.model.duration.parameters()
    last.data.add_(0.7)
    with pytest.raises(ConfigError, match="student: its durations"):
        compare(pair, (1,), None, [("putonghua", "你好。")])
