"""Gates: what passes, what does not, and what each takes."""

import pytest

from corpus_tools.gates import (
    GateSettings,
    Reason,
    balance,
    count_losses,
    judge,
    judge_speakers,
    log_rate,
)
from corpus_tools.quality.measure import Quality
from corpus_tools.quality.rate import usual

GOOD = Quality(
    speech=3.0, snr=40.0, bandwidth=11_000.0, clipped=0.0, rate=12.0, align_score=-0.5, dnsmos=3.2
)
RATES = usual([2.3 + 0.1 * (i % 5) for i in range(50)])


def gates(**changes: float | None) -> list[str]:
    quality = Quality(**({**GOOD.__dict__, **changes}))
    return [r.gate for r in judge(quality, GateSettings(), RATES, usual([-0.5, -0.4, -0.6, -0.5]))]


def test_good_ones_pass_and_so_do_unmeasured_ones():
    assert gates() == []
    assert judge(Quality(), GateSettings(), RATES) == []


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"snr": 4.0}, "noise"),
        ({"bandwidth": 3500.0}, "bandwidth"),
        ({"clipped": 0.02}, "clipping"),
        ({"rate": 60.0}, "rate"),
        ({"rate": 1.5}, "rate"),
        ({"align_score": -3.0}, "alignment"),
        ({"dnsmos": 1.5}, "dnsmos"),
        ({"nisqa": 1.2}, "nisqa"),
    ],
)
def test_each_gate(changes: dict[str, float], gate: str):
    assert gates(**changes) == [gate]


def test_low_scores_pass_where_they_are_usual():
    settings, low = GateSettings(), Quality(align_score=-3.5)
    unknown_language = usual([-3.0 - 0.1 * (i % 7) for i in range(50)])
    assert judge(low, settings) and judge(low, settings, None, usual([-0.5, -0.4, -0.6]))
    assert judge(low, settings, None, unknown_language) == []
    assert judge(Quality(align_score=-6.0), settings, None, unknown_language)


def test_reasons_say_what_was_found_and_allowed():
    reasons = judge(Quality(snr=4.0, bandwidth=3500.0), GateSettings())
    assert [r.rejection("a").reason for r in reasons] == [
        "noise: signal-to-noise ratio 4.0 dB, at least 15",
        "bandwidth: sound up to 3500 Hz, at least 5000",
    ]


def test_rates_are_judged_by_their_ratio():
    assert log_rate(Quality(rate=16.0)) - log_rate(Quality(rate=12.0)) == pytest.approx(
        log_rate(Quality(rate=12.0)) - log_rate(Quality(rate=9.0))
    )
    assert log_rate(Quality()) is None


def test_losses():
    noisy, fast = Reason("noise", "x"), Reason("rate", "y")
    losses = count_losses([(10.0, [noisy]), (20.0, [noisy, fast]), (5.0, []), (40.0, [fast])])
    assert list(losses) == ["rate", "noise"]
    assert (losses["rate"].utterances, losses["rate"].seconds) == (2, 60.0)
    assert losses["rate"].alone_seconds == 40.0


def test_speakers():
    assert judge_speakers({"a": 0.0}, GateSettings()) == {}
    uneven = balance({"a": 90.0, "b": 5.0, "c": 5.0})
    assert uneven.speakers == 3 and uneven.largest_share == 0.9
    assert 1.2 < uneven.effective < 1.3
    assert balance({}).effective == 0.0
