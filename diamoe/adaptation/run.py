"""An adaptation from its settings to a finished adapter folder."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from lhotse.cut import Cut
from torch import Tensor

from diamoe import bundle as bundles
from diamoe.adaptation.attaching import (
    AdapterShape,
    Route,
    adapter_parameters,
    attach,
    fitted,
    grow,
)
from diamoe.adaptation.checks import check_phones, warnings_about
from diamoe.adaptation.data import Speech, placed, read_speech, segments_and_prosodies
from diamoe.adaptation.drawing import curve_figure
from diamoe.adaptation.fitting import PROGRESS, Curve, Fitter
from diamoe.adaptation.forgetting import losses_of
from diamoe.adaptation.settings import AdaptConfig
from diamoe.adaptation.storage import CARD, AdapterCard, save_adapter
from diamoe.bundle import Bundle
from diamoe.corpus import cut_speaker
from diamoe.errors import AdapterError, UnplacedDialect
from diamoe.export import VoiceSource, make_voice
from diamoe.flow.duration import utterance_pace
from diamoe.flow.matching import AcousticModel
from diamoe.model.adapters import AdapterRef, using
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import load_dialect
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.batches import MelBatches

log = logging.getLogger(__name__)

PROMPT_SECONDS = 3.0
"""Length of a voice's prompt that is aimed at."""
ROUTED_CUTS = 20
"""Utterances of which the usual expert is counted."""


class Adaptation:
    """One dialect brought to one base; `run` does it all."""

    def __init__(self, config: AdaptConfig):
        self.config = config
        self.out = Path(config.out)
        self.place = place_of(config)
        self.base = bundles.load(config.base)
        if not isinstance(self.base.model, AcousticModel):
            raise AdapterError(f"{config.base}: an imported network takes no adapters")
        assert isinstance(self.base.vocabulary, PhoneVocabulary)
        self.model = self.base.model
        self.ref = AdapterRef(adapter_name(self.out), config.dialect, self.place)

    def run(self) -> AdapterCard:
        """Adapt and write the adapter; a finished folder of the same settings is left as it is.

        Raises:
            AdapterError, CorpusError, AudioError: the data cannot be adapted to.
        """
        if self.config.threads:
            torch.set_num_threads(self.config.threads)
        if (self.out / CARD).is_file():
            if self.config.resume:
                raise AdapterError(
                    f"{self.out}: there is a finished adapter; resume=false makes it anew"
                )
            (self.out / CARD).unlink()
        speech = read_speech(self.config)
        vocabulary = self.base.vocabulary
        assert isinstance(vocabulary, PhoneVocabulary)
        check_phones(speech, vocabulary)
        warnings = warnings_about(speech, self.config.dialect, self.base)
        for warning in warnings:
            log.warning("%s", warning)
        parameters = sum(p.numel() for p in self.model.parameters())
        longer, shape, phones = self._attach(speech, vocabulary)
        own = adapter_parameters(self.model, self.ref)
        size = sum(p.numel() for p in own.values())
        log.info(
            "%s: %d of %d parameters are trained (%.2f%%), rank %d; %.1f minutes to learn, "
            "%d utterances held out",
            self.ref.name, size, parameters, 100 * size / parameters, shape.rank,
            speech.minutes, len(speech.held_out),
        )  # fmt: skip
        curve = self._fit(speech, longer)
        card = AdapterCard(
            name=self.ref.name,
            dialect=self.config.dialect,
            place=self.place,
            parent=self.config.parent,
            base=bundles.fingerprint(self.config.base),
            shape=shape,
            phones=phones,
            parameters=size,
            base_parameters=parameters,
            licence=self.config.licence or licence_of(speech.sources),
            sources=speech.sources,
            command=command_of(self.config),
            warnings=warnings,
            figures={**figures_of(curve, speech), "others": self._others(longer)},
        )
        self._write(card, {name: p.detach() for name, p in own.items()}, speech, longer, curve)
        return card

    def _attach(
        self, speech: Speech, vocabulary: PhoneVocabulary
    ) -> tuple[PhoneVocabulary, AdapterShape, list[str]]:
        config = self.config
        segments, prosodies, tokens = segments_and_prosodies(speech.train)
        phones = [t for t in tokens if t not in vocabulary]
        longer = grow(self.model, vocabulary, phones)
        route: Route = "parent" if config.parent else config.route
        shape = AdapterShape(config.rank, config.bottleneck, route, -1, segments, prosodies)
        if route == "expert":
            shape = replace(shape, expert=self._usual_expert(speech, longer))
        if not shape.rank:
            shape = fitted(self.model, shape, longer)
        torch.manual_seed(config.fit.seed)
        attach(self.model, self.ref, shape, longer)
        return longer, shape, phones

    @torch.inference_mode()
    def _usual_expert(self, speech: Speech, vocabulary: PhoneVocabulary) -> int:
        """The expert that the base chooses most for this speech."""
        cuts = placed(speech.train[:ROUTED_CUTS], self.place)
        batch = MelBatches(vocabulary, self.base.mel)[cuts]
        _, routing = self.model.dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
        if routing is None:
            raise AdapterError("route=expert: the base has no experts")
        return int(routing.weights.mean(dim=0).argmax())

    def _fit(self, speech: Speech, vocabulary: PhoneVocabulary) -> Curve:
        with using([self.ref]):
            fitter = Fitter(
                self.model,
                dict(adapter_parameters(self.model, self.ref)),
                placed(speech.train, self.place),
                placed(speech.held_out, self.place),
                vocabulary,
                self.config.fit,
                self.config.perturb,
            )
            return fitter.fit(self.out, self.config.resume)

    def _others(self, vocabulary: PhoneVocabulary) -> dict[str, dict[str, float]]:
        """Held-out flow loss of other dialects, without the adapter and through it."""
        bundle = replace(self.base, vocabulary=vocabulary)
        without = losses_of(bundle, self.config.others, self.config.fit)
        with using([self.ref]):
            through = losses_of(bundle, self.config.others, self.config.fit)
        found = {}
        for name, off in without.items():
            on = through[name]
            found[name] = {"off": off, "on": on, "change": on / off - 1}
            log.info("%s: held-out loss %.4f without, %.4f through the adapter", name, off, on)
        return found

    def _write(
        self,
        card: AdapterCard,
        tensors: dict[str, Tensor],
        speech: Speech,
        vocabulary: PhoneVocabulary,
        curve: Curve,
    ) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "curve.json").write_text(json.dumps(asdict(curve)), encoding="utf-8")
        figure = curve_figure({card.dialect: {card.name: (curve.steps, curve.flow)}})
        figure.savefig(self.out / "curve.png", dpi=110)
        voice = voice_of(card.name, speech, vocabulary, self.base)
        save_adapter(self.out, card, tensors, [voice])
        (self.out / PROGRESS).unlink(missing_ok=True)


