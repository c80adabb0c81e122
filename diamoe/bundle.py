"""A bundle: a trained model as a folder of safetensors and JSON, complete for synthesis.

bundle.json          format, architecture, mel settings, dialect codes, licence, sources
vocabulary.json      phone tokens in the order of their ids
model.safetensors    weights
voices/NAME.safetensors

A bundle made by `tts import` says `"network": "released"`; its vocabulary.json is the released
one, and phones.json holds the phones of its duration predictor.

An adapter is a folder of its own that holds only the difference (diamoe/adaptation/storage.py)
and the `fingerprint` of the bundle that it belongs to.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from diamoe import shipped
from diamoe.audio.mel import MelConfig
from diamoe.config import build, to_dict
from diamoe.errors import AdapterError, BundleError, ConfigError
from diamoe.flow.matching import AcousticConfig, AcousticModel
from diamoe.flow.released import ReleasedModel, ReleasedModelConfig
from diamoe.model.adapters import AdapterRef
from diamoe.released.vocabulary import ReleasedVocabulary
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.vocabulary import PhoneVocabulary

FORMAT = 1
SHIPPED = shipped.BUNDLE
"""The bundle that comes with the package."""
RECOGNISER = shipped.RECOGNISER
"""The phone recogniser that comes with the package."""


@dataclass(frozen=True)
class Origin:
    """Where a bundle comes from; shown by `tts voices` and kept with the weights."""

    licence: str = ""
    """Licence of the weights."""
    command: str = ""
    """The command that trained them."""
    sources: list[dict[str, Any]] = field(default_factory=list)
    """Name, licence, attribution and hours of every corpus."""
    dialects: list[str] = field(default_factory=list)
    """Dialects heard in training."""
    segments: list[str] = field(default_factory=list)
    """Segments heard in training, as far as they were written down."""


@dataclass(frozen=True)
class Bundle:
    """A loaded bundle; model and vocabulary are both ours or both released ones."""

    model: AcousticModel | ReleasedModel
    vocabulary: PhoneVocabulary | ReleasedVocabulary
    mel: MelConfig
    voices: dict[str, Voice]
    origin: Origin
    casting: Mapping[str, str] = field(default_factory=dict)
    """Name of the voice that speaks a dialect where none is asked for."""
    folder: Path | None = None
    """Where it was loaded from."""
    adapters: Mapping[str, AdapterRef] = field(default_factory=dict)
    """Adapters in the model, by name; none speaks until `using` says so."""

    def adapter(self, name: str) -> AdapterRef:
        """An adapter that is on.

        Raises:
            AdapterError: there is none of this name; the message lists those that are.
        """
        if name not in self.adapters:
            known = ", ".join(self.adapters) or "none"
            raise AdapterError(f"no adapter {name!r} is on; on are: {known}")
        return self.adapters[name]


def save(
    path: str | Path,
    model: AcousticModel | ReleasedModel,
    vocabulary: PhoneVocabulary | ReleasedVocabulary,
    mel: MelConfig,
    voices: Sequence[Voice] = (),
    origin: Origin | None = None,
    dtype: torch.dtype = torch.float16,
    casting: Mapping[str, str] | None = None,
) -> None:
    """Write a bundle folder; weights are stored as `dtype`.

    Raises:
        BundleError: `casting` names a dialect that is unknown or a voice that is not in `voices`.
    """
    path = Path(path)
    _check_casting(path, casting or {}, [voice.name for voice in voices])
    (path / "voices").mkdir(parents=True, exist_ok=True)
    weights = {k: v.detach().to("cpu", dtype).contiguous() for k, v in model.state_dict().items()}
    save_file(weights, str(path / "model.safetensors"))
    vocabulary.save(path / "vocabulary.json")
    for voice in voices:
        voice.save(path / "voices" / f"{voice.name}.safetensors")
    if isinstance(model, ReleasedModel):
        model.phones.save(path / "phones.json")
    description = {
        "format": FORMAT,
        "network": "released" if isinstance(model, ReleasedModel) else "diamoe",
        "model": to_dict(model.config),
        "mel": to_dict(mel),
        "dialects": list(DIALECT_CODES),
        "origin": to_dict(origin or Origin()),
        "casting": dict(casting or {}),
    }
    (path / "bundle.json").write_text(
        json.dumps(description, ensure_ascii=False, indent=1), encoding="utf-8"
    )


def load(path: str | Path = SHIPPED) -> Bundle:
    """Read a bundle folder, or the package's own (`shipped`); weights become float32, ready for
    inference on the CPU.

    Raises:
        BundleError: a file is missing or corrupt, the format is newer, a tensor is missing,
            superfluous or misshapen, dialect ids mean something else here, or a voice is cast
            that is not there.
    """
    path = shipped.bundle_folder(path)
    description = _read_description(path)
    known = list(DIALECT_CODES)[: len(description["dialects"])]
    if description["dialects"] != known:
        raise BundleError(f"{path}: its dialect ids {description['dialects']} differ from {known}")
    try:
        model, vocabulary = _build(path, description)
        mel = build(MelConfig, description["mel"], "bundle.json mel")
        origin = build(Origin, description["origin"], "bundle.json origin")
    except ConfigError as error:
        raise BundleError(f"{path}: {error}") from error
    load_weights(model, path / "model.safetensors")
    voices = [Voice.load(p) for p in sorted((path / "voices").glob("*.safetensors"))]
    casting = dict(description.get("casting", {}))
    _check_casting(path, casting, [voice.name for voice in voices])
    by_name = {voice.name: voice for voice in voices}
    return Bundle(model.eval(), vocabulary, mel, by_name, origin, casting, path)


def _check_casting(path: Path, casting: Mapping[str, str], voices: Sequence[str]) -> None:
    for dialect, name in casting.items():
        if dialect not in DIALECT_CODES or name not in voices:
            raise BundleError(
                f"{path}: {name!r} is cast for {dialect!r}; allowed: the dialects "
                f"{', '.join(DIALECT_CODES)}, the voices {', '.join(voices) or '(none)'}"
            )


def fingerprint(path: str | Path) -> str:
    """What tells a bundle's network from every other: SHA-256 of its weights, phones, dialect ids
    and architecture. Voices and texts about it do not matter.

    Raises:
        BundleError: the folder is no bundle.
    """
    path = shipped.bundle_folder(path)
    description = _read_description(path)
    kept = [description[key] for key in ("model", "mel", "dialects")]
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode())
    for name in ("vocabulary.json", "model.safetensors"):
        try:
            with (path / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise BundleError(f"{path / name}: cannot be read ({error})") from error
    return digest.hexdigest()


def _build(
    path: Path, description: dict[str, Any]
) -> tuple[AcousticModel | ReleasedModel, PhoneVocabulary | ReleasedVocabulary]:
    """The bundle's network, still without its weights, and its vocabulary."""
    file, where = path / "vocabulary.json", "bundle.json model"
    network = description.get("network", "diamoe")
    if network == "diamoe":
        phones = PhoneVocabulary.load(file)
        config = build(AcousticConfig, description["model"], where)
        return AcousticModel(config, phones), phones
    if network != "released":
        raise BundleError(f"{path}: network {network!r}, this version knows diamoe and released")
    released = build(ReleasedModelConfig, description["model"], where)
    vocabulary = ReleasedVocabulary.load(file, released.network.compatibility.space_between_tokens)
    if len(vocabulary) != released.network.tokens:
        raise BundleError(
            f"{file}: {len(vocabulary)} entries, the network has {released.network.tokens}"
        )
    return ReleasedModel(released, PhoneVocabulary.load(path / "phones.json")), vocabulary


