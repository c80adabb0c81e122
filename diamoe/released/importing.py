"""`tts import`: a released checkpoint becomes a bundle."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.bundle import Origin
from diamoe.errors import CheckpointError, UnknownPhone
from diamoe.flow.released import ReleasedModel, ReleasedModelConfig
from diamoe.model.released import ReleasedConfig
from diamoe.released.architecture import Arch, arch_beside, read_arch, read_architecture
from diamoe.released.checkpoint import Checkpoint, Which, read_checkpoint
from diamoe.released.layout import convert
from diamoe.released.vocabulary import ReleasedVocabulary
from diamoe.synthesis.voices import Voice

LICENCE = (
    "CC-BY-NC-4.0: not for commercial use. F5-TTS's weights have this licence, and DiaMoE-TTS's "
    "are trained from them."
)
"""What is kept with the weights unless another licence is given."""


@dataclass(frozen=True)
class Imported:
    """What `import_checkpoint` wrote and what it took for granted."""

    network: ReleasedConfig
    description: str
    """What the file is, in a line."""
    notes: tuple[str, ...]
    """What the shapes could not tell, and what was left out."""
    parameters: int
    """Parameters of the network."""


def import_checkpoint(
    file: str | Path,
    vocabulary: str | Path,
    out: str | Path,
    arch: str | None = None,
    which: Which = "auto",
    licence: str = LICENCE,
) -> Imported:
    """Write a released checkpoint as a bundle.

    The bundle also gets the shipped bundle's duration predictor and those of its voices whose
    phones the vocabulary has, so that it speaks at once.

    Args:
        file: `.pt` or `.safetensors`.
        vocabulary: its `vocab.txt`.
        out: bundle folder.
        arch: a preset (f5-base, f5-v1, diamoe) or a JSON file, for what shapes cannot tell;
            without it the `arch` of a `config.json` beside the file, or F5-TTS Base's values.
        which: averaged (EMA) or plain weights.
        licence: kept with the weights.

    Raises:
        CheckpointError: the file, the vocabulary or the settings are wrong; nothing is written.
    """
    checkpoint = read_checkpoint(file, which)
    words = ReleasedVocabulary.read(vocabulary)
    settings, notes = _settings(checkpoint.file, arch)
    network, weights = read_network(checkpoint, words, settings)
    if checkpoint.left_out:
        notes.append(f"left out, no part of the network: {', '.join(checkpoint.left_out)}")
    shipped = bundles.load()
    model, mel = _model(network, weights), MelConfig(n_mels=network.n_mels)
    voices = [v for v in shipped.voices.values() if _can_speak(v, words, network.n_mels)]
    silent = shipped.voices.keys() - {voice.name for voice in voices}
    if silent:
        notes.append(f"voices whose phones or mel it does not know: {', '.join(sorted(silent))}")
    origin = _origin(checkpoint.file, licence, shipped.origin)
    _check_folder(Path(out))
    casting = {d: name for d, name in shipped.casting.items() if name not in silent}
    bundles.save(out, model, words, mel, voices, origin, _dtype(weights), casting)
    parameters = sum(p.numel() for p in model.dit.parameters())
    return Imported(network, describe(checkpoint, network, words), tuple(notes), parameters)


def read_network(
    checkpoint: Checkpoint, vocabulary: ReleasedVocabulary, arch: Arch
) -> tuple[ReleasedConfig, dict[str, Tensor]]:
    """Architecture and state dict of a checkpoint.

    Raises:
        CheckpointError: a tensor does not fit, or the vocabulary has another size.
    """
    weights = checkpoint.weights
    shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    embedding = shapes.get("transformer.text_embed.text_embed.weight", ())
    if len(embedding) == 2 and embedding[0] != len(vocabulary) + 1:
        raise CheckpointError(
            f"{checkpoint.file}: its text embedding has {embedding[0]} rows, which is filler and "
            f"{embedding[0] - 1} entries, but the vocabulary has {len(vocabulary)} entries"
        )
    network = read_architecture(
        checkpoint.file, shapes, len(vocabulary), arch, vocabulary.space_between
    )
    return network, convert(checkpoint.file, network, weights, arch.lora_alpha)


def _settings(file: Path, arch: str | None) -> tuple[Arch, list[str]]:
    beside = arch_beside(file)
    if arch is not None:
        return read_arch(arch), []
    if beside is not None:
        return read_arch(str(beside)), [f"settings from {beside}"]
    return Arch(), [
        "assumed, since shapes cannot tell: text_mask_padding false, pe_attn_head 1, top_k 1 "
        "(F5-TTS Base and DiaMoE-TTS); --arch f5-v1 for F5-TTS v1, or --arch FILE.json"
    ]


def _model(network: ReleasedConfig, weights: dict[str, Tensor]) -> ReleasedModel:
    """The network with the shipped duration predictor."""
    own, phones = bundles.load_own()
    model = ReleasedModel(ReleasedModelConfig(network, own.config.duration), phones)
    model.dit.load_state_dict(weights)
    model.duration = own.duration
    return model


def _can_speak(voice: Voice, vocabulary: ReleasedVocabulary, n_mels: int) -> bool:
    try:
        vocabulary.encode(voice.phones)
    except UnknownPhone:
        return False
    return voice.mel.shape[1] == n_mels


def _origin(file: Path, licence: str, shipped: Origin) -> Origin:
    network = {"name": f"network, imported from {file.name}", "licence": licence}
    duration = {"name": "phone durations, from the shipped bundle", "licence": shipped.licence}
    return Origin(licence, f"tts import {file.name}", [network, duration, *shipped.sources])


def _check_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(f"cannot write the bundle {out}: {error}") from error


def _dtype(weights: dict[str, Tensor]) -> torch.dtype:
    """Half precision where the file has nothing finer."""
    kinds = {tensor.dtype for tensor in weights.values()}
    halves = {torch.float16, torch.bfloat16}
    return kinds.pop() if len(kinds) == 1 and kinds <= halves else torch.float32


def describe(
    checkpoint: Checkpoint, network: ReleasedConfig, vocabulary: ReleasedVocabulary
) -> str:
    """What a file is, in a line."""
    experts = network.experts
    if experts.count:
        name = f"DiaMoE-TTS, {experts.count} {experts.kind} experts"
    else:
        name = "F5-TTS" + (" with phones" if vocabulary.has_phones else "")
    adapted = ", adapted (PEFT)" if network.adapter.width else ""
    averaged = "averaged" if checkpoint.averaged else "plain"
    return f"{name}{adapted}, {averaged} weights, {network.dim} wide, {network.depth} deep"
