"""What a recogniser hears, and how far that is from what was to be said."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from diamoe.recogniser.labels import SegmentLabels, collapse
from diamoe.recogniser.model import Bands, PhoneRecogniser, output_frames


@torch.inference_mode()
def posteriors(
    model: PhoneRecogniser, mel: Tensor, frames: Tensor, speaker: Bands | None = None
) -> list[Tensor]:
    """Log-probabilities of every utterance without padding: (ceil(frames / 2), classes) each."""
    log_probs = model(mel, frames, speaker)
    lengths = output_frames(frames).tolist()
    return [row[:length] for row, length in zip(log_probs, lengths, strict=True)]


def greedy_decode(log_probs: Tensor, labels: SegmentLabels) -> list[str]:
    """(frames, classes) -> the segments of the best class of each frame, runs made one."""
    return labels.decode(collapse(log_probs.argmax(-1).tolist()))


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
def hear(
    model: PhoneRecogniser,
    labels: SegmentLabels,
    mel: Tensor,
    frames: Tensor,
    speaker: Bands | None = None,
) -> list[Heard]:
    """Segments and tones heard in each row of `mel`: (batch, frames, n_mels)."""
    segments, tones = model.hear(mel, frames, speaker)
    found = []
    for row, length in enumerate(output_frames(frames).tolist()):
        said = greedy_decode(segments[row, :length], labels)
        sung = None
        if tones is not None:
            sung = labels.decode_tones(collapse(tones[row, :length].argmax(-1).tolist()))
        found.append(Heard(said, sung))
    return found
