"""An inaudible mark in the sound that says it is synthetic: Perth of Resemble AI (MIT licence).

Its network comes inside its package, so nothing is fetched. It carries one bit: marked or not.
"""

import contextlib
import io
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from diamoe.extras import extra

MARKED = 0.5
"""Detected from this value on."""


@lru_cache(maxsize=1)
def _perth() -> Any:
    with extra("watermark", "a watermark"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks setuptools where its files are
        from perth.perth_net.perth_net_implicit.perth_watermarker import PerthImplicitWatermarker
    with contextlib.redirect_stdout(io.StringIO()):  # it says that it has loaded
        return PerthImplicitWatermarker()


def marked(wave: np.ndarray, sample_rate: int) -> np.ndarray:
    """The sound (samples,) with the mark, (samples,).

    Raises:
        MissingBackend: the package is not installed.
    """
    sound = _perth().apply_watermark(wave, sample_rate=sample_rate)
    sound = np.pad(sound, (0, max(0, len(wave) - len(sound))))[: len(wave)]
    return np.clip(sound, -1, 1).astype(np.float32)


def likelihood(wave: np.ndarray, sample_rate: int) -> float:
    """How surely a sound (samples,) carries the mark, 0 to 1; `MARKED` parts yes from no.

    Raises:
        MissingBackend: the package is not installed.
    """
    found = _perth().get_watermark(wave, sample_rate=sample_rate, round=False)
    return float(np.mean(found))
