"""The network that is trained: Vocos' backbone and head, and the folder that keeps them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file
from torch import Tensor, nn

from diamoe.audio.mel import MelConfig


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes of a Vocos (Siuzdak, 2023); the defaults make 5.7 MB of half floats."""

    dim: int = 256
    """Width."""
    intermediate_dim: int = 768
    """Width between the two matrices of a block."""
    num_layers: int = 6
    """ConvNeXt blocks."""


def describe(config: NetworkConfig, mel: MelConfig) -> dict[str, Any]:
    """What Vocos' own `config.yaml` says of such a network."""
    window = {"n_fft": mel.n_fft, "hop_length": mel.hop}
    features = {"sample_rate": mel.sample_rate, "n_mels": mel.n_mels, **window}
    backbone = {"input_channels": mel.n_mels, **asdict(config)}
    head = {"dim": config.dim, "padding": "center", **window}
    return {
        "feature_extractor": _entry("feature_extractors.MelSpectrogramFeatures", features),
        "backbone": _entry("models.VocosBackbone", backbone),
        "head": _entry("heads.ISTFTHead", head),
    }


def _entry(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"class_path": f"vocos.{name}", "init_args": arguments}


class Generator(nn.Module):
    """Log-mels to waves, as `vocos.Vocos` does it, with the same names of weights."""

    def __init__(self, config: NetworkConfig, mel: MelConfig):
        super().__init__()
        from vocos.heads import ISTFTHead
        from vocos.models import VocosBackbone

        parts = describe(config, mel)
        self.backbone = VocosBackbone(**parts["backbone"]["init_args"])
        self.head = ISTFTHead(**parts["head"]["init_args"])

    def forward(self, mel: Tensor) -> Tensor:
        """`mel`: (batch, frames, n_mels) log magnitudes -> (batch, (frames - 1) * hop)."""
        hidden = self.backbone(mel.transpose(1, 2))
        # Phases need the precision, whatever the backbone computes in.
        with torch.autocast(mel.device.type, enabled=False):
            return self.head(hidden.float())


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
