"""Naturalness as networks predict it: DNSMOS and NISQA, where their weights are given.

The weights are never part of this package: DNSMOS's are CC BY 4.0, NISQA's may not be used
commercially. Both are for measuring only.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.errors import ConfigError

DNSMOS_FILES = ("sig_bak_ovr.onnx", "model_v8.onnx")
NISQA_FILES = ("nisqa.tar",)


class DnsmosPredictor:
    """DNSMOS P.835 overall quality, 1 to 5, by the weights in a folder.

    Raises:
        ConfigError: the folder lacks the weights; it is named, and what belongs there.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        _check("dnsmos", self.folder, DNSMOS_FILES)

    def __call__(self, wave: np.ndarray, sample_rate: int) -> float:
        """The overall score of speech (samples,)."""
        return self.scores(wave, sample_rate)["dnsmos"]

    def scores(self, wave: np.ndarray, sample_rate: int) -> dict[str, float]:
        """P.808, signal, background and overall scores of speech (samples,); what is short is
        heard again and again."""
        import torch
        from torchmetrics.functional.audio import dnsmos

        window = math.ceil(dnsmos.INPUT_LENGTH * sample_rate)
        heard = np.resize(wave, window) if len(wave) < window else wave

        def load(path: str, *options: Any) -> Any:
            return original(str(self.folder / Path(path).name), *options)

        original = dnsmos._cached_load_session
        with _instead(dnsmos, "_cached_load_session", load):
            scores = dnsmos.deep_noise_suppression_mean_opinion_score(
                torch.from_numpy(heard), sample_rate, personalized=False, num_threads=1
            )
        names = ("dnsmos_p808", "dnsmos_signal", "dnsmos_background", "dnsmos")
        return {name: float(score) for name, score in zip(names, scores, strict=True)}


class NisqaPredictor:
    """NISQA overall quality, 1 to 5, by the weights in a folder.

    Raises:
        ConfigError: the folder lacks the weights.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        _check("nisqa", self.folder, NISQA_FILES)

    def __call__(self, wave: np.ndarray, sample_rate: int) -> float:
        """The overall score of speech (samples,)."""
        return self.scores(wave, sample_rate)["nisqa"]

    def scores(self, wave: np.ndarray, sample_rate: int) -> dict[str, float]:
        """Overall score, noisiness, discontinuity, coloration and loudness of speech (samples,)."""
        import torch
        from torchmetrics.functional.audio import nisqa

        with _instead(nisqa, "NISQA_DIR", str(self.folder)):
            scores = nisqa.non_intrusive_speech_quality_assessment(
                torch.from_numpy(wave), sample_rate
            )
        names = ("nisqa", "nisqa_noise", "nisqa_breaks", "nisqa_colour", "nisqa_loudness")
        return {name: float(score) for name, score in zip(names, scores, strict=True)}


def _check(name: str, folder: Path, files: tuple[str, ...]) -> None:
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        raise ConfigError(f"{name}={folder}: {', '.join(missing)} missing; see docs/corpora.md")


@contextmanager
def _instead(module: Any, name: str, value: Any) -> Iterator[None]:
    """Give a module another value for a while: torchmetrics knows only folders of its own."""
    original = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, original)
