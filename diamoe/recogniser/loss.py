"""The training objective: CTC of phones and of tones, cross-entropy of frames of known phones."""

from collections.abc import Sequence
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
class LossWeights:
    """How much each part of the objective counts."""

    frames: float = 1.0
    """The frames' cross-entropy."""
    ctc: float = 0.5
    """CTC of the segments."""
    tones: float = 0.3
    """CTC of the tones."""


@dataclass(frozen=True)
class RecogniserLoss:
    """The parts of the objective, each a mean: of CTC over labels, of the frames over frames."""

    ctc: Tensor
    frames: Tensor
    tones: Tensor
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
    tone_log_probs: Tensor | None,
    batch: Batch,
    labels: SegmentLabels,
    weights: LossWeights,
    realign: bool = False,
) -> RecogniserLoss:
    """`log_probs`: (batch, frames, classes), `tone_log_probs`: (batch, frames, tones)."""
    ctc = _ctc(log_probs, batch, [labels.encode(u.seq) for u in batch.utterances])
    known = frame_targets(log_probs, batch, labels, realign)
    if bool((known != IGNORED).any()):
        frames = nll_loss(log_probs.flatten(0, 1), known.flatten(), ignore_index=IGNORED)
    else:
        frames = log_probs.new_zeros(())
    tones = log_probs.new_zeros(())
    if tone_log_probs is not None:
        rows = [labels.encode_tones(u.seq) for u in batch.utterances]
        tones = _ctc(tone_log_probs, batch, rows)
    total = weights.ctc * ctc + weights.frames * frames + weights.tones * tones
    return RecogniserLoss(ctc, frames, tones, total)


def _ctc(log_probs: Tensor, batch: Batch, rows: Sequence[Sequence[int]]) -> Tensor:
    """CTC of the rows that have labels; 0 if none has."""
    kept = [i for i, row in enumerate(rows) if row]
    if not kept:
        return log_probs.new_zeros(())
    return ctc_loss(
        log_probs[kept].transpose(0, 1),
        torch.tensor([label for i in kept for label in rows[i]]),
        output_frames(batch.frames)[kept],
        torch.tensor([len(rows[i]) for i in kept]),
        blank=BLANK,
        zero_infinity=True,
    )
