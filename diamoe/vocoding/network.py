"""The network that is trained: Vocos' backbone and a head, and the folder that keeps them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from diamoe.audio.mel import MelConfig
from diamoe.audio.source_filter import CLASS as SOURCE_FILTER
from diamoe.audio.source_filter import SourceFilterNetwork, bridged, place_of
from diamoe.errors import ConfigError
from diamoe.vocoding.pitch import yin

TAUGHT_ROUNDS = 5
"""How often a sound is set right by its mel in training."""


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of a Vocos (Siuzdak, 2023); the defaults make 1.7 MB of half floats."""

    dim: int = 160
    """Width."""
    intermediate_dim: int = 480
    """Width between the two matrices of a block."""
    num_layers: int = 4
    """ConvNeXt blocks."""
    head: str = "source"
    """What makes sound: `source`, filters of pulses and noise, which an hour on a processor
    teaches; `istft`, Vocos' own, which learns its phases too and takes days on a GPU."""

    def __post_init__(self) -> None:
        if self.head not in ("source", "istft"):
            raise ConfigError(f"network.head must be source or istft, found {self.head!r}")


def describe(config: NetworkConfig, mel: MelConfig) -> dict[str, Any]:
    """What Vocos' own `config.yaml` says of such a network."""
    window = {"n_fft": mel.n_fft, "hop_length": mel.hop}
    features = {"sample_rate": mel.sample_rate, "n_mels": mel.n_mels, **window}
    backbone = {"input_channels": mel.n_mels, **asdict(config)}
    del backbone["head"]
    head: dict[str, Any] = {"dim": config.dim, "padding": "center", **window}
    name = "vocos.heads.ISTFTHead"
    if config.head == "source":
        name, head["sample_rate"], head["bands"] = SOURCE_FILTER, mel.sample_rate, mel.n_mels
    return {
        "feature_extractor": _entry("vocos.feature_extractors.MelSpectrogramFeatures", features),
        "backbone": _entry("vocos.models.VocosBackbone", backbone),
        "head": _entry(name, head),
    }


def _entry(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"class_path": name, "init_args": arguments}


@dataclass(frozen=True)
class Taught:
    """What a generator makes while it learns: `wave` (batch, (frames - 1) * hop), `mended` (batch,
    frames, n_mels) the mel that it took for what it was told, `pitch` how badly that was read."""

    wave: Tensor
    mended: Tensor
    pitch: Tensor


class Generator(nn.Module):
    """What is trained: (batch, n_mels, frames) log magnitudes -> (batch, (frames - 1) * hop)."""

    def decode(self, features: Tensor) -> Tensor:
        """The sound of mels, as it is made once training is over."""
        raise NotImplementedError

    def taught(self, features: Tensor, real: Tensor, seed: int, remade: int = 0) -> "Taught":
        """The sound of the mels of recordings.

        Args:
            features: (batch, n_mels, frames) log magnitudes.
            real: (batch, samples), the recordings.
            seed: of what is drawn.
            remade: of so many rows, the first, the mel is no recording's: its pitch may be another.
        """
        raise NotImplementedError


def make_generator(config: NetworkConfig, mel: MelConfig) -> Generator:
    """The untrained network of a description, with the names of weights of `vocos.Vocos`."""
    parts = {name: part["init_args"] for name, part in describe(config, mel).items()}
    kind = SourceFilterGenerator if config.head == "source" else IstftGenerator
    return kind(parts["backbone"], parts["head"])


class SourceFilterGenerator(SourceFilterNetwork, Generator):
    """Is told the pitch of the recordings while it learns to read it off their mels."""

    def taught(self, features: Tensor, real: Tensor, seed: int, remade: int = 0) -> Taught:
        f0, voiced = yin(real, self.head.sample_rate, self.head.hop)
        hidden = self.backbone(features)
        # Phases need the precision, whatever the backbone computes in.
        with torch.autocast(features.device.type, enabled=False):
            hidden = hidden.float()
            loss = self._misread(hidden[remade:], f0[remade:], voiced[remade:])
            sound = self.head.sound(hidden, bridged(f0, voiced), seed)
            mel = self.head.mended(hidden, features.transpose(1, 2))
            # Not its magnitudes, as when it speaks: those are what is taught.
            sound = self.inversion.set_right(sound, mel, TAUGHT_ROUNDS, 0.0)
        return Taught(sound, mel, loss)

    def _misread(self, hidden: Tensor, f0: Tensor, voiced: Tensor) -> Tensor:
        if not len(hidden):
            return hidden.new_zeros(())
        logits = self.head.pitch(hidden)
        loss = binary_cross_entropy_with_logits(logits[..., 0], voiced.float())
        if voiced.any():
            loss = loss + cross_entropy(logits[voiced][:, 1:], place_of(f0[voiced]))
        return loss


class IstftGenerator(Generator):
    """Vocos as its package has it."""

    def __init__(self, backbone: dict[str, Any], head: dict[str, Any]):
        super().__init__()
        from vocos.heads import ISTFTHead
        from vocos.models import VocosBackbone

        self.backbone, self.head = VocosBackbone(**backbone), ISTFTHead(**head)

    def decode(self, features: Tensor) -> Tensor:
        hidden = self.backbone(features)
        with torch.autocast(features.device.type, enabled=False):
            sound: Tensor = self.head(hidden.float())
        return sound

    def taught(self, features: Tensor, real: Tensor, seed: int, remade: int = 0) -> Taught:
        return Taught(self.decode(features), features.mT, features.new_zeros(()))


def save_vocoder(
    folder: Path,
    weights: Mapping[str, Tensor],
    config: NetworkConfig,
    mel: MelConfig,
    facts: Mapping[str, Any],
) -> None:
    """Write a folder that `VocosVocoder.load` reads, in half floats; so does the `vocos` package
    where the head is its own.

    `facts`: what `card.json` says of the training, licence and sources.
    """
    folder.mkdir(parents=True, exist_ok=True)
    description = describe(config, mel)
    kept = {name: weight.detach().half().contiguous() for name, weight in weights.items()}
    if config.head == "istft":  # the package wants the mel filters, too
        from vocos.feature_extractors import MelSpectrogramFeatures

        features = MelSpectrogramFeatures(**description["feature_extractor"]["init_args"])
        filters = features.state_dict().items()
        kept |= {f"feature_extractor.{name}": value.contiguous() for name, value in filters}
    unfinished = folder / "model.safetensors.part"
    save_file(kept, unfinished)
    (folder / "config.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    card = json.dumps(dict(facts), ensure_ascii=False, indent=1)
    (folder / "card.json").write_text(card + "\n", encoding="utf-8")
    unfinished.replace(folder / "model.safetensors")