def place_of(config: AdaptConfig) -> int:
    """The dialect id under which the base is to hear of the dialect.

    Raises:
        UnknownDialect: the dialect has no file; AdapterError: it has no id and no parent.
    """
    dialect = load_dialect(config.dialect)
    if config.parent:
        return load_dialect(config.parent).id
    try:
        return dialect.id
    except UnplacedDialect as error:
        raise AdapterError(
            f"{dialect.code} has no place in the base: name a related dialect (parent=putonghua)"
        ) from error


def adapter_name(out: Path) -> str:
    """An adapter is called like its folder.

    Raises:
        AdapterError: the folder's name cannot be one.
    """
    name = out.resolve().name
    if not name.replace("-", "").replace("_", "").isalnum():
        raise AdapterError(f"out={out}: an adapter's name has letters, digits, - and _ only")
    return name


def licence_of(sources: Sequence[dict[str, Any]]) -> str:
    """The licences of the data, each once."""
    return " AND ".join(dict.fromkeys(str(s["licence"]) for s in sources if s.get("licence")))


def command_of(config: AdaptConfig) -> str:
    """How to make the adapter again, without the paths of this machine."""
    names = ",".join(Path(folder).name for folder in config.data)
    return f"python -m diamoe.adapt dialect={config.dialect} data=[{names}]"


def figures_of(curve: Curve, speech: Speech) -> dict[str, Any]:
    """What a card says of the fit."""
    best = curve.best
    return {
        "minutes": round(speech.minutes, 2),
        "utterances": len(speech.train),
        "held_out": len(speech.held_out),
        "steps": curve.steps[-1],
        "best_step": curve.steps[best],
        "seconds": round(curve.seconds, 1),
        "flow": {"before": curve.flow[0], "after": curve.flow[best]},
        "duration": {"before": curve.duration[0], "after": curve.duration[best]},
    }


def voice_of(name: str, speech: Speech, vocabulary: PhoneVocabulary, base: Bundle) -> Voice:
    """A voice from the speaker with most speech: his clearest utterance of about the length that
    a prompt should have, at the pace of all of his."""
    by_speaker: dict[str, list[Cut]] = {}
    for cut in speech.train:
        by_speaker.setdefault(cut_speaker(cut), []).append(cut)
    speaker, cuts = max(by_speaker.items(), key=lambda item: sum(c.duration for c in item[1]))
    near = sorted(cuts, key=lambda cut: abs(cut.duration - PROMPT_SECONDS))[:8]
    best = max(near, key=lambda c: (c.supervisions[0].custom or {}).get("align_score", 0.0))
    card = json.loads((speech.folders[best.id] / "card.json").read_text(encoding="utf-8"))
    source = VoiceSource(
        name=name,
        corpus=str(speech.folders[best.id]),
        speaker=speaker,
        description=f"{speaker} of {card['name']}",
        cut=best.id,
        pace=_pace(cuts[:60], vocabulary, base),
    )
    return make_voice(source, PROMPT_SECONDS, base.mel)


def _pace(cuts: Sequence[Cut], vocabulary: PhoneVocabulary, base: Bundle) -> float:
    """Mean log frames of a phone."""
    assert isinstance(base.model, AcousticModel)
    batch = MelBatches(vocabulary, base.mel)[placed(cuts, 0)]
    sounding = base.model.sounding(batch.ids, batch.token_mask)
    paces = utterance_pace(batch.durations, sounding & ~base.model.pausing[batch.ids])
    return round(float(paces.mean()), 3)
