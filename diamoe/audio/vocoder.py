"""From log-mel spectrograms to sound: a vocoder without weights, and trained Vocos."""

import math
import pickle
import shutil
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import torch
import yaml
from torch import Tensor

from diamoe.audio.inversion import UPDATES, MelInversion
from diamoe.audio.mel import MelConfig
from diamoe.audio.source_filter import CLASS as SOURCE_FILTER
from diamoe.audio.source_filter import SourceFilterNetwork
from diamoe.cancelling import check_cancelled
from diamoe.errors import BundleError, ConfigError
from diamoe.extras import extra

VOCOS_FILES = ("config.yaml", "pytorch_model.bin")
"""What a Vocos folder holds; `model.safetensors` may stand for the second."""
VOCODER_FOLDER = "vocoder"
"""Where a bundle keeps a vocoder of its own."""


class Vocoder(torch.nn.Module):
    """Turns log-mels into waves."""

    mel: MelConfig

    def decode(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, samples).

        Raises:
            ConfigError: the number of bands is not the vocoder's.
        """
        raise NotImplementedError

    def forward(self, mel: Tensor) -> Tensor:
        return self.decode(mel)

    def _lengthened(self, mel: Tensor) -> Tensor:
        """A transform needs more samples than half a window: quiet frames fill very short mels."""
        missing = max(0, self.mel.n_fft // self.mel.hop + 1 - mel.shape[1])
        quiet = math.log(self.mel.floor)
        return torch.nn.functional.pad(mel.float(), (0, 0, 0, missing), value=quiet)

    def _check(self, mel: Tensor) -> None:
        if mel.dim() != 3 or mel.shape[2] != self.mel.n_mels:
            raise ConfigError(
                f"the vocoder takes mels of shape (batch, frames, {self.mel.n_mels}), "
                f"found {tuple(mel.shape)}"
            )


class GriffinLimVocoder(Vocoder):
    """The default: no weights, the same sound every time, `(frames - 1) * hop` samples.

    Magnitudes and phases are those of `MelInversion`, from fixed random phases.
    tests/bench/vocoder_inversion.py compares this with other ways.
    """

    def __init__(
        self,
        mel: MelConfig | None = None,
        iterations: int = 32,
        updates: int = UPDATES,
        momentum: float = 0.99,
        seed: int = 0,
    ):
        """`iterations` of Griffin-Lim, `updates` of the magnitudes; `seed` of the first phases."""
        super().__init__()
        if iterations < 1 or updates < 0 or not 0 <= momentum < 1:
            raise ConfigError(
                f"iterations {iterations} (allowed: 1 or more), updates {updates} (0 or more), "
                f"momentum {momentum} (from 0 to below 1)"
            )
        self.mel = mel or MelConfig()
        self.inversion = MelInversion(self.mel)
        self.iterations, self.updates = iterations, updates
        self.momentum, self.seed = momentum, seed

    @torch.inference_mode()
    def decode(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, (frames - 1) * hop)."""
        self._check(mel)
        if mel.shape[1] < 2:
            return mel.new_zeros(mel.shape[0], 0, dtype=torch.float32)
        magnitudes = self.magnitudes(self._lengthened(mel))
        angles = self._first_angles(magnitudes)
        wave = self.inversion.phased(magnitudes, angles, self.iterations, self.momentum)
        return wave[:, : (mel.shape[1] - 1) * self.mel.hop]

    def magnitudes(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, frames, bins) magnitudes."""
        return self.inversion.magnitudes(mel, self.updates)

    def _first_angles(self, magnitudes: Tensor) -> Tensor:
        generator = torch.Generator().manual_seed(self.seed)
        # One draw for all rows, so a wave does not depend on its batch mates; drawn frame after
        # frame, so that a longer mel begins as a shorter one does.
        phase = torch.rand(magnitudes.shape[1:], generator=generator).to(magnitudes.device)
        return torch.polar(torch.ones_like(phase), 2 * torch.pi * phase).expand_as(magnitudes)


class VocosVocoder(Vocoder):
    """A trained Vocos mel vocoder (24 kHz, 100 bands), read from a folder.

    One with our own head (diamoe/audio/source_filter.py) needs no package, others need `vocos`.
    """

    def __init__(self, network: torch.nn.Module, mel: MelConfig | None = None):
        super().__init__()
        self.mel = mel or MelConfig()
        self.network = network

    @classmethod
    def load(cls, path: str | Path) -> "VocosVocoder":
        """Read config.yaml and pytorch_model.bin (or model.safetensors) of a folder.

        A name like `charactr/vocos-mel-24khz` that is no folder is asked of the model hub's local
        cache, then of the hub.

        Raises:
            BundleError: the files are not there, cannot be had, or hold something else.
        """
        folder = Path(path) if Path(path).is_dir() else _fetch(str(path))
        config, weights = _find_files(folder)
        parts, state = _read_config(config), _read_weights(weights)
        try:
            network = _network(parts, config, state)
        except (
            RuntimeError,
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            ImportError,
        ) as error:
            raise BundleError(f"{folder}: not a Vocos mel model ({error})") from error
        bands = network.backbone.input_channels
        if bands != MelConfig().n_mels:
            raise BundleError(f"{config}: {bands} input bands, {MelConfig().n_mels} needed")
        return cls(network.eval())

    @torch.inference_mode()
    def decode(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, about frames * hop)."""
        self._check(mel)
        check_cancelled()
        longer = self._lengthened(mel)
        network: Any = self.network
        wave: Tensor = network.decode(longer.transpose(1, 2))
        added = (longer.shape[1] - mel.shape[1]) * self.mel.hop
        return wave[:, : max(0, wave.shape[1] - added)]


