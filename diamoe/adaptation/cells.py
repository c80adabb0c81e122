"""One cell of the experiment: a system, fitted to so many minutes and judged."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from diamoe import bundle as bundles
from diamoe.adaptation.attaching import (
    AdapterShape,
    adapter_parameters,
    attach,
    fitted,
    grow,
)
from diamoe.adaptation.data import Speech, placed, segments_and_prosodies
from diamoe.adaptation.fitting import PROGRESS, Curve, Fitter
from diamoe.adaptation.forgetting import losses_of
from diamoe.adaptation.judging import Judge, as_figures
from diamoe.adaptation.run import voice_of
from diamoe.adaptation.settings import FULL_FIT, FitConfig
from diamoe.audio.augment import PerturbConfig
from diamoe.bundle import Bundle
from diamoe.errors import AdapterError
from diamoe.flow.matching import AcousticModel
from diamoe.model.adapters import AdapterRef, using
from diamoe.synthesis.voices import Voice
from diamoe.text.dialect import load_dialect
from diamoe.text.vocabulary import PhoneVocabulary

System = Literal["base", "adapter", "full", "adapter_perturbed", "full_perturbed"]
"""The base untouched; our adapter; all parameters; these two hearing perturbed speech as well."""
VOICE = "judged"
"""Voice in which every system speaks."""


@dataclass(frozen=True)
class CellConfig:
    """What a cell needs beside its speech."""

    base: str
    """Bundle folder."""
    fit: FitConfig = field(default_factory=FitConfig)
    """How the adapters are fitted."""
    full: FitConfig = FULL_FIT
    """How all parameters are fitted."""
    perturb: PerturbConfig = field(default_factory=lambda: PerturbConfig(0.5, 0.1, 2.0))
    """Perturbation of the systems that are perturbed."""
    others: list[str] = field(default_factory=list)
    """Prepared corpora of other dialects, whose held-out loss says what is forgotten."""


@dataclass
class Fitted:
    """A bundle with something learned, in whose context it is to be used."""

    bundle: Bundle
    rows: list[AdapterRef | None]
    curve: Curve
    trained: int


def run_cell(
    system: System, dialect: str, speech: Speech, prompt: Speech, config: CellConfig,
    judge: Judge, folder: Path,
) -> dict[str, Any]:  # fmt: skip
    """Fit one system and judge it; an interrupted fit goes on. The first mel is kept in `folder`.

    Args:
        system: what is fitted.
        dialect: code of the dialect.
        speech: what is learned and held out.
        prompt: speech that every cell of the table has, of which the voice is made.
        config: the base, and how to fit.
        judge: speaks and measures.
        folder: for the fit's progress and the mel.
    """
    started = time.monotonic()
    found = fit_system(system, dialect, speech, config, folder)
    bundle = found.bundle
    assert isinstance(bundle.vocabulary, PhoneVocabulary)
    voice: Voice = voice_of(VOICE, prompt, bundle.vocabulary, bundle)
    with using(found.rows):
        others = losses_of(bundle, config.others, config.fit)
        verdict, mel = judge.speech(replace(bundle, voices={VOICE: voice}), VOICE)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "mel.npy", mel.astype(np.float16))
    (folder / PROGRESS).unlink(missing_ok=True)
    curve = found.curve
    return {
        "system": system,
        "minutes": round(speech.minutes, 2),
        "trained": found.trained,
        "flow": curve.flow[curve.best],
        "duration": curve.duration[curve.best],
        "steps": curve.steps,
        "curve": curve.flow,
        "others": others,
        "seconds": round(curve.seconds, 1),
        "all_seconds": round(time.monotonic() - started, 1),
        **as_figures(verdict),
    }


def fit_system(
    system: System, dialect: str, speech: Speech, config: CellConfig, folder: Path
) -> Fitted:
    """A fresh base with one system fitted to the speech."""
    bundle = bundles.load(config.base)
    model, vocabulary = bundle.model, bundle.vocabulary
    if not isinstance(model, AcousticModel) or not isinstance(vocabulary, PhoneVocabulary):
        raise AdapterError(f"{config.base}: an imported network takes no adapters")
    place = load_dialect(dialect).id
    segments, prosodies, tokens = segments_and_prosodies(speech.train)
    spoken = segments_and_prosodies(speech.held_out)[2]  # what was never heard is spoken, and wrong
    longer = grow(model, vocabulary, list(dict.fromkeys((*tokens, *spoken))))
    bundle = replace(bundle, vocabulary=longer)
    rows: list[AdapterRef | None] = [None]
    parameters: dict[str, torch.nn.Parameter] = {}
    if system.startswith("adapter"):
        ref = AdapterRef(dialect, dialect, place)
        shape = AdapterShape(0, segments=segments, prosodies=prosodies)
        torch.manual_seed(config.fit.seed)
        attach(model, ref, fitted(model, shape, longer), longer)
        parameters, rows = adapter_parameters(model, ref), [ref]
    elif system.startswith("full"):
        parameters = dict(model.named_parameters())
    perturb = config.perturb if system.endswith("perturbed") else PerturbConfig()
    with using(rows):
        fitter = Fitter(
            model,
            parameters,
            placed(speech.train, place),
            placed(speech.held_out, place),
            longer,
            config.full if system.startswith("full") else config.fit,
            perturb,
        )
        curve = fitter.fit(folder) if parameters else fitter.untouched()
    return Fitted(bundle, rows, curve, sum(p.numel() for p in parameters.values()))
