"""Which predictors of naturalness are asked about a corpus: those whose weights are there."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diamoe.errors import ConfigError
from diamoe.evaluation.predicted import DnsmosPredictor, NisqaPredictor

AUTO, NONE = "auto", "none"
"""Settings that name no folder."""
KINDS = {"dnsmos": DnsmosPredictor, "nisqa": NisqaPredictor}
PLACES = {
    "dnsmos": ("../weights/dnsmos", "~/.torchmetrics/DNSMOS/DNSMOS"),
    "nisqa": ("../weights/nisqa", "~/.torchmetrics/NISQA"),
}
"""Where weights are looked for: beside the corpora's folder, and where torchmetrics keeps them."""


@dataclass(frozen=True)
class Predictors:
    """The predictors of naturalness that are to be asked."""

    dnsmos: DnsmosPredictor | None = None
    nisqa: NisqaPredictor | None = None

    @classmethod
    @lru_cache(maxsize=1)
    def load(cls, dnsmos: str = "", nisqa: str = "") -> "Predictors":
        """Those whose weights' folders are given, loaded once in every process."""
        return cls(
            DnsmosPredictor(dnsmos) if dnsmos else None, NisqaPredictor(nisqa) if nisqa else None
        )


def find_weights(name: str, setting: str, source: Path) -> str:
    """The folder of a predictor's weights, empty where it is not to be asked.

    Args:
        name: `dnsmos` or `nisqa`.
        setting: a folder, `auto` or `none`.
        source: the folder of the corpora.

    Raises:
        ConfigError: a folder that is named lacks the weights.
    """
    if setting == NONE:
        return ""
    if setting != AUTO:
        KINDS[name](setting)
        return str(Path(setting).resolve())
    for place in PLACES[name]:
        folder = (source / Path(place).expanduser()).resolve()
        try:
            KINDS[name](folder)
        except ConfigError:
            continue
        return str(folder)
    return ""
