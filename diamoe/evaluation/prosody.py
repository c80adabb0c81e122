"""Pace and pitch of speech, and how far they are from a recording of the same words."""

import numpy as np

from diamoe.audio.files import read_audio
from diamoe.audio.mel import MelConfig
from diamoe.errors import AudioError, DiamoeError
from diamoe.evaluation.clip import SHORTEST, Clip
from diamoe.evaluation.distance import cepstra, speech_part, warp
from diamoe.evaluation.metric import Figure, Metric, Row
from diamoe.evaluation.tone import FRAME, measure_f0
from diamoe.text.phones import parse_phone

FIGURES = (
    Figure("speech_rate", "", "syllables a second, pauses left out"),
    Figure("f0_median", "", "median F0, Hz"),
    Figure("f0_spread", "", "standard deviation of F0, semitones"),
    Figure("mcd", "lower", "mel-cepstral distance to the reference after DTW, dB"),
    Figure("f0_rmse", "lower", "F0 distance to the reference after DTW, semitones, medians equal"),
    Figure("voicing_error", "lower", "share of frames voiced in one of the two alone"),
    Figure("duration_ratio", "", "length of the speech over the reference's, without edges"),
)
DECIBELS = 10 / np.log(10) * np.sqrt(2)
"""Nepers of cepstra to decibels (Kubichek 1993)."""


class Prosody(Metric):
    """Rate and F0 of every clip; distances to the reference where the item has one."""

    name = "prosody"
    figures = FIGURES

    def score(self, clip: Clip) -> Row:
        row: Row = {}
        voiced = clip.f0[clip.f0 > 0]
        if len(voiced):
            row["f0_median"] = float(np.median(voiced))
            row["f0_spread"] = float(np.std(12 * np.log2(voiced)))
        if clip.item.reference:
            row |= against(clip)
        try:
            spoken = [t for t in clip.timing if not parse_phone(t.token).is_pause]
        except DiamoeError as error:
            return row | {"prosody_note": str(error)}
        seconds = sum(t.end - t.start for t in spoken)
        syllables = sum(not s[0].is_pause for s in clip.seq.syllables())
        return row | {"speech_rate": syllables / seconds if seconds else None}


def against(clip: Clip) -> Row:
    """Distances of a clip to its reference.

    Raises:
        AudioError: the reference is missing or too short.
    """
    config = MelConfig()
    wave, _ = read_audio(clip.item.reference, config.sample_rate)
    if len(wave) < SHORTEST * config.sample_rate:
        raise AudioError(f"{clip.item.reference}: shorter than {SHORTEST} s")
    mels = [clip.mel, clip.ear.analyse(wave)]
    tracks = [clip.f0, measure_f0(wave, config.sample_rate)]
    parts, pitches = [], []
    for mel, f0 in zip(mels, tracks, strict=True):
        start, end = speech_part(mel, config)
        times = config.seconds(1) * np.arange(start, end)
        parts.append(mel[start:end])
        pitches.append(f0[np.minimum((times / FRAME).round().astype(int), len(f0) - 1)])
    path = warp(*parts)
    scale = DECIBELS * np.sqrt(2 / config.n_mels)  # orthonormal DCT to SPTK's mel-cepstra
    gaps = scale * (cepstra(parts[0])[path[:, 0]] - cepstra(parts[1])[path[:, 1]])
    first, second = pitches[0][path[:, 0]], pitches[1][path[:, 1]]
    both = (first > 0) & (second > 0)
    row: Row = {
        "mcd": float(np.linalg.norm(gaps, axis=1).mean()),
        "voicing_error": float(((first > 0) != (second > 0)).mean()),
        "duration_ratio": len(parts[0]) / len(parts[1]),
    }
    if both.sum() >= 4:
        levels = [12 * np.log2(f[both]) for f in (first, second)]
        gap = (levels[0] - np.median(levels[0])) - (levels[1] - np.median(levels[1]))
        row["f0_rmse"] = float(np.sqrt((gap**2).mean()))
    return row
