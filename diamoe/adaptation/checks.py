"""What is said about an adaptation's data before it starts: warnings, and what cannot work."""

from collections.abc import Iterable, Sequence

import numpy as np
from lhotse.cut import Cut

from diamoe.adaptation.data import Speech, check_sound, segments_and_prosodies
from diamoe.bundle import Bundle
from diamoe.corpus import cut_speaker
from diamoe.errors import AdapterError, DialectFileError
from diamoe.text.dialect import load_dialect
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, parse_phone
from diamoe.text.vocabulary import PhoneVocabulary

LITTLE = 2.0
"""Minutes below which the result is a sketch."""
NOISY = 20.0
"""Median signal-to-noise ratio below which noise is learned with the voice, dB."""
HEARD = 40
"""Recordings whose noise is measured where the corpus does not state it."""
SILENT = frozenset({PAUSE, SYLLABLE, *PUNCTUATION})
"""Segments that every language shares."""


def check_phones(speech: Speech, vocabulary: PhoneVocabulary) -> None:
    """Refuse a dialect that shares no phone with the base.

    Raises:
        AdapterError: names some phones of both.
    """
    segments, _, _ = segments_and_prosodies(speech.train)
    spoken = [s for s in segments if s not in SILENT]
    known = [s for s in vocabulary.segments if s not in SILENT]
    if not set(spoken) & set(known):
        raise AdapterError(
            f"no phones in common: the data has {' '.join(spoken[:8])} ..., the base knows "
            f"{' '.join(known[:8])} ...; an adapter cannot teach a language from nothing"
        )


def warnings_about(speech: Speech, dialect: str, base: Bundle) -> list[str]:
    """What one should know before trusting an adapter made of this speech."""
    said = []
    if speech.minutes < LITTLE:
        said.append(f"too little: {speech.minutes:.1f} minutes of speech; {LITTLE:.0f} or more")
    ratio = noise_ratio(speech.train)
    if ratio < NOISY:
        said.append(f"too noisy: the median signal-to-noise ratio is {ratio:.0f} dB, under {NOISY}")
    speakers = sorted({cut_speaker(cut) for cut in speech.train})
    if len(speakers) > 1:
        said.append(
            f"{len(speakers)} speakers: {', '.join(speakers[:8])}; the adapter learns their mean "
            "(speaker= takes one)"
        )
    absent = absent_segments(speech, dialect, base.origin.segments)
    if absent:
        where = "the data and the base" if base.origin.segments else "the data"
        doubt = "" if base.origin.segments else " (the base does not say which phones it has heard)"
        said.append(f"phones absent from {where}: {' '.join(absent)}{doubt}")
    return said


def absent_segments(speech: Speech, dialect: str, base_heard: Iterable[str]) -> list[str]:
    """Segments of the dialect's common characters that nobody has said; none are known of a
    dialect that is not read by syllables."""
    from diamoe.text.syllable_table import syllable_table

    if load_dialect(dialect).backend in ("espeak", "epitran", "ipa"):
        return []
    try:
        rows = syllable_table(dialect).rows
    except DialectFileError:
        return []
    wanted = {parse_phone(token).segment for row in rows for token in row.phones.split()}
    heard, _, _ = segments_and_prosodies(speech.train)
    return sorted(wanted - set(heard) - set(base_heard) - SILENT)


def noise_ratio(cuts: Sequence[Cut]) -> float:
    """Median signal-to-noise ratio, dB: what the corpus states, else what some recordings say."""
    stated = [(c.supervisions[0].custom or {}).get("quality", {}).get("snr") for c in cuts]
    known = [ratio for ratio in stated if ratio is not None]
    if known:
        return float(np.median(known))
    from corpus_tools.quality.sound import signal_to_noise

    return float(
        np.median([signal_to_noise(check_sound(c), 24_000, *_spoken(c)) for c in cuts[:HEARD]])
    )


def _spoken(cut: Cut) -> tuple[float, float]:
    """Seconds at which the first phone begins and the last one ends."""
    items = (cut.supervisions[0].alignment or {}).get("phone", [])
    spoken = [item for item in items if item.symbol not in SILENT]
    return (spoken[0].start, spoken[-1].end) if spoken else (0.0, cut.duration)
