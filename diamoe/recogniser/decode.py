"""What a recogniser hears, and how far that is from what was to be said."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from diamoe.recogniser.labels import BLANK, SegmentLabels, collapse
from diamoe.recogniser.model import Bands, PhoneRecogniser, output_frames
from diamoe.recogniser.phonotactics import Phonotactics


@torch.inference_mode()
def posteriors(
    model: PhoneRecogniser, mel: Tensor, frames: Tensor, speaker: Bands | None = None
) -> list[Tensor]:
    """Log-probabilities of every utterance without padding: (ceil(frames / 2), classes) each."""
    log_probs = model(mel, frames, speaker)
    lengths = output_frames(frames).tolist()
    return [row[:length] for row, length in zip(log_probs, lengths, strict=True)]


def best_labels(log_probs: Tensor, expected: Tensor) -> list[int]:
    """The likeliest labels of CTC's frame scores where what follows what is known (Viterbi).

    `log_probs` (frames, classes), `expected` (classes, classes) as `Phonotactics.expected`.

    >>> scores = torch.tensor([[0.1, 0.8, 0.1], [0.1, 0.4, 0.5], [0.1, 0.8, 0.1]]).log()
    >>> best_labels(scores, torch.zeros(3, 3)), best_labels(scores, torch.full((3, 3), -1.0))
    ([1, 2, 1], [1])
    """
    scores, gain = log_probs.double().numpy(), expected.double().numpy()
    frames, classes = scores.shape
    segment = np.arange(classes)
    silence = segment + classes  # behind a segment; behind BLANK: before the first
    sounding, silent = np.full((2, classes), -np.inf)
    silent[BLANK] = 0.0
    back = np.empty((frames, 2 * classes), np.int64)
    for t in range(frames):
        left = np.maximum(sounding, silent)
        source = np.where(sounding > silent, segment, silence)
        arriving = left[:, None] + gain
        np.fill_diagonal(arriving, silent + gain.diagonal())  # twice the same: silence between
        before = arriving.argmax(0)
        entered = arriving[before, segment]
        entry = np.where(before == segment, silence, source[before])
        back[t] = np.concatenate((np.where(sounding >= entered, segment, entry), source))
        sounding = np.maximum(sounding, entered) + scores[t]
        sounding[BLANK] = -np.inf
        silent = left + scores[t, BLANK]
    state = int(np.argmax(np.concatenate((sounding, silent)) + np.tile(gain[:, BLANK], 2)))
    path = []
    for t in reversed(range(frames)):
        path.append(state if state < classes else BLANK)
        state = int(back[t, state])
    return collapse(path[::-1])


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


@dataclass(frozen=True)
class Recogniser:
    """A network, what its classes stand for, and which segments it expects behind which."""

    model: PhoneRecogniser
    labels: SegmentLabels
    phonotactics: Phonotactics

    @torch.inference_mode()
    def hear(
        self, mel: Tensor, frames: Tensor, dialects: Sequence[str], speaker: Bands | None = None
    ) -> list[Heard]:
        """Segments and tones heard in each row of `mel`: (batch, frames, n_mels).

        `dialects`: in which each row is spoken.
        """
        segments, tones = self.model.hear(mel, frames, speaker)
        found = []
        for row, (length, dialect) in enumerate(
            zip(output_frames(frames).tolist(), dialects, strict=True)
        ):
            said = best_labels(segments[row, :length], self.phonotactics.expected(dialect))
            sung = None
            if tones is not None:
                best = tones[row, :length].argmax(-1).tolist()
                sung = self.labels.decode_tones(collapse(best))
            found.append(Heard(self.labels.decode(said), sung))
        return found
