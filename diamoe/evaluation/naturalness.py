"""Naturalness as networks predict it, where their weights are; never fetched behind one's back."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from diamoe.audio.files import resample
from diamoe.errors import ConfigError
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.metric import Figure, Metric, NotScored, Row, Unavailable
from diamoe.evaluation.predicted import DnsmosPredictor, NisqaPredictor

DNSMOS_PLACE = "~/.torchmetrics/DNSMOS/DNSMOS"
NISQA_PLACE = "~/.torchmetrics/NISQA"
LONGEST = 50.0
"""Seconds that NISQA takes at most."""


def _folder(weights: str, name: str, place: str, url: str) -> Path:
    """The first folder of weights there is: `weights`/`name`, then where torchmetrics looks."""
    own = Path(weights, name).expanduser() if weights else None
    known = Path(place).expanduser()
    for folder in (own, known):
        if folder is not None and folder.is_dir() and any(folder.iterdir()):
            return folder
    wanted = f"{own} or {known}" if own else str(known)
    raise Unavailable(f"{name}: no weights; put the files of {url} into {wanted}")


def _long_enough(clip: Clip, seconds: float) -> np.ndarray:
    """The clip's wave, said again until it is so long: short clips are padded so by DNSMOS too."""
    wave = clip.wave
    return np.tile(wave, int(np.ceil(seconds / clip.seconds))) if clip.seconds < seconds else wave


class Dnsmos(Metric):
    """DNSMOS P.835 and P.808 (Reddy et al. 2022) through torchmetrics.

    Raises:
        Unavailable: no weights.
    """

    name = "dnsmos"
    figures = (
        Figure("dnsmos", "higher", "DNSMOS overall, 1 to 5"),
        Figure("dnsmos_signal", "higher", "DNSMOS signal, 1 to 5"),
        Figure("dnsmos_background", "higher", "DNSMOS background, 1 to 5"),
        Figure("dnsmos_p808", "higher", "DNSMOS P.808, 1 to 5"),
    )

    def __init__(self, weights: str = ""):
        url = "https://github.com/microsoft/DNS-Challenge/tree/master/DNSMOS/DNSMOS"
        try:
            self._predict = DnsmosPredictor(_folder(weights, "dnsmos", DNSMOS_PLACE, url))
        except ConfigError as error:
            raise Unavailable(str(error)) from error

    def score(self, clip: Clip) -> Row:
        wave = resample(clip.wave, clip.rate, 16_000)
        return dict(self._predict.scores(np.ascontiguousarray(wave, np.float32), 16_000))


class Nisqa(Metric):
    """NISQA v2 (Mittag et al. 2021) through torchmetrics; its weights are for measuring only.

    Raises:
        Unavailable: no weights.
    """

    name = "nisqa"
    figures = (
        Figure("nisqa", "higher", "NISQA overall, 1 to 5"),
        Figure("nisqa_noise", "higher", "NISQA noisiness, 5 is clean"),
        Figure("nisqa_breaks", "higher", "NISQA discontinuity, 5 is smooth"),
        Figure("nisqa_colour", "higher", "NISQA coloration, 5 is natural"),
        Figure("nisqa_loudness", "higher", "NISQA loudness, 5 is right"),
    )

    def __init__(self, weights: str = ""):
        url = "https://github.com/gabrielmittag/NISQA/tree/master/weights"
        try:
            self._predict = NisqaPredictor(_folder(weights, "nisqa", NISQA_PLACE, url))
        except ConfigError as error:
            raise Unavailable(str(error)) from error

    def score(self, clip: Clip) -> Row:
        if clip.seconds > LONGEST:
            raise NotScored(f"{clip.seconds:.0f} s, NISQA takes {LONGEST:.0f} at most")
        return dict(self._predict.scores(_long_enough(clip, 0.5), clip.rate))


class Utmos(Metric):
    """UTMOS (Saeki et al. 2022), `utmos22_strong`, from torch.hub's cache.

    Raises:
        Unavailable: it is not in the cache.
    """

    name = "utmos"
    figures = (Figure("utmos", "higher", "UTMOS, 1 to 5"),)

    def __init__(self) -> None:
        import torch

        hub = Path(torch.hub.get_dir())
        folders = sorted(hub.glob("tarepan_SpeechMOS_*"))
        weights = sorted((hub / "checkpoints").glob("utmos22_strong*.pt"))
        if not folders or not weights:
            raise Unavailable(
                "utmos: not in torch.hub's cache; with a network: python -c \"import torch; "
                "torch.hub.load('tarepan/SpeechMOS:v1.2.0', 'utmos22_strong', trust_repo=True)\" "
                f"(or put tarepan_SpeechMOS_v1.2.0/ into {hub} and utmos22_strong_step7459_v1.pt "
                f"into {hub / 'checkpoints'})"
            )
        self._folder = folders[-1]

    @cached_property
    def _predict(self) -> Any:
        import torch

        return torch.hub.load(str(self._folder), "utmos22_strong", source="local").eval()

    def score(self, clip: Clip) -> Row:
        import torch

        with torch.inference_mode():
            wave = torch.from_numpy(clip.wave).unsqueeze(0)
            return {"utmos": float(self._predict(wave, clip.rate))}


class Utmosv2(Metric):
    """UTMOSv2 (Baba et al. 2024) through its package, with weights in its cache.

    Raises:
        Unavailable: the package or its weights are missing.
    """

    name = "utmosv2"
    figures = (Figure("utmosv2", "higher", "UTMOSv2, 1 to 5"),)

    def __init__(self) -> None:
        cache = Path("~/.cache/utmosv2").expanduser()
        try:
            import utmosv2
        except ImportError as error:
            how = "pip install git+https://github.com/sarulab-speech/UTMOSv2.git"
            raise Unavailable(f"utmosv2: not installed; {how}") from error
        if not cache.is_dir() or not any(cache.rglob("*.pth")):
            raise Unavailable(
                f"utmosv2: no weights in {cache}; run once with a network: "
                'python -c "import utmosv2; utmosv2.create_model(pretrained=True)"'
            )
        self._model = utmosv2.create_model(pretrained=True)

    def score(self, clip: Clip) -> Row:
        return {"utmosv2": float(self._model.predict(data=clip.wave, sr=clip.rate))}
