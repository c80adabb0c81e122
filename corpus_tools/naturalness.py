"""The naturalness stage: what DNSMOS and NISQA say of the utterances, where their weights are."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.audio.reading import SAMPLE_RATE
from corpus_tools.contents import Contents
from corpus_tools.parts import Job, write_lines
from corpus_tools.quality.measure import Quality
from corpus_tools.quality.predictors import Predictors
from corpus_tools.settings import JoinSettings
from corpus_tools.utterances import read_plans

SCALE = 2**32
"""CRC-32 values lie below."""


@dataclass(frozen=True)
class Predicting:
    """Who is asked about which utterances."""

    dnsmos: str
    """Folder of its weights; empty: it is not asked."""
    nisqa: str
    shares: tuple[float, float]
    """Shares of the utterances that the two are asked about."""
    join: JoinSettings
    seed: int


def predict_part(job: Job, target: Path) -> None:
    """Predicted scores of a part's utterances; inputs: `Contents.paths` and plans; settings:
    `Predicting`."""
    write_lines(target, _predict_all(job))


def _predict_all(job: Job) -> Iterator[dict[str, Any]]:
    asked: Predicting = job.settings
    *paths, plans = job.inputs
    predictors = Predictors.load(asked.dnsmos, asked.nisqa)
    for planned in read_plans(plans, Contents(*paths)):
        place = zlib.crc32(planned.id.encode()) / SCALE
        dnsmos = predictors.dnsmos if place < asked.shares[0] else None
        nisqa = predictors.nisqa if place < asked.shares[1] else None
        if not dnsmos and not nisqa:
            continue
        wave = planned.make(asked.join, asked.seed).wave
        quality = Quality(
            dnsmos=dnsmos(wave, SAMPLE_RATE) if dnsmos else None,
            nisqa=nisqa(wave, SAMPLE_RATE) if nisqa else None,
        )
        yield {"id": planned.id, "quality": quality.to_dict()}
