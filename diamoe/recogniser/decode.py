"""What a recogniser hears, and how far that is from what was to be said."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from diamoe.recogniser.data import Utterance, collate, plan_batches
from diamoe.recogniser.labels import SegmentLabels, collapse
from diamoe.recogniser.model import PhoneRecogniser, output_frames


@torch.inference_mode()
def posteriors(model: PhoneRecogniser, mel: Tensor, frames: Tensor) -> list[Tensor]:
    """Log-probabilities of every utterance without padding: (ceil(frames / 2), classes) each."""
    log_probs = model(mel, frames)
    lengths = output_frames(frames).tolist()
    return [row[:length] for row, length in zip(log_probs, lengths, strict=True)]


def greedy_decode(log_probs: Tensor, labels: SegmentLabels) -> list[str]:
    """(frames, classes) -> the segments of the best class of each frame, runs made one."""
    return labels.decode(collapse(log_probs.argmax(-1).tolist()))


def recognise(
    model: PhoneRecogniser, labels: SegmentLabels, mel: Tensor, frames: Tensor
) -> list[list[str]]:
    """Segments heard in each row of `mel`: (batch, frames, n_mels)."""
    return [greedy_decode(row, labels) for row in posteriors(model, mel, frames)]


def phone_error_rate(heard: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> float:
    """Substitutions, deletions and insertions for each wanted segment.

    >>> phone_error_rate([["m", "a"]], [["m", "i"]])
    0.5
    """
    import jiwer

    joined = [" ".join(w) for w in wanted], [" ".join(h) for h in heard]
    return float(jiwer.process_words(*joined).wer)


@dataclass(frozen=True)
class Heard:
    """What a recogniser hears in one utterance: segments, and tones (None without a tone head)."""

    segments: list[str]
    tones: list[str] | None


@torch.inference_mode()
def hear(model: PhoneRecogniser, labels: SegmentLabels, mel: Tensor, frames: Tensor) -> list[Heard]:
    """Segments and tones heard in each row of `mel`: (batch, frames, n_mels)."""
    segments, tones = model.hear(mel, frames)
    found = []
    for row, length in enumerate(output_frames(frames).tolist()):
        said = greedy_decode(segments[row, :length], labels)
        sung = None
        if tones is not None:
            sung = labels.decode_tones(collapse(tones[row, :length].argmax(-1).tolist()))
        found.append(Heard(said, sung))
    return found


@dataclass(frozen=True)
class ErrorRates:
    """Error rates over utterances; `tones` is None where no tone was to be said or heard."""

    phones: float
    tones: float | None


def error_rates(
    model: PhoneRecogniser,
    labels: SegmentLabels,
    utterances: Sequence[Utterance],
    max_frames: int = 6000,
) -> ErrorRates:
    """Phone and tone error rate; runs of one segment count once on both sides."""
    heard, wanted, sung, tones = [], [], [], []
    for indices in plan_batches([len(u.mel) for u in utterances], max_frames, seed=0):
        batch = collate([utterances[i] for i in indices])
        for utterance, found in zip(
            batch.utterances, hear(model, labels, batch.mel, batch.frames), strict=True
        ):
            heard.append(found.segments)
            wanted.append(labels.decode(collapse(labels.encode(utterance.seq))))
            right = labels.encode_tones(utterance.seq) if found.tones is not None else []
            if found.tones is not None and right:
                sung.append(found.tones)
                tones.append(labels.decode_tones(right))
    return ErrorRates(
        phone_error_rate(heard, wanted), phone_error_rate(sung, tones) if tones else None
    )
