"""The training objective: CTC, and cross-entropy of frames whose phone is known."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import ctc_loss, nll_loss

from diamoe.audio.mel import MelConfig
from diamoe.errors import TooShort
from diamoe.recogniser.alignment import frame_labels
from diamoe.recogniser.data import IGNORED, Batch, Utterance, even_labels, known_labels
from diamoe.recogniser.labels import BLANK, SegmentLabels
from diamoe.recogniser.model import STRIDE, output_frames


@dataclass(frozen=True)
class RecogniserLoss:
    """The parts of the objective, each a mean: of CTC over labels, of the frames over frames."""

    ctc: Tensor
    frames: Tensor
    total: Tensor


def frame_targets(log_probs: Tensor, batch: Batch, labels: SegmentLabels, realign: bool) -> Tensor:
    """Class of every frame, `IGNORED` where it is not known: (batch, frames).

    With `realign`, utterances without known times take the best path through the model's own
    posteriors, which keeps them from shrinking to spikes; before, an even spread.
    """
    lengths = output_frames(batch.frames).tolist()
    targets = torch.full(log_probs.shape[:2], IGNORED)
    scores = log_probs.detach().numpy() if realign else None
    for row, (utterance, length) in enumerate(zip(batch.utterances, lengths, strict=True)):
        if utterance.times:
            found = known_labels(utterance, labels, length)
        elif scores is not None:
            found = _own_labels(scores[row, :length], utterance, labels)
        else:
            found = even_labels(utterance, labels, length)
        targets[row, :length] = torch.from_numpy(found)
    return targets


def _own_labels(scores: np.ndarray, utterance: Utterance, labels: SegmentLabels) -> np.ndarray:
    rate = MelConfig().frame_rate / STRIDE
    try:
        return frame_labels(scores, utterance.seq, labels, rate, utterance.members)
    except TooShort:
        # More phones than frames: CTC's share of the loss is 0 for such an utterance, too.
        return np.full(len(scores), IGNORED, np.int64)


def recogniser_loss(
    log_probs: Tensor,
    batch: Batch,
    labels: SegmentLabels,
    frame_weight: float = 1.0,
    ctc_weight: float = 1.0,
    realign: bool = False,
) -> RecogniserLoss:
    """`log_probs`: (batch, frames, classes)."""
    targets = [labels.encode(u.seq) for u in batch.utterances]
    ctc = ctc_loss(
        log_probs.transpose(0, 1),
        torch.tensor([label for row in targets for label in row]),
        output_frames(batch.frames),
        torch.tensor([len(row) for row in targets]),
        blank=BLANK,
        zero_infinity=True,
    )
    known = frame_targets(log_probs, batch, labels, realign)
    if bool((known != IGNORED).any()):
        frames = nll_loss(log_probs.flatten(0, 1), known.flatten(), ignore_index=IGNORED)
    else:
        frames = log_probs.new_zeros(())
    return RecogniserLoss(ctc, frames, ctc_weight * ctc + frame_weight * frames)
