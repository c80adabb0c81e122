"""Adapters found by name, put on a loaded bundle and taken off it."""

import os
from dataclasses import replace
from pathlib import Path

from diamoe.adaptation.attaching import attach, detach, grow, load_parameters
from diamoe.adaptation.storage import CARD, Adapter, load_adapter
from diamoe.bundle import Bundle, fingerprint
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticModel
from diamoe.text.vocabulary import PhoneVocabulary

VARIABLE = "DIAMOE_ADAPTERS"
"""Environment variable: folders that hold adapter folders, as in PATH."""
HERE = Path("adapters")
"""Where adapters lie unless told otherwise, under the current folder."""


def adapter_folders() -> list[Path]:
    """Folders in which adapters are looked for by name."""
    listed = os.environ.get(VARIABLE, "")
    return [*(Path(p) for p in listed.split(os.pathsep) if p), HERE]


def available_adapters() -> dict[str, Path]:
    """The folder of every adapter that can be named; the first of a name counts."""
    found: dict[str, Path] = {}
    for folder in adapter_folders():
        for card in sorted(folder.glob(f"*/{CARD}")):
            found.setdefault(card.parent.name, card.parent)
    return found


def find_adapter(name: str) -> Path:
    """An adapter's folder by its name, or the folder itself.

    Raises:
        AdapterError: there is none; the message lists those that are.
    """
    if (Path(name) / CARD).is_file():
        return Path(name)
    known = available_adapters()
    if name in known:
        return known[name]
    places = ", ".join(map(str, adapter_folders()))
    raise AdapterError(
        f"unknown adapter {name!r}; known in {places}: {', '.join(known) or 'none'} "
        f"(a folder with {CARD}, or a name; {VARIABLE} adds places)"
    )


def put_on(bundle: Bundle, name: str | Path) -> Bundle:
    """The bundle with one more adapter in its model, whose `using` makes it speak.

    The base's tensors stay where they are: adapters come and go between requests. The returned
    bundle shares the model and may know more phones.

    Raises:
        AdapterError: the adapter is not there, is corrupt, or belongs to another base.
    """
    adapter = load_adapter(find_adapter(str(name)))
    card = adapter.card
    model, vocabulary = bundle.model, bundle.vocabulary
    if not isinstance(model, AcousticModel) or not isinstance(vocabulary, PhoneVocabulary):
        raise AdapterError(f"{card.name}: an imported network takes no adapters")
    check_base(adapter, bundle)
    taken = sorted(set(adapter.voices) & set(bundle.voices))
    if taken:
        raise AdapterError(f"{card.name}: there is a voice {taken[0]!r} already")
    longer = grow(model, vocabulary, card.phones)
    attach(model, card.ref, card.shape, longer)
    try:
        load_parameters(model, card.ref, adapter.tensors)
    except AdapterError:
        detach(model, card.ref)
        raise
    return replace(
        bundle,
        vocabulary=longer,
        voices={**adapter.voices, **bundle.voices},
        adapters={**bundle.adapters, card.name: replace(card.ref, voices=tuple(adapter.voices))},
    )


def check_base(adapter: Adapter, bundle: Bundle) -> None:
    """Refuse an adapter of another base.

    Raises:
        AdapterError: names both fingerprints.
    """
    if bundle.folder is None:
        raise AdapterError(f"{adapter.card.name}: the bundle was not loaded from a folder")
    found = fingerprint(bundle.folder)
    if found != adapter.card.base:
        raise AdapterError(
            f"adapter {adapter.card.name!r} belongs to another base: it was made for the bundle "
            f"{adapter.card.base[:12]}, {bundle.folder} is {found[:12]}"
        )


def take_off(bundle: Bundle, name: str) -> Bundle:
    """The bundle without one of its adapters; its voices go with it.

    Raises:
        AdapterError: it has no such adapter.
    """
    ref = bundle.adapter(name)
    assert isinstance(bundle.model, AcousticModel)
    detach(bundle.model, ref)
    return replace(
        bundle,
        voices={k: v for k, v in bundle.voices.items() if k not in ref.voices},
        adapters={k: v for k, v in bundle.adapters.items() if k != name},
    )
