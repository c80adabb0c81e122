"""Cuts to padded batches of mel frames and phones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from lhotse.cut import Cut
from lhotse.utils import fastcopy
from torch import Tensor

from diamoe.audio.augment import Change, perturb
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.corpus import cut_durations, cut_phones
from diamoe.flow.matching import Batch
from diamoe.text.dialect import load_dialect
from diamoe.text.vocabulary import PhoneVocabulary

CHANGE = "change"
"""Custom field of a cut: the `Change` to hear it with."""


@dataclass(frozen=True)
class NamedBatch(Batch):
    """A batch that knows its cuts."""

    cuts: tuple[str, ...] = ()

    def to(self, device: torch.device) -> "NamedBatch":
        """The same batch on another device."""
        moved = {k: v.to(device) for k, v in vars(self).items() if k != "cuts"}
        return NamedBatch(cuts=self.cuts, **moved)


class MelBatches:
    """Cuts of one batch -> `NamedBatch`: decode, log-mel, ids, durations, padding."""

    def __init__(self, vocabulary: PhoneVocabulary, mel: MelConfig):
        self.vocabulary = vocabulary
        self.log_mel = LogMel(mel)

    def __getitem__(self, cuts: Iterable[Cut]) -> NamedBatch:
        cuts = list(cuts)
        mels, ids, durations = [], [], []
        for cut in cuts:
            wave, cut = _changed(cut, self.log_mel.config.sample_rate)
            mel = self.log_mel(torch.from_numpy(wave))[0]
            seq = cut_phones(cut)
            mels.append(mel)
            ids.append(torch.tensor(self.vocabulary.encode(seq)))
            lengths = cut_durations(cut, seq, len(mel), self.log_mel.config)
            durations.append(torch.tensor(lengths))
        dialect = [load_dialect(cut.supervisions[0].language).id for cut in cuts]
        return NamedBatch(
            mel=_pad(mels),
            frames=torch.tensor([len(m) for m in mels]),
            ids=_pad(ids),
            tokens=torch.tensor([len(i) for i in ids]),
            durations=_pad(durations),
            dialect=torch.tensor(dialect),
            cuts=tuple(cut.id for cut in cuts),
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
