"""What a model that has learned a dialect makes of the others."""

from collections.abc import Sequence
from pathlib import Path

from diamoe.adaptation.fitting import HeldOut
from diamoe.adaptation.settings import FitConfig
from diamoe.bundle import Bundle
from diamoe.corpus import open_corpus
from diamoe.flow.matching import AcousticModel
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.batches import MelBatches

CUTS = 20
"""Utterances of every corpus on which forgetting is measured."""


def losses_of(bundle: Bundle, corpora: Sequence[str], config: FitConfig) -> dict[str, float]:
    """Held-out flow loss of prepared corpora, by folder name, through the adapters in use."""
    assert isinstance(bundle.model, AcousticModel)
    assert isinstance(bundle.vocabulary, PhoneVocabulary)
    batches = MelBatches(bundle.vocabulary, bundle.mel)
    return {
        Path(folder).name: HeldOut(list(open_corpus(folder))[:CUTS], batches, config).measure(
            bundle.model
        )[0]
        for folder in corpora
    }
