"""Which aligner a corpus gets."""

import json
from pathlib import Path

import numpy as np
import pytest

from corpus_tools.build import build_corpora
from corpus_tools.gates import GateSettings
from corpus_tools.quality.rate import Usual
from corpus_tools.settings import AlignSettings, BuildSettings
from corpus_tools.teacher.speech import speak
from corpus_tools.teacher.voice import VOICES, get_voice
from corpus_tools.trial import Trial
from diamoe.audio.files import write_audio
from diamoe.recogniser.model import RecogniserConfig
from diamoe.text.frontend import Frontend
from tests.corpus_tools.building import make_settings


@pytest.mark.parametrize(
    ("median", "hours", "chosen"),
    [(-0.5, 1.0, "shipped"), (-3.0, 1.0, "train"), (-3.0, 0.1, "shipped")],
)
def test_verdict(median: float, hours: float, chosen: str):
    found, why = Trial({"dutch": Usual(median, 0.5, 9)}, hours).verdict(-2.5, 0.2)
    assert found == chosen
    assert f"dutch {median:.2f}" in why


def settings(source: Path, out: Path, least_score: float) -> BuildSettings:
    return make_settings(
        source,
        out,
        corpus=["side"],
        align=AlignSettings(recogniser="auto", steps=2, least_minutes=0.0),
        gates=GateSettings(min_align_score=least_score, dnsmos="none", nisqa="none"),
    )


@pytest.mark.parametrize(("least_score", "used"), [(-2.5, "shipped"), (9.0, "train")])
def test_the_card_names_who_aligned(
    source: Path,
    tmp_path: Path,
    least_score: float,
    used: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    small = RecogniserConfig(dim=16, blocks=1, kernel=3)
    monkeypatch.setattr("corpus_tools.hearing.own_sizes", lambda: small)
    frontend, voice = Frontend("putonghua"), get_voice(next(iter(VOICES)))
    for path in (source / "side/part").glob("*.txt"):
        spoken = speak(frontend(path.read_text("utf-8").strip()), voice, 1)
        wave = spoken.samples.astype(np.float32)
        write_audio(path.with_suffix(".wav"), wave, spoken.sample_rate)
    build_corpora(settings(source, tmp_path / "out", least_score))
    card = json.loads((tmp_path / "out/side/card.json").read_text("utf-8"))
    assert card["aligner"] == used
    assert f"side: aligned by {used}: the shipped recogniser" in capsys.readouterr().err