def load_own(path: str | Path = SHIPPED) -> tuple[AcousticModel, PhoneVocabulary]:
    """Model and vocabulary of a bundle of our own network, for training and duration.

    Raises:
        BundleError: as `load`, or the bundle holds an imported network.
    """
    bundle = load(path)
    if not isinstance(bundle.model, AcousticModel):
        raise BundleError(f"{path}: an imported network, where one of our own is needed")
    assert isinstance(bundle.vocabulary, PhoneVocabulary)
    return bundle.model, bundle.vocabulary


def _read_description(path: Path) -> dict[str, Any]:
    file = path / "bundle.json"
    try:
        description = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{path} is not a bundle: cannot read bundle.json ({error})") from error
    except ValueError as error:
        raise BundleError(f"{file}: not valid JSON ({error})") from error
    needed = {"format", "model", "mel", "dialects", "origin"}
    if not isinstance(description, dict) or not needed <= description.keys():
        raise BundleError(f"{file}: expected the keys {', '.join(sorted(needed))}")
    if description["format"] != FORMAT:
        raise BundleError(f"{file}: format {description['format']!r}, this version reads {FORMAT}")
    return description


def load_weights(model: torch.nn.Module, file: Path) -> None:
    """Copy a safetensors file into a model, every tensor accounted for.

    Raises:
        BundleError: names the file and the first tensors that do not fit.
    """
    try:
        weights = load_file(str(file))
    except (OSError, SafetensorError) as error:
        raise BundleError(f"{file}: cannot read the weights ({error})") from error
    faults = misfits(model.state_dict(), weights)
    if faults:
        raise BundleError(f"{file}: {faults}")
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})


def misfits(own: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> str:
    """What is missing, superfluous or misshapen in `given`, its first three; empty where all fit.

    >>> misfits({"a": torch.zeros(2)}, {"a": torch.zeros(3), "b": torch.zeros(1)})
    '2 tensors do not fit: unknown b; a is (3,), not (2,)'
    """
    faults = [f"missing {name}" for name in own if name not in given]
    faults += [f"unknown {name}" for name in given if name not in own]
    faults += [
        f"{name} is {tuple(given[name].shape)}, not {tuple(own[name].shape)}"
        for name in own
        if name in given and given[name].shape != own[name].shape
    ]
    return f"{len(faults)} tensors do not fit: {'; '.join(faults[:3])}" if faults else ""
