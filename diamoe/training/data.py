"""From prepared corpora (Lhotse Shar) to batches of mel frames and phones."""

import logging
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from lhotse import CutSet
from lhotse.cut import Cut
from lhotse.dataset.sampling import DynamicBucketingSampler
from lhotse.utils import fastcopy
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from diamoe.audio.augment import Change, PerturbConfig, perturb
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.corpus import cut_durations, cut_phones, open_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.flow.matching import Batch
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.vocabulary import PhoneVocabulary

log = logging.getLogger(__name__)

CHANGE = "change"
"""Custom field of a cut: the `Change` to hear it with."""


@dataclass(frozen=True)
class DataConfig:
    """Which corpora a run sees, and in what pieces."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpus folders to train on."""
    valid: list[str] = field(default_factory=list)
    """Prepared corpus folders to validate on."""
    repeat: dict[str, int] = field(default_factory=dict)
    """How often an epoch repeats a corpus, by folder name; once unless named."""
    max_seconds: float = 32.0
    """Speech in one batch."""
    longest: float = 12.0
    """Longest utterance; longer ones are left out and counted."""
    worst_alignment: float = -2.5
    """Mean log-likelihood of a phone below which an estimated alignment, and with it the cut, is
    left out and counted."""
    valid_cuts: int = 200
    """Most validation utterances, drawn evenly over the corpora."""
    workers: int = 1
    """Processes that decode and analyse audio; 0 does it between steps."""
    seed: int = 0
    """Order of the batches, and what is drawn for `perturb`."""
    perturb: PerturbConfig = field(default_factory=PerturbConfig)
    """Speed and pitch changed on the fly, in training only."""


class MelBatches(Dataset):
    """A `CutSet` of one batch -> `Batch`: decode, log-mel, ids, durations, padding."""

    def __init__(self, vocabulary: PhoneVocabulary, mel: MelConfig):
        self.vocabulary = vocabulary
        self.log_mel = LogMel(mel)

    def __getitem__(self, cuts: CutSet) -> Batch:
        mels, ids, durations = [], [], []
        for cut in cuts:
            wave, cut = _changed(cut, self.log_mel.config.sample_rate)
            mel = self.log_mel(torch.from_numpy(wave))[0]
            seq = cut_phones(cut)
            mels.append(mel)
            ids.append(torch.tensor(self.vocabulary.encode(seq)))
            lengths = cut_durations(cut, seq, len(mel), self.log_mel.config)
            durations.append(torch.tensor(lengths))
        dialect = [DIALECT_CODES.index(cut.supervisions[0].language) for cut in cuts]
        return Batch(
            mel=_pad(mels),
            frames=torch.tensor([len(m) for m in mels]),
            ids=_pad(ids),
            tokens=torch.tensor([len(i) for i in ids]),
            durations=_pad(durations),
            dialect=torch.tensor(dialect),
        )


def _changed(cut: Cut, sample_rate: int) -> tuple[np.ndarray, Cut]:
    """The sound of a cut, (1, samples), changed as it says, and the cut with its new times."""
    wave = cut.load_audio()
    change = (cut.custom or {}).get(CHANGE, Change())
    if change.is_none:
        return wave, cut
    supervision = cut.supervisions[0]
    alignment = {
        name: [
            item._replace(start=item.start / change.speed, duration=item.duration / change.speed)
            for item in items
        ]
        for name, items in (supervision.alignment or {}).items()
    }
    faster = fastcopy(supervision, alignment=alignment)
    return perturb(wave[0], sample_rate, change)[None], fastcopy(cut, supervisions=[faster])


def _pad(rows: Sequence[Tensor]) -> Tensor:
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)


class EndlessBatches(Sampler):
    """Lhotse's bucketed batches, epoch after epoch, from any batch number on.

    Batch `n` depends on the cuts, the seed and `n` alone, so a resumed run goes on exactly where
    it stopped, whatever its loader had fetched ahead.
    """

    def __init__(self, cuts: CutSet, config: DataConfig, start: int = 0):
        self.cuts, self.config, self.start = cuts, config, start

    def __iter__(self) -> Iterator[CutSet]:
        number, epoch = 0, 0
        while True:
            for batch in self._epoch(epoch):
                if number >= self.start:
                    yield self._perturbed(batch, number)
                number += 1
            epoch += 1

    def _perturbed(self, batch: CutSet, number: int) -> CutSet:
        """The batch with what is to be changed of each cut, anew in every epoch."""
        config = self.config.perturb
        if not config.share:
            return batch
        drawn = ((cut, config.draw(f"{self.config.seed} {number} {cut.id}")) for cut in batch)
        return CutSet.from_cuts(cut.with_custom(CHANGE, change) for cut, change in drawn)

    def _epoch(self, epoch: int) -> DynamicBucketingSampler:
        sampler = DynamicBucketingSampler(
            self.cuts,
            max_duration=self.config.max_seconds,
            num_buckets=12,
            shuffle=True,
            seed=self.config.seed,
            world_size=1,
            rank=0,
        )
        sampler.set_epoch(epoch)
        return sampler


class SpeechData(LightningDataModule):
    """Training and validation batches of one run."""

    def __init__(self, config: DataConfig, vocabulary: PhoneVocabulary, mel: MelConfig):
        super().__init__()
        if not config.corpora:
            raise ConfigError("data.corpora is empty: name at least one prepared corpus folder")
        self.config = config
        self.batches = MelBatches(vocabulary, mel)
        self.cuts = self.valid = CutSet.from_cuts([])

    def setup(self, stage: str | None = None) -> None:
        """Read the manifests, once."""
        if len(self.cuts):
            return
        cuts: list[Cut] = []
        left_out: Counter[str] = Counter()
        for folder in self.config.corpora:
            for cut in open_corpus(folder):
                reason = self.unfit(cut)
                if reason:
                    left_out[reason] += 1
                else:
                    cuts.extend([cut] * self.config.repeat.get(Path(folder).name, 1))
        for reason, count in left_out.items():
            log.warning("%d cuts left out: %s", count, reason)
        if not cuts:
            raise CorpusError(f"no cut of {', '.join(self.config.corpora)} can be used")
        random.Random(self.config.seed).shuffle(cuts)
        self.cuts = CutSet.from_items([c.with_id(f"{c.id}_{i}") for i, c in enumerate(cuts)])
        valid = [cut for folder in self.config.valid for cut in open_corpus(folder)]
        random.Random(0).shuffle(valid)
        self.valid = CutSet.from_cuts(valid[: self.config.valid_cuts])

    def unfit(self, cut: Cut) -> str:
        """Why a cut is not trained on; empty if it is."""
        if cut.duration > self.config.longest:
            return f"longer than {self.config.longest} s"
        custom = cut.supervisions[0].custom or {}
        if custom.get("align_score", 0.0) < self.config.worst_alignment:
            return f"alignment score below {self.config.worst_alignment}"
        return ""

    def train_dataloader(self) -> DataLoader:
        done = 0
        if self.trainer is not None:
            done = self.trainer.global_step * self.trainer.accumulate_grad_batches
        return DataLoader(
            self.batches,
            sampler=EndlessBatches(self.cuts, self.config, start=done),
            batch_size=None,
            num_workers=self.config.workers,
            persistent_workers=self.config.workers > 0,
        )

    def val_dataloader(self) -> DataLoader | list:
        if not len(self.valid):
            return []
        sampler = DynamicBucketingSampler(
            self.valid, max_duration=self.config.max_seconds, num_buckets=4, world_size=1, rank=0
        )
        return DataLoader(self.batches, sampler=list(sampler), batch_size=None)
