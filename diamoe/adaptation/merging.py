"""An adapter made part of a bundle for good."""

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from diamoe import bundle as bundles
from diamoe.adaptation.loading import find_adapter, put_on
from diamoe.adaptation.lora import lora_layers
from diamoe.adaptation.storage import AdapterCard, read_card
from diamoe.audio.vocoder import carry_vocoder
from diamoe.bundle import Origin
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticModel
from diamoe.model.adapters import AdaptedEmbedding, AdapterRef, ExpertCopies, ExpertCopy
from diamoe.synthesis.options import bundle_sampling, save_sampling
from diamoe.text.dialect import load_dialect
from diamoe.text.vocabulary import PhoneVocabulary


def merge_adapter(base: str | Path, name: str | Path, out: str | Path) -> None:
    """Write a bundle that speaks an adapter's dialect by itself, as the adapter did.

    LoRA, embedding rows and a copied expert become part of the base's tensors; the conditioning
    adapters, which no layer of the base could express, stay as layers of the new model. Every
    dialect now goes through them.

    Raises:
        AdapterError: the adapter does not fit the base, `out` is there already, or the dialect
            would no longer be found under its id.
        BundleError: the base cannot be read.
    """
    if Path(out).exists():
        raise AdapterError(f"{out} is there already; name a new folder")
    card = read_card(find_adapter(str(name)))
    found = load_dialect(card.dialect).id
    if found != card.place:
        raise AdapterError(
            f"{card.name}: a bundle hears of {card.dialect} under the id {found} of its file, the "
            f"adapter under {card.place} ({card.parent}): it cannot be merged, only put on"
        )
    bundle = put_on(bundles.load(base), name)
    assert isinstance(bundle.model, AcousticModel)
    assert isinstance(bundle.vocabulary, PhoneVocabulary)
    model = merged(bundle.model, bundle.vocabulary, bundle.adapters[card.name], card)
    voices = list(bundle.voices.values())
    origin = _origin(bundle.origin, card)
    bundles.save(out, model, bundle.vocabulary, bundle.mel, voices, origin, casting=bundle.casting)
    save_sampling(Path(out), bundle_sampling(bundle.folder))
    carry_vocoder(bundle.folder, Path(out))


def merged(
    model: AcousticModel, vocabulary: PhoneVocabulary, ref: AdapterRef, card: AdapterCard
) -> AcousticModel:
    """A plain model that computes for every row what `model` computes through the adapter."""
    number = len(model.config.conditioning)
    config = replace(model.config, conditioning=[*model.config.conditioning, card.shape.bottleneck])
    plain = AcousticModel(config, vocabulary)
    with torch.no_grad():
        state = {
            _plain_name(name, ref.key, number): tensor
            for name, tensor in (model.state_dict() | _folded(model, ref.key)).items()
        }
    plain.load_state_dict({name: state[name] for name in plain.state_dict()})
    return plain.eval()


def _plain_name(name: str, key: str, number: int) -> str:
    return name.replace(".base_layer.", ".").replace(f"adapter.{key}.", f"adapter.{number}.")


def _folded(model: nn.Module, key: str) -> dict[str, Tensor]:
    """The base's tensors that the adapter changes, changed, under their names in `model`."""
    changed: dict[str, Tensor] = {}
    lora = {id(layer) for layer in lora_layers(model)}
    for name, module in model.named_modules():
        if id(module) in lora:
            base = module.base_layer.weight
            changed[f"{name}.base_layer.weight"] = base + module.get_delta_weight(key)
        elif isinstance(module, AdaptedEmbedding) and key in module.changes:
            every = torch.arange(module.num_embeddings)
            changed[f"{name}.weight"] = module.weight + module.changes[key](every)
        elif isinstance(module, ExpertCopies) and key in module:
            changed |= _folded_expert(model, name.rpartition(".")[0], module[key])
    return changed


def _folded_expert(model: nn.Module, owner: str, copy: nn.Module) -> dict[str, Tensor]:
    assert isinstance(copy, ExpertCopy)
    moe = model.get_submodule(owner)
    changed = {}
    for part in ("up", "down"):
        tensor = getattr(moe, part).clone()
        tensor[copy.expert] += getattr(copy, part)
        changed[f"{owner}.{part}"] = tensor
    return changed


def _origin(base: Origin, card: AdapterCard) -> Origin:
    """Both licences and all sources."""
    licences = dict.fromkeys(licence for licence in (base.licence, card.licence) if licence)
    return Origin(
        licence=" AND ".join(licences),
        command=f"{base.command}; adapter {card.name}: {card.command}",
        sources=[*base.sources, *card.sources],
        dialects=list(dict.fromkeys([*base.dialects, card.dialect])),
        segments=sorted({*base.segments, *card.shape.segments}),
    )
