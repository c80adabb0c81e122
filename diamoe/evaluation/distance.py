"""How far two utterances of the same words are apart."""

import librosa
import numpy as np

from diamoe.audio.mel import MelConfig

COEFFICIENTS = 13
"""Cepstral coefficients compared; the zeroth, loudness, is left out."""


def cepstra(mel: np.ndarray) -> np.ndarray:
    """Log-mel (frames, n_mels) -> mel-cepstral coefficients 1 to 13, (frames, 13)."""
    from scipy.fft import dct

    return dct(mel, type=2, norm="ortho", axis=1)[:, 1 : COEFFICIENTS + 1]


def voice_free(features: np.ndarray, energy: np.ndarray) -> np.ndarray:
    """Features minus their mean over the louder half of the frames, so that a constant difference
    of timbre or channel does not count."""
    loud = energy >= np.median(energy)
    return features - features[loud].mean(axis=0)


def warp(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The best time warp of two log-mels (frames, n_mels) each: pairs of frames, (steps, 2)."""
    return _warped(a, b)[1]


def dtw_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance along the best time warp of two log-mels (frames, n_mels) each."""
    cost, path = _warped(a, b)
    return cost / len(path)


def _warped(a: np.ndarray, b: np.ndarray) -> tuple[float, np.ndarray]:
    first, second = (voice_free(cepstra(mel), mel.mean(axis=1)) for mel in (a, b))
    cost, path = librosa.sequence.dtw(first.T, second.T, metric="euclidean")
    return float(cost[-1, -1]), path


def speech_part(mel: np.ndarray, config: MelConfig, margin: float = 0.05) -> tuple[int, int]:
    """First frame of the speech in a log-mel and the one after its last: no silence at the ends."""
    energy = mel.mean(axis=1)
    loud = np.flatnonzero(energy > energy.max() - 4.5)
    edge = config.frames(margin)
    return max(0, int(loud[0]) - edge), min(len(mel), int(loud[-1]) + edge + 1)


def spoken(mel: np.ndarray, config: MelConfig) -> np.ndarray:
    """A log-mel without the silence at its ends."""
    start, end = speech_part(mel, config)
    return mel[start:end]
