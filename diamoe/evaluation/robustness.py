"""What went wrong: words swallowed, said twice or made up, silence, clicks, the prompt's tail."""

from dataclasses import dataclass

import numpy as np

from diamoe.errors import DiamoeError
from diamoe.evaluation.clip import Clip
from diamoe.evaluation.metric import Figure, Metric, Row
from diamoe.text.phones import PhoneSeq

FIGURES = SWALLOWED, ADDED, REPEATED, LEAK = (
    Figure("swallowed", "lower", "syllables of which no phone was heard", rate=True),
    Figure("added", "lower", "phones in runs of three or more that were not asked for", rate=True),
    Figure("repeated", "lower", "phones heard twice in a row, in runs of two or more", rate=True),
    Figure("prompt_leak", "lower", "share of the prompt's last phones heard before the text"),
)
SOUND = (
    Figure("silence", "lower", "share of the sound that is silent"),
    Figure("longest_pause", "lower", "longest silence inside, seconds"),
    Figure("clicks", "lower", "jumps of the wave, a second"),
    Figure("length_ratio", "", "length over what the phones should take"),
)
RUN = 3
"""Fewest added phones that are no mere confusion."""
TAIL = 6
"""Phones at the prompt's end that are listened for."""
PACE = 11.0
"""Phones a second of usual speech."""
QUIET = 40.0
"""Decibels under the loud frames at which a frame is silent."""
STEP = 0.01
"""Seconds of a frame of loudness."""


class Robustness(Metric):
    """Errors that spoil an utterance, from the recogniser's alignment and from the wave."""

    name = "robustness"
    figures = (*FIGURES, *SOUND)

    def score(self, clip: Clip) -> Row:
        row = wave_faults(clip.wave, clip.rate)
        try:
            wanted, syllables = wanted_phones(clip.seq)
        except DiamoeError as error:
            return row | {"robustness_note": str(error)}
        speech = clip.seconds * (1 - row["silence"])
        row["length_ratio"] = speech / (len(wanted) / PACE) if wanted else None
        faults = compare(wanted, syllables, clip.heard.segments)
        count = max(syllables, default=-1) + 1
        row |= SWALLOWED.of(faults.swallowed, count)
        row |= ADDED.of(faults.added, len(wanted)) | REPEATED.of(faults.repeated, len(wanted))
        if clip.item.prompt_phones:
            prompt = PhoneSeq.parse(clip.item.prompt_phones, clip.item.dialect)
            row["prompt_leak"] = leaked(wanted_phones(prompt)[0], faults.before)
        return row


@dataclass(frozen=True)
class Faults:
    """Counts of one utterance; `before` is what was heard ahead of the first wanted phone."""

    swallowed: int
    added: int
    repeated: int
    before: tuple[str, ...]


def wanted_phones(seq: PhoneSeq) -> tuple[list[str], list[int]]:
    """Segments that should be heard (runs of one are one) and the syllable each belongs to."""
    from diamoe.recogniser.labels import is_sounding

    segments: list[str] = []
    syllables: list[int] = []
    number = -1
    for group in seq.syllables():
        sounding = [p.segment for p in group if is_sounding(p)]
        if not sounding:
            continue
        number += 1
        for segment in sounding:
            if not segments or segments[-1] != segment or syllables[-1] != number:
                segments.append(segment)
                syllables.append(number)
    return segments, syllables


def compare(wanted: list[str], syllables: list[int], heard: list[str]) -> Faults:
    """Line what was heard up with what was wanted.

    >>> compare(["m", "a", "n", "i"], [0, 0, 1, 1], ["m", "a", "m", "a", "n", "i"])
    Faults(swallowed=0, added=0, repeated=2, before=())
    """
    import jiwer

    if not wanted or not heard:
        lost = len(set(syllables)) if not heard else 0
        return Faults(lost, len(heard), 0, tuple(heard))
    found = jiwer.process_words(" ".join(wanted), " ".join(heard))
    there = [False] * len(wanted)
    added = repeated = 0
    before: tuple[str, ...] = ()
    for index, chunk in enumerate(found.alignments[0]):
        start, end = chunk.hyp_start_idx, chunk.hyp_end_idx
        if chunk.type in ("equal", "substitute"):
            there[chunk.ref_start_idx : chunk.ref_end_idx] = [True] * (end - start)
        elif chunk.type == "insert":
            run = heard[start:end]
            if index == 0:
                before = tuple(run)
            size = len(run)
            if size >= 2 and run in (heard[start - size : start], heard[end : end + size]):
                repeated += size
            elif size >= RUN:
                added += size
    spoken = {s for s, heard_it in zip(syllables, there, strict=True) if heard_it}
    return Faults(len(set(syllables) - spoken), added, repeated, before)


def leaked(prompt: list[str], before: tuple[str, ...]) -> float:
    """Share of the prompt's last phones that were heard, in order, ahead of the text.

    >>> leaked(["s", "a", "m", "i"], ("m", "i"))
    0.5
    """
    tail, found = prompt[-TAIL:], 0
    if len(before) < 2 or not tail:
        return 0.0
    rest = list(before)
    for segment in reversed(tail):
        if segment in rest:
            rest = rest[: len(rest) - 1 - rest[::-1].index(segment)]
            found += 1
    return found / len(tail)


def wave_faults(wave: np.ndarray, rate: int) -> Row:
    """Silence and clicks of a wave (samples,)."""
    size = int(STEP * rate)
    frames = wave[: len(wave) // size * size].reshape(-1, size).astype(np.float64)
    level = 10 * np.log10((frames**2).mean(1) + 1e-10)
    quiet = level < max(np.quantile(level, 0.95) - QUIET, -70.0)
    loud = np.flatnonzero(~quiet)
    inside = quiet[loud[0] : loud[-1] + 1] if len(loud) else quiet
    return {
        "silence": float(quiet.mean()),
        "longest_pause": STEP * _longest(inside),
        "clicks": clicks(wave, rate) / (len(wave) / rate),
    }


def _longest(flags: np.ndarray) -> int:
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def clicks(wave: np.ndarray, rate: int) -> int:
    """Samples at which the wave jumps far more than anywhere within 20 ms: splices, dropped parts.

    >>> time = np.arange(24_000) / 24_000
    >>> smooth = 0.3 * np.sin(2 * np.pi * 200 * time)
    >>> clicks(smooth, 24_000), clicks(np.where(time < 0.5012, smooth, -smooth), 24_000)
    (0, 1)
    """
    bend = np.abs(np.diff(wave.astype(np.float64), 2))
    size = int(0.02 * rate)
    count = 0
    for start in range(0, len(bend) - size + 1, size // 2):
        part = bend[start : start + size]
        peak = int(part.argmax())
        # Each stretch is judged by its middle half, so that none is counted twice.
        if not size // 4 <= peak < size - size // 4:
            continue
        near = np.delete(part, slice(max(0, peak - 3), peak + 4))
        if part[peak] > JUMP * near.max() and part[peak] > LEAST:
            count += 1
    return count


JUMP, LEAST = 4.0, 0.02
"""A click bends the wave this many times as much as all that is near, and by so much at least."""
