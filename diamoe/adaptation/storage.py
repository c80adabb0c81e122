"""An adapter on disk: a folder that holds the difference to its base, and nothing of the base.

adapter.json          the card: base, dialect, sizes, data, licence, figures
adapter.safetensors   the adapter's own tensors, 16-bit
voices/NAME.safetensors
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from diamoe.adaptation.attaching import AdapterShape
from diamoe.config import build, to_dict
from diamoe.errors import AdapterError, BundleError, ConfigError
from diamoe.model.adapters import AdapterRef
from diamoe.synthesis.voices import Voice

FORMAT = 2
CARD = "adapter.json"
TENSORS = "adapter.safetensors"


@dataclass(frozen=True)
class AdapterCard:
    """What an adapter is, and where it comes from."""

    name: str
    """What it is called."""
    dialect: str
    """Code of the dialect that it brings."""
    place: int
    """The dialect id under which the base hears of it."""
    base: str
    """Fingerprint of the bundle that it belongs to."""
    format: int = FORMAT
    """Version of the folder's layout."""
    parent: str = ""
    """The related dialect whose id it borrows, if it does."""
    shape: AdapterShape = field(default_factory=AdapterShape)
    """Its sizes."""
    phones: list[str] = field(default_factory=list)
    """Phones that the base's vocabulary lacks."""
    parameters: int = 0
    """Its parameters."""
    base_parameters: int = 0
    """The base's parameters."""
    licence: str = ""
    """Licence of the adapter."""
    sources: list[dict[str, Any]] = field(default_factory=list)
    """Name, licence, attribution and hours of the data."""
    command: str = ""
    """The command that made it."""
    warnings: list[str] = field(default_factory=list)
    """What was said about the data."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What was measured: minutes, steps, held-out losses."""

    @property
    def ref(self) -> AdapterRef:
        """How the model knows it."""
        return AdapterRef(self.name, self.dialect, self.place)


@dataclass(frozen=True)
class Adapter:
    """A loaded adapter: card, tensors (float32) and voices."""

    card: AdapterCard
    tensors: dict[str, Tensor]
    voices: dict[str, Voice]


def save_adapter(
    path: str | Path, card: AdapterCard, tensors: dict[str, Tensor], voices: Sequence[Voice] = ()
) -> None:
    """Write an adapter folder; its card comes last, so that a folder with a card is whole."""
    path = Path(path)
    (path / "voices").mkdir(parents=True, exist_ok=True)
    halves = {k: t.detach().to("cpu", torch.float16).contiguous() for k, t in tensors.items()}
    save_file(halves, str(path / TENSORS))
    for voice in voices:
        voice.save(path / "voices" / f"{voice.name}.safetensors")
    text = json.dumps(to_dict(card), ensure_ascii=False, indent=1)
    (path / CARD).write_text(text, encoding="utf-8")


def read_card(path: str | Path) -> AdapterCard:
    """The card of an adapter folder.

    Raises:
        AdapterError: there is none, or it cannot be read.
    """
    file = Path(path) / CARD
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("format") != FORMAT:
            raise AdapterError(
                f"{file}: format {data.get('format')!r}, this version reads {FORMAT}"
            )
        return build(AdapterCard, data, CARD)
    except OSError as error:
        raise AdapterError(f"{path} is not an adapter: cannot read {CARD} ({error})") from error
    except (ValueError, ConfigError) as error:
        raise AdapterError(f"{file}: {error}") from error


def load_adapter(path: str | Path) -> Adapter:
    """Read an adapter folder.

    Raises:
        AdapterError: a file is missing, cut short or corrupt.
    """
    path = Path(path)
    card = read_card(path)
    try:
        tensors = {k: t.float() for k, t in load_file(str(path / TENSORS)).items()}
        voices = [Voice.load(p) for p in sorted((path / "voices").glob("*.safetensors"))]
    except (OSError, SafetensorError, BundleError) as error:
        raise AdapterError(f"{path / TENSORS}: cannot read the adapter ({error})") from error
    return Adapter(card, tensors, {v.name: v for v in voices})
