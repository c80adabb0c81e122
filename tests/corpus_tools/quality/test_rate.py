"""Speech rate and what is usual."""

import numpy as np
import pytest

from corpus_tools.quality.measure import Quality, measure_speech
from corpus_tools.quality.rate import speech_rate, usual
from diamoe.text.phones import PhoneSeq

SEQ = PhoneSeq.parse("m ˈaᴴᴴ | ， | m ˈaᴹᴴ | 。", "putonghua")
TIMES = [("_", 0.0, 0.2), ("m", 0.2, 0.1), ("ˈaᴴᴴ", 0.3, 0.1), ("，", 0.4, 1.0)]
TIMES += [("m", 1.4, 0.1), ("ˈaᴹᴴ", 1.5, 0.1), ("。", 1.6, 0.0), ("_", 1.6, 0.1)]


def test_pauses_do_not_slow_speech():
    assert speech_rate(SEQ, TIMES, 1.7) == pytest.approx(10.0)
    assert speech_rate(SEQ, [], 2.0) == pytest.approx(2.0)
    assert measure_speech(Quality(speech=2.0), SEQ, TIMES, -0.5).align_score == -0.5


def test_usual_is_not_moved_by_outliers():
    values = np.concatenate([np.random.default_rng(0).normal(10, 1, 500), [1000.0] * 20])
    found = usual(values)
    assert found.median == pytest.approx(10, abs=0.2)
    assert found.spread == pytest.approx(1, abs=0.15)
    assert found.deviation(1000.0) > 100
