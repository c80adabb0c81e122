"""The training objective: CTC, and cross-entropy of frames whose phone is known."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import ctc_loss, nll_loss

from diamoe.audio.mel import MelConfig
from diamoe.errors import TooShort
from diamoe.recogniser.alignment import forbid_loud_silence, frame_labels
from diamoe.recogniser.data import IGNORED, Batch, Utterance, even_labels, known_labels
from diamoe.recogniser.labels import BLANK, SegmentLabels
from diamoe.recogniser.model import STRIDE, frame_mask, output_frames

PRIOR_SCALE = 0.5
"""Power of the priors that posteriors are divided by for the model's own alignments."""


@dataclass(frozen=True)
class RecogniserLoss:
    """The parts of the objective, each a mean: of CTC over labels, of the frames over frames."""

    ctc: Tensor
    frames: Tensor
    total: Tensor


def frame_targets(log_probs: Tensor, batch: Batch, labels: SegmentLabels, realign: bool) -> Tensor:
    """Class of every frame, `IGNORED` where it is not known: (batch, frames).

    With `realign`, utterances without known times take the best path through the model's own
    posteriors over the classes' priors; before, an even spread. Without priors, silence, the
    commonest class, would eat the phones down to spikes, more with every alignment.
    """
    lengths = output_frames(batch.frames).tolist()
    targets = torch.full(log_probs.shape[:2], IGNORED)
    scores = _over_priors(log_probs.detach(), batch).numpy() if realign else None
    for row, (utterance, length) in enumerate(zip(batch.utterances, lengths, strict=True)):
        if utterance.times:
            found = known_labels(utterance, labels, length)
        elif scores is not None:
            found = _own_labels(scores[row, :length], utterance, labels)
        else:
            found = even_labels(utterance, labels, length)
        targets[row, :length] = torch.from_numpy(found)
    return targets


def _over_priors(log_probs: Tensor, batch: Batch) -> Tensor:
    """Posteriors over (part of) each class' share of the batch's frames."""
    mask = frame_mask(output_frames(batch.frames), log_probs.shape[1])
    prior = log_probs[mask].exp().mean(0).clamp(min=2e-3)
    return log_probs - PRIOR_SCALE * prior.log()


def _own_labels(scores: np.ndarray, utterance: Utterance, labels: SegmentLabels) -> np.ndarray:
    rate = MelConfig().frame_rate / STRIDE
    scores = forbid_loud_silence(scores, utterance.mel)
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
