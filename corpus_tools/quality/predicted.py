"""Naturalness as networks predict it: DNSMOS and NISQA, where their weights are given.

The weights are never part of this package: DNSMOS's are CC BY 4.0, NISQA's may not be used
commercially. Both are for measuring only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.errors import ConfigError

DNSMOS_FILES = ("sig_bak_ovr.onnx", "model_v8.onnx")
NISQA_FILE = "nisqa.tar"


class DnsmosPredictor:
    """DNSMOS P.835 overall quality, 1 to 5.

    Raises:
        ConfigError: the folder lacks the weights; it is named, and what belongs there.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        missing = [name for name in DNSMOS_FILES if not (self.folder / name).is_file()]
        if missing:
            raise ConfigError(f"dnsmos={folder}: {', '.join(missing)} missing; see docs/corpora.md")

    def __call__(self, wave: np.ndarray, sample_rate: int) -> float:
        """The overall score of speech (samples,)."""
        import torch
        from torchmetrics.functional.audio import dnsmos

        def load(path: str, *options: Any) -> Any:
            return original(str(self.folder / Path(path).name), *options)

        original = dnsmos._cached_load_session
        with _instead(dnsmos, "_cached_load_session", load):
            scores = dnsmos.deep_noise_suppression_mean_opinion_score(
                torch.from_numpy(wave), sample_rate, personalized=False, num_threads=1
            )
        return float(scores[3])


class NisqaPredictor:
    """NISQA overall quality, 1 to 5.

    Raises:
        ConfigError: the folder lacks the weights.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        if not (self.folder / NISQA_FILE).is_file():
            raise ConfigError(f"nisqa={folder}: {NISQA_FILE} missing; see docs/corpora.md")

    def __call__(self, wave: np.ndarray, sample_rate: int) -> float:
        """The overall score of speech (samples,)."""
        import torch
        from torchmetrics.functional.audio import nisqa

        with _instead(nisqa, "NISQA_DIR", str(self.folder)):
            scores = nisqa.non_intrusive_speech_quality_assessment(
                torch.from_numpy(wave), sample_rate
            )
        return float(scores[0])


@contextmanager
def _instead(module: Any, name: str, value: Any) -> Iterator[None]:
    """Give a module another value for a while: torchmetrics knows only folders of its own."""
    original = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, original)
