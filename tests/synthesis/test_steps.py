"""Quality against steps."""

import numpy as np
import pytest

from diamoe.synthesis.steps import Row, mel_cepstral_distortion, plot, table


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
