"""A recogniser as a folder: recogniser.json (sizes, classes, facts), recogniser.safetensors and
phonotactics.safetensors (which segments follow which)."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from diamoe.config import build
from diamoe.errors import BundleError, ConfigError
from diamoe.recogniser.decode import Recogniser
from diamoe.recogniser.labels import SegmentLabels
from diamoe.recogniser.model import PhoneRecogniser, RecogniserConfig
from diamoe.recogniser.phonotactics import Phonotactics
from diamoe.shipped import recogniser_folder

FORMAT = 2


def save_recogniser(
    folder: str | Path, recogniser: Recogniser, facts: dict[str, Any] | None = None
) -> None:
    """Write the weights as half floats, and everything else as JSON."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    model, labels = recogniser.model, recogniser.labels
    weights = {k: v.detach().half().contiguous() for k, v in model.state_dict().items()}
    save_file(weights, folder / "recogniser.safetensors")
    pairs = {dialect: p.contiguous() for dialect, p in recogniser.phonotactics.pairs.items()}
    save_file(pairs, folder / "phonotactics.safetensors")
    card = {
        "format": FORMAT,
        "config": asdict(model.config),
        "segments": labels.segments,
        "tones": labels.tones,
        "facts": facts or {},
    }
    text = json.dumps(card, ensure_ascii=False, indent=1)
    (folder / "recogniser.json").write_text(text, encoding="utf-8")


def load_recogniser(folder: str | Path) -> Recogniser:
    """Read what `save_recogniser` wrote, or the package's own (`shipped`).

    The model is in evaluation mode, float32.

    Raises:
        BundleError: a file is missing, or is not what it should be.
    """
    folder = recogniser_folder(folder)
    path = folder / "recogniser.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise BundleError(f"{path}: format {card['format']!r}, allowed: {FORMAT}")
        labels = SegmentLabels(tuple(card["segments"]), tuple(card.get("tones", ())))
        model = PhoneRecogniser(build(RecogniserConfig, card["config"]))
        weights = load_file(folder / "recogniser.safetensors")
        model.load_state_dict({k: v.float() for k, v in weights.items()})
        pairs = load_file(folder / "phonotactics.safetensors")
    except (OSError, ValueError, KeyError, TypeError, ConfigError) as error:
        raise BundleError(f"{folder}: not a recogniser ({error})") from error
    except (SafetensorError, RuntimeError) as error:
        raise BundleError(f"{folder}: unreadable weights ({error})") from error
    for found, wanted, what in (
        (len(labels), model.config.classes, "classes"),
        (labels.tone_classes, model.config.tones, "tones"),
    ):
        if found != wanted:
            raise BundleError(f"{path}: {found} labels, {wanted} {what}")
    for dialect, counted in pairs.items():
        if counted.ndim != 2 or len(counted) != 3 or not _are_classes(counted[:2], len(labels)):
            raise BundleError(f"{folder}: pairs of {dialect!r} that are not of its classes")
    network = model.eval().requires_grad_(False)
    return Recogniser(network, labels, Phonotactics(pairs, len(labels)))


def _are_classes(found: Tensor, classes: int) -> bool:
    return not found.numel() or bool((found >= 0).all() and (found < classes).all())


def read_facts(folder: str | Path) -> dict[str, Any]:
    """What a recogniser says of itself: its corpora, its errors on held-out recordings.

    Raises:
        BundleError: there is no recogniser in the folder.
    """
    path = recogniser_folder(folder) / "recogniser.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["facts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{folder}: not a recogniser ({error})") from error