def bundle_vocoder(folder: Path | None, mel: MelConfig) -> Vocoder:
    """The Vocos in the subfolder `vocoder` of a bundle, or the weight-free one where there is none.

    Raises:
        BundleError: it cannot be read.
    """
    if folder is not None and (folder / VOCODER_FOLDER).is_dir():
        return VocosVocoder.load(folder / VOCODER_FOLDER)
    return GriffinLimVocoder(mel)


def give_vocoder(vocoder: Path, bundle: Path) -> None:
    """Put a copy of a vocoder's folder into a bundle.

    Raises:
        BundleError: there is no vocoder in it, or one that cannot be read.
    """
    VocosVocoder.load(vocoder)
    _copy(vocoder, bundle)


def carry_vocoder(folder: Path | None, out: Path) -> None:
    """Give a bundle that is made of the one in `folder` the same vocoder."""
    if folder is not None and (folder / VOCODER_FOLDER).is_dir():
        _copy(folder / VOCODER_FOLDER, out)


def _copy(vocoder: Path, bundle: Path) -> None:
    shutil.copytree(vocoder, bundle / VOCODER_FOLDER, dirs_exist_ok=True)


def _find_files(folder: Path) -> tuple[Path, Path]:
    config = folder / VOCOS_FILES[0]
    candidates = [folder / "model.safetensors", folder / VOCOS_FILES[1]]
    weights = next((file for file in candidates if file.is_file()), None)
    if not config.is_file() or weights is None:
        raise BundleError(
            f"{folder}: a Vocos folder holds config.yaml and pytorch_model.bin (or "
            f"model.safetensors); found {sorted(p.name for p in folder.iterdir()) or 'nothing'}"
        )
    return config, weights


def _read_config(path: Path) -> dict[str, Any]:
    """The parts that config.yaml describes; only classes of Vocos and our own head may be named.

    Raises:
        BundleError: it is no such description.
    """
    try:
        parts = yaml.safe_load(path.read_text(encoding="utf-8"))
        names = [parts[part]["class_path"] for part in ("feature_extractor", "backbone", "head")]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BundleError(f"{path}: not a Vocos mel model ({error!r})") from error
    for name in names:
        if name != SOURCE_FILTER and not str(name).startswith("vocos."):
            raise BundleError(
                f"{path}: names the class {name!r}; allowed: {SOURCE_FILTER} and classes of vocos"
            )
    described: dict[str, Any] = parts
    return described


def _network(parts: dict[str, Any], config: Path, state: dict[str, Tensor]) -> Any:
    """The network of a description, with its weights."""
    if parts["head"]["class_path"] == SOURCE_FILTER:
        ours = SourceFilterNetwork(parts["backbone"]["init_args"], parts["head"]["init_args"])
        ours.load_state_dict(state)
        return ours
    with extra("vocos", "a Vocos vocoder"):
        from vocos import Vocos

    network = Vocos.from_hparams(str(config))
    network.load_state_dict(state)
    return network


def _read_weights(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise BundleError(f"{path}: not a readable checkpoint ({error})") from error


def _fetch(name: str) -> Path:
    """The folder of a hub model, from the local cache if it is there."""
    advice = (
        f"no Vocos model at {name!r}: give a folder that holds {' and '.join(VOCOS_FILES)} "
        "(for example the files of charactr/vocos-mel-24khz from the Hugging Face hub)"
    )
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise BundleError(advice)
    try:
        from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError as error:
        raise BundleError(f"{advice}; huggingface_hub is not installed to fetch it") from error
    try:
        cached = [try_to_load_from_cache(name, file) for file in VOCOS_FILES]
        if all(isinstance(file, str) for file in cached):
            return Path(str(cached[0])).parent
        _reach(constants.ENDPOINT)
        return Path([hf_hub_download(name, file) for file in VOCOS_FILES][0]).parent
    except (HfHubHTTPError, HFValidationError, OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise BundleError(f"{advice}; the hub could not be asked ({reason})") from error


def _reach(address: str) -> None:
    """Raise OSError at once where the hub cannot be reached; its client would retry for long."""
    host = urlsplit(address)
    port = host.port or (80 if host.scheme == "http" else 443)
    socket.create_connection((host.hostname or "", port), timeout=5).close()
