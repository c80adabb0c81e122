"""One recording made fit for training: offset removed, trimmed, levelled, or refused."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corpus_tools.audio.background import fade, make_background
from corpus_tools.audio.loudness import gain_to
from corpus_tools.audio.neural import find_speech_neural
from corpus_tools.audio.reading import SAMPLE_RATE, read_sound
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.audio.speech import SpeechRegion, find_speech
from corpus_tools.rejection import Rejected

FULL_SCALE = 0.99
"""Samples at least this large are at full scale; lossy coding rounds clipped tops a little."""
GUARD = 0.05
"""Seconds next to the speech that are not taken for background."""
FADE = 0.008
"""Seconds of fade at every cut edge."""


@dataclass(frozen=True)
class CleanRecording:
    """A trimmed recording; speech lies from `start` to `end` seconds of `wave` (samples,)."""

    wave: np.ndarray
    start: float
    end: float
    noise: np.ndarray
    """A stretch of the recording's background at the same gain, (samples,); may be empty."""
    seconds_read: float
    """Length of the recording before trimming."""
    clipped: float = 0.0
    """Share of samples at full scale before levelling."""
    content: str = ""
    """Hash of the decoded samples (see `content_hash`)."""


def clean_recording(path: Path, settings: CleanSettings, seed: int = 0) -> CleanRecording:
    """Read and clean one recording.

    Raises:
        Rejected: missing, empty, no audio, unreadable, truncated, too long, silent, clipped,
            without speech or too short.
    """
    sound = read_sound(path, settings.longest)
    return replace(clean_wave(sound.wave, settings, seed), content=sound.content)


def clean_wave(wave: np.ndarray, settings: CleanSettings, seed: int = 0) -> CleanRecording:
    """The same for samples at 24 kHz, (samples,)."""
    seconds = len(wave) / SAMPLE_RATE
    if len(wave) < round(settings.min_speech * SAMPLE_RATE):
        raise Rejected("too short", f"{seconds:.3f} s of sound")
    if not np.isfinite(wave).all():
        raise Rejected("unreadable", "samples that are not finite numbers")
    clipped = refuse_clipped(wave, settings)
    wave = wave - wave.mean()
    find = find_speech if settings.vad == "energy" else find_speech_neural
    region = find(wave, SAMPLE_RATE, settings)
    if region.end - region.start < settings.min_speech:
        raise Rejected("too short", f"{region.end - region.start:.3f} s of speech")
    first, last = round(region.start * SAMPLE_RATE), round(region.end * SAMPLE_RATE)
    wave = wave * gain_to(wave[first:last], SAMPLE_RATE, settings.level, settings.peak)
    noise = _background(wave, region)
    trimmed, start = _trim(wave, region, noise, settings, seed)
    return CleanRecording(
        wave=trimmed,
        start=start,
        end=start + region.end - region.start,
        noise=noise,
        seconds_read=seconds,
        clipped=clipped,
    )


def refuse_clipped(wave: np.ndarray, settings: CleanSettings) -> float:
    """Refuse recordings that stay at full scale; a peak that only touches it is harmless.

    Returns:
        the share of samples at full scale.

    Raises:
        Rejected: a run at full scale as long as `settings.clipped_run`, or too many such samples.
    """
    full = np.abs(wave) >= FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate(([0], full.astype(np.int8), [0]))))
    if len(edges) == 0:
        return 0.0
    longest = int((edges[1::2] - edges[::2]).max()) / SAMPLE_RATE
    share = float(full.mean())
    if longest >= settings.clipped_run or share > settings.clipped_share:
        raise Rejected("clipped", f"{longest * 1000:.1f} ms at full scale, {share:.2%} of samples")
    return share


def _background(wave: np.ndarray, region: SpeechRegion) -> np.ndarray:
    """The longer of the stretches before and after the speech, at most half a second."""
    guard, edge = round(GUARD * SAMPLE_RATE), round(0.02 * SAMPLE_RATE)
    before = wave[edge : max(edge, round(region.start * SAMPLE_RATE) - guard)]
    after = wave[round(region.end * SAMPLE_RATE) + guard : max(0, len(wave) - edge)]
    longer = before if len(before) > len(after) else after
    return longer[: SAMPLE_RATE // 2]


def _trim(
    wave: np.ndarray, region: SpeechRegion, noise: np.ndarray, settings: CleanSettings, seed: int
) -> tuple[np.ndarray, float]:
    """Speech with a margin on both sides, made up with background where the recording has less.

    Returns:
        samples, and where in them the speech starts, seconds.
    """
    margin = round(settings.margin * SAMPLE_RATE)
    first, last = round(region.start * SAMPLE_RATE), round(region.end * SAMPLE_RATE)
    kept = fade(wave[max(0, first - margin) : last + margin], round(FADE * SAMPLE_RATE))
    lack = max(0, margin - first), max(0, last + margin - len(wave))
    rng = np.random.default_rng(seed)
    head, tail = (make_background(noise, n, rng) for n in lack)
    whole = np.concatenate((head, kept, tail)).astype(np.float32)
    return np.clip(whole, -settings.peak, settings.peak), margin / SAMPLE_RATE
