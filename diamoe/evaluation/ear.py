"""The built-in recogniser as a judge of speech."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from diamoe.audio.mel import LogMel, MelConfig
from diamoe.recogniser.alignment import Alignment, align_phones, forbid_loud_silence
from diamoe.recogniser.decode import Heard, phone_error_rate, posteriors
from diamoe.recogniser.labels import collapse
from diamoe.recogniser.model import Bands
from diamoe.recogniser.storage import load_recogniser, read_facts
from diamoe.text.phones import PhoneSeq

SILENT = -9.0
"""Log-mel under which there is no sound at all (the floor is -11.5); the recogniser, which takes
the mean of every band away, would make much of rounding errors."""


class Ear:
    """Hears phones and tones in log-mels (frames, n_mels), and says when each phone is heard.

    Raises:
        BundleError: the folder holds no recogniser.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self.recogniser = load_recogniser(folder)
        self.labels = self.recogniser.labels

    @cached_property
    def log_mel(self) -> LogMel:
        """The analysis that the recogniser was trained on."""
        return LogMel(MelConfig())

    @property
    def facts(self) -> dict[str, Any]:
        """What the recogniser was trained on and how often it errs on held-out speech."""
        return read_facts(self.folder)

    def analyse(self, wave: np.ndarray) -> np.ndarray:
        """Log-mel of a wave (samples,) at the mel's rate: (frames, n_mels)."""
        return self.log_mel(torch.from_numpy(wave).unsqueeze(0))[0].numpy()

    def bands(self, waves: Iterable[np.ndarray]) -> Bands:
        """What the bands of one speaker's waves (samples,) usually are."""
        return Bands.of(torch.from_numpy(self.analyse(wave)) for wave in waves)

    def hear(self, mel: np.ndarray, dialect: str, speaker: Bands | None = None) -> Heard:
        """Segments and tones in a log-mel of a dialect; none in digital silence."""
        if mel.max(initial=-np.inf) < SILENT:
            return Heard([], [] if self.labels.tones else None)
        batch = torch.from_numpy(mel).unsqueeze(0)
        return self.recogniser.hear(batch, torch.tensor([len(mel)]), [dialect], speaker)[0]

    def wanted(self, seq: PhoneSeq) -> list[str]:
        """The segments that speech of these phones should be heard as: runs of one are one."""
        return self.labels.decode(collapse(self.labels.encode(seq)))

    def align(
        self, mel: np.ndarray, seq: PhoneSeq, seconds: float, speaker: Bands | None = None
    ) -> Alignment:
        """When each phone is heard.

        Raises:
            TooShort: the speech is too short for its phones.
        """
        batch = torch.from_numpy(mel).unsqueeze(0)
        (scores,) = posteriors(self.recogniser.model, batch, torch.tensor([len(mel)]), speaker)
        return align_phones(forbid_loud_silence(scores.numpy(), mel), seq, self.labels, seconds)

    def error_rate(
        self,
        mels: Sequence[np.ndarray],
        sequences: Sequence[PhoneSeq],
        speakers: Sequence[str | None] = (),
    ) -> float:
        """Phone error rate on log-mels of these phones.

        `speakers` says whose each is (empty or None: not known); what is known of each comes from
        all of his.
        """
        known = {
            who: Bands.of(
                torch.from_numpy(m) for m, s in zip(mels, speakers, strict=True) if s == who
            )
            for who in {s for s in speakers if s}
        }
        whose = [known.get(s or "") for s in speakers] or [None] * len(mels)
        heard = [
            self.hear(mel, seq.dialect, who).segments
            for mel, seq, who in zip(mels, sequences, whose, strict=True)
        ]
        return phone_error_rate(heard, [self.wanted(seq) for seq in sequences])
