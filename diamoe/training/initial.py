"""What a run starts from: a bundle of ours, or what an imported network has in common with it."""

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.bundle import Origin
from diamoe.config import to_dict
from diamoe.corpus import corpus_shards
from diamoe.errors import ConfigError, CorpusError
from diamoe.flow.duration import DurationConfig
from diamoe.flow.matching import AcousticConfig, AcousticModel
from diamoe.model.dit import DiTConfig
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import parse_phone
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.shards import read_lines
from diamoe.training.takeover import take_over

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """Where the first weights come from."""

    model: AcousticModel | None = None
    """The model, None for one from scratch."""
    origin: Origin = field(default_factory=Origin)
    """Licence and sources of the weights; empty from scratch."""
    report: dict[str, object] = field(default_factory=dict)
    """Which of an imported network's tensors were taken over."""


def start_from(
    folder: str, model: DiTConfig, duration: DurationConfig, vocabulary: PhoneVocabulary
) -> Start:
    """The model that a run starts from.

    Raises:
        BundleError: the bundle cannot be read, or its phones are not the first of ours.
        ConfigError: there is no such folder, or an imported network has another size than `model`.
    """
    if not Path(folder).is_dir():
        raise ConfigError(f"init: there is no bundle {folder!r}; a finished run leaves one")
    bundle = bundles.load(folder)
    if bundle.mel != MelConfig():
        raise ConfigError(f"init: {folder} has other mel settings: {bundle.mel}")
    if isinstance(bundle.model, AcousticModel):
        assert isinstance(bundle.vocabulary, PhoneVocabulary)
        return Start(bundle.model.grown(bundle.vocabulary, vocabulary).train(), bundle.origin)
    config = AcousticConfig(model, duration, scale=bundle.model.config.scale)
    ours = AcousticModel(config, vocabulary)
    taken = take_over(bundle.model.dit, ours.dit)
    log.info("%s: %s", folder, taken.text())
    return Start(ours, bundle.origin, to_dict(taken))


def describe_origin(folders: Sequence[str], start: Origin, licence: str) -> Origin:
    """What the run's weights come from: its corpora, and what its start came from.

    Raises:
        CorpusError: a corpus has no card.json with its name and licence.
    """
    sources: list[dict[str, Any]] = []
    heard, phones = set(start.dialects), set[str]()
    for folder in folders:
        sources.append(_read_card(folder))
        for cuts, _ in corpus_shards(folder):
            for line in read_lines(cuts):
                spoken = json.loads(line)["supervisions"][0]
                heard.add(spoken["language"])
                phones |= set(spoken["custom"]["phones"].split())
    names = {source["name"] for source in sources}
    sources += [source for source in start.sources if source.get("name") not in names]
    dialects = sorted(heard, key=lambda code: (load_dialect(code).id, code))
    command = " ".join(["python -m diamoe.train", *sys.argv[1:]])
    segments = sorted({parse_phone(phone).segment for phone in phones} | set(start.segments))
    return Origin(licence or start.licence, command, sources, dialects, segments)


def _read_card(folder: str) -> dict[str, Any]:
    file = Path(folder) / "card.json"
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
        keys = ("name", "source", "licence", "attribution", "hours")
        return {"name": card["name"], "licence": card["licence"]} | {
            k: card[k] for k in keys if k in card
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorpusError(
            f"{file}: no card of the corpus with its name and licence ({error!r})"
        ) from error
