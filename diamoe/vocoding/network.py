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
from diamoe.audio.source_filter import Backbone, SourceFilterHead, held, place_of
from diamoe.errors import ConfigError
from diamoe.vocoding.pitch import yin


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of a Vocos (Siuzdak, 2023); the defaults make 6.1 MB of half floats."""

    dim: int = 256
    """Width."""
    intermediate_dim: int = 768
    """Width between the two matrices of a block."""
    num_layers: int = 6
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
        name, head["sample_rate"] = SOURCE_FILTER, mel.sample_rate
    return {
        "feature_extractor": _entry("vocos.feature_extractors.MelSpectrogramFeatures", features),
        "backbone": _entry("vocos.models.VocosBackbone", backbone),
        "head": _entry(name, head),
    }


def _entry(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"class_path": name, "init_args": arguments}


class Generator(nn.Module):
    """Log-mels to waves, as `vocos.Vocos` does it, with the same names of weights."""

    def __init__(self, config: NetworkConfig, mel: MelConfig):
        super().__init__()
        parts = {name: part["init_args"] for name, part in describe(config, mel).items()}
        self.mel = mel
        self.backbone = Backbone(**parts["backbone"])
        self.head: Any
        if config.head == "source":
            self.head = SourceFilterHead(**parts["head"])
        else:
            from vocos.heads import ISTFTHead

            self.head = ISTFTHead(**parts["head"])

    def forward(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, (frames - 1) * hop)."""
        hidden = self.backbone(mel.transpose(1, 2))
        # Phases need the precision, whatever the backbone computes in.
        with torch.autocast(mel.device.type, enabled=False):
            wave: Tensor = self.head(hidden.float())
        return wave

    def taught(self, mel: Tensor, real: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        """The sound of recordings' mels, at the recordings' own pitch where the head wants one,
        and how badly that was read off the mels.

        Args:
            mel: (batch, frames, n_mels) log magnitudes.
            real: (batch, samples), the recordings.
            seed: of the noise.

        Returns:
            (batch, (frames - 1) * hop), and one number.
        """
        if not isinstance(self.head, SourceFilterHead):
            return self(mel), mel.new_zeros(())
        f0, voiced = yin(real, self.mel.sample_rate, self.mel.hop)
        hidden = self.backbone(mel.transpose(1, 2))
        with torch.autocast(mel.device.type, enabled=False):
            hidden = hidden.float()
            logits = self.head.pitch(hidden)
            loss = binary_cross_entropy_with_logits(logits[..., 0], voiced.float())
            if voiced.any():
                loss = loss + cross_entropy(logits[voiced][:, 1:], place_of(f0[voiced]))
            return self.head.sound(hidden, held(f0, voiced), seed), loss


def save_vocoder(
    folder: Path,
    weights: Mapping[str, Tensor],
    config: NetworkConfig,
    mel: MelConfig,
    facts: Mapping[str, Any],
) -> None:
    """Write a folder that `VocosVocoder.load` and the `vocos` package read, in half floats.

    `facts`: what `card.json` says of the training, licence and sources.
    """
    from vocos.feature_extractors import MelSpectrogramFeatures

    folder.mkdir(parents=True, exist_ok=True)
    description = describe(config, mel)
    features = MelSpectrogramFeatures(**description["feature_extractor"]["init_args"])
    kept = {f"feature_extractor.{k}": v.contiguous() for k, v in features.state_dict().items()}
    kept |= {k: v.detach().half().contiguous() for k, v in weights.items()}
    unfinished = folder / "model.safetensors.part"
    save_file(kept, unfinished)
    (folder / "config.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    card = json.dumps(dict(facts), ensure_ascii=False, indent=1)
    (folder / "card.json").write_text(card + "\n", encoding="utf-8")
    unfinished.replace(folder / "model.safetensors")
