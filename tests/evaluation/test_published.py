"""The seed paper's protocol, and published figures beside measured ones."""

import pytest

from diamoe.config import build
from diamoe.errors import ConfigError, UnknownDialect
from diamoe.evaluation.published import Published
from diamoe.evaluation.run import EvaluateConfig, Evaluation
from diamoe.hydra_command import read_settings
from tests.factory import tiny_bundle


def settings(*overrides: str) -> EvaluateConfig:
    """What `python -m diamoe.evaluate` would compose."""
    return read_settings("evaluate", EvaluateConfig, overrides)


def test_the_seeds_protocol_runs_with_what_is_at_hand(tmp_path):
    bundle = tiny_bundle(tmp_path / "bundle")
    shrunk = ["limit=1", "metrics=[per,wer]", "synthesis.steps=1", f"bundle={bundle}"]
    config = settings("evaluation=seed", *shrunk, f"out={tmp_path / 'out'}")
    assert config.synthesis.guidance == 2.0 and config.synthesis.sway == -1.0
    assert len(config.set) == len(config.published.figures["wer"]) == 5
    summary = Evaluation(config).run()
    assert summary["utterances"] == 5 and "asr.backend" in summary["unavailable"]["wer"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "second hand" in page and "0.924" in page


def test_published_figures_stand_beside_measured_ones():
    published = build(Published, {"source": "x", "figures": {"per": {"xian": 0.3, "wuhan": 0.4}}})
    measured = {"per": {"dialects": {"xian": {"value": 0.2}}}}
    assert published.beside(measured) == [
        ("per", "xian", 0.3, {"value": 0.2}),
        ("per", "wuhan", 0.4, None),
    ]
    assert settings().published == Published()


@pytest.mark.parametrize(
    "figures, error, match",
    [
        ({"per": {"xian": "low"}}, ConfigError, "published.per.xian: 'low' is no number"),
        ({"per": {"mars": 0.1}}, UnknownDialect, "mars"),
        ({"per": {"xian": 0.1}}, ConfigError, "where the figures are from"),
    ],
)
def test_wrong_figures_are_named(figures, error, match):
    with pytest.raises(error, match=match):
        Published(source="" if "where" in match else "x", figures=figures)
