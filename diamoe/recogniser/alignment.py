"""Phone times of an utterance from the recogniser's posteriors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diamoe.audio.mel import MelConfig
from diamoe.errors import CorpusError, TooShort
from diamoe.recogniser.labels import BLANK, SegmentLabels, is_sounding
from diamoe.recogniser.model import STRIDE
from diamoe.recogniser.viterbi import Unit, align
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

GAP_COST = 6.0
"""What a pause that neither punctuation nor a word's known end stands for costs, nats."""
LOUD = 3.0
"""Frames at most this far below the utterance's loud ones cannot be silent, nats (26 dB)."""
LOUD_COST = 6.0
"""What silence in such a frame costs, nats."""
GAP_SECONDS = 0.04
"""The shortest of them, seconds."""


@dataclass(frozen=True)
class PhoneTime:
    """One token and where it is heard, seconds."""

    symbol: str
    start: float
    duration: float


@dataclass(frozen=True)
class Alignment:
    """Times of `_`, every token except `|`, `_`; `score` is the mean log-likelihood of a frame."""

    times: tuple[PhoneTime, ...]
    score: float


@dataclass(frozen=True)
class Member:
    """A recording inside a joined utterance: its phones, and its span in seconds."""

    phones: str
    start: float
    end: float


@dataclass(frozen=True)
class Chain:
    """Units to align, and for each the index of its token among the spoken ones (None: a gap)."""

    units: list[Unit]
    tokens: list[int | None]
    spoken: list[str]


def build_chain(
    seq: PhoneSeq,
    labels: SegmentLabels,
    frame_rate: float,
    least: int = 1,
    members: Sequence[Member] = (),
) -> Chain:
    """Phones and possible silences of an utterance, in order.

    Args:
        seq: phones without edges.
        frame_rate: frames per second.
        least: fewest frames of a phone.
        members: the recordings the utterance is joined of; phones stay inside their member.

    Raises:
        CorpusError: the members do not spell the utterance.
        UnknownPhone: a segment the recogniser does not know.
    """
    windows = _windows(seq, members, frame_rate)
    silence = Unit(BLANK, optional=True)
    units, tokens, spoken = [silence], [0], ["_"]  # type: tuple[list, list, list]
    phones_seen = 0
    gap = round(GAP_SECONDS * frame_rate) + 1
    for token in (*seq.tokens, "_"):
        if token == SYLLABLE:
            inside = (
                not members
                or windows[phones_seen - 1 : phones_seen] == windows[phones_seen : phones_seen + 1]
            )
            if not units[-1].optional and (not inside or not members):
                units.append(Unit(BLANK, gap, True, GAP_COST) if inside else Unit(BLANK, 1, True))
                tokens.append(None)
            continue
        phone = parse_phone(token)
        spoken.append(token)
        if phone.is_pause:
            if units[-1].optional and (tokens[-1] is None or token == "_"):
                units[-1], tokens[-1] = silence, len(spoken) - 1
            elif not units[-1].optional:
                units.append(silence)
                tokens.append(len(spoken) - 1)
            continue
        if is_sounding(phone):
            first, last = windows[phones_seen]
            label = labels.classify(phone, str(seq))
            units.append(Unit(label, least, first=first, last=last))
            tokens.append(len(spoken) - 1)
        phones_seen += 1
    return Chain(units, tokens, spoken)


def _windows(seq: PhoneSeq, members: Sequence[Member], frame_rate: float) -> list[tuple[int, int]]:
    """First and last frame of every phone (zero initials too) by the member it belongs to."""
    phones = [p.token for p in seq.phones if not p.is_pause]
    if not members:
        return [(0, 2**30)] * len(phones)
    spelt: list[str] = []
    windows: list[tuple[int, int]] = []
    for index, member in enumerate(members):
        own = [p.token for p in PhoneSeq.parse(member.phones, seq.dialect).phones if not p.is_pause]
        spelt += own
        first = 0 if index == 0 else round(member.start * frame_rate) - 1
        last = 2**30 if index == len(members) - 1 else round(member.end * frame_rate) + 2
        windows += [(max(0, first), last)] * len(own)
    if spelt != phones:
        raise CorpusError(f"the words spell {' '.join(spelt)!r}, the phones are {str(seq)!r}")
    return windows


def forbid_loud_silence(log_probs: np.ndarray, mel: np.ndarray) -> np.ndarray:
    """Posteriors in which no loud frame is likely to be silence.

    A recogniser trained with CTC hears blanks inside phones; a vowel's energy says otherwise.

    Args:
        log_probs: (ceil(frames / 2), classes).
        mel: the log-mel they come from, (frames, n_mels).
    """
    level = np.log(np.exp(mel[::STRIDE].astype(np.float32)).mean(1))
    loud = level > np.quantile(level, 0.95) - LOUD
    held = log_probs.copy()
    held[loud, BLANK] -= LOUD_COST
    return held


def frame_labels(
    log_probs: np.ndarray,
    seq: PhoneSeq,
    labels: SegmentLabels,
    frame_rate: float,
    members: Sequence[Member] = (),
) -> np.ndarray:
    """The class of every frame on the best path: (frames, classes) -> (frames,).

    Raises:
        TooShort: there are too few frames.
    """
    chain = build_chain(seq, labels, frame_rate, 1, members)
    spans, _ = align(log_probs, chain.units, str(seq))
    classes = np.zeros(len(log_probs), np.int64)
    for unit, span in zip(chain.units, spans, strict=True):
        if span is not None:
            classes[span[0] : span[1]] = unit.label
    return classes


def align_phones(
    log_probs: np.ndarray,
    seq: PhoneSeq,
    labels: SegmentLabels,
    seconds: float,
    members: Sequence[Member] = (),
    mel: MelConfig | None = None,
) -> Alignment:
    """Find the phones' times.

    Phones last at least two mel frames where the utterance is long enough for that, zero initials
    nothing. Unmarked gaps go half to the phone before, half to the one after.

    Args:
        log_probs: (ceil(frames / 2), classes) from the recogniser.
        seq: phones without edges.
        seconds: length of the utterance.

    Raises:
        TooShort: the utterance, or a member, is too short for its phones.
        CorpusError: nothing in it has a sound, or the members do not spell it.
    """
    mel = mel or MelConfig()
    if not any(is_sounding(p) for p in seq.phones):
        raise CorpusError(f"{str(seq)!r}: nothing to align, no phone in it has a sound")
    frames = 1 + int(seconds * mel.sample_rate) // mel.hop
    fine = _upsample(log_probs, frames)
    chain = build_chain(seq, labels, mel.frame_rate, 2, members)
    try:
        spans, path = align(fine, chain.units, str(seq))
    except TooShort:
        # Two frames a phone do not fit: fast speech, or a short member. One may.
        chain = build_chain(seq, labels, mel.frame_rate, 1, members)
        spans, path = align(fine, chain.units, str(seq))
    voiced = np.zeros(frames, bool)
    for unit, span in zip(chain.units, spans, strict=True):
        if span is not None and unit.label != BLANK:
            voiced[span[0] : span[1]] = True
    edges = _token_edges(chain, spans)
    cuts = [0.0, *((e - 0.5) / mel.frame_rate if e > 0 else 0.0 for e in edges), seconds]
    cuts = [min(c, seconds) for c in cuts]
    times = tuple(
        PhoneTime(symbol, round(a, 5), round(b, 5) - round(a, 5))
        for symbol, a, b in zip(chain.spoken, cuts[:-1], cuts[1:], strict=True)
    )
    return Alignment(times, float(path[voiced].mean()))


def _upsample(log_probs: np.ndarray, frames: int) -> np.ndarray:
    """(ceil(frames / 2), classes) -> (frames, classes), between frames the mean."""
    positions = np.minimum(np.arange(frames) / STRIDE, len(log_probs) - 1)
    low = positions.astype(int)
    high = np.minimum(low + 1, len(log_probs) - 1)
    share = (positions - low)[:, None].astype(log_probs.dtype)
    return log_probs[low] * (1 - share) + log_probs[high] * share


def _token_edges(chain: Chain, spans: list[tuple[int, int] | None]) -> list[int]:
    """The frame at which every spoken token but the first begins; it never falls."""
    starts: list[int | None] = [None] * len(chain.spoken)
    final = max(span[1] for span in spans if span is not None)
    for i, (token, span) in enumerate(zip(chain.tokens, spans, strict=True)):
        if span is None:
            continue
        if token is None:
            after = chain.tokens[i + 1]
            assert after is not None
            starts[after] = (span[0] + span[1]) // 2
        elif starts[token] is None:
            starts[token] = span[0]
    upcoming = final
    edges = []
    for start in reversed(starts[1:]):
        # A token without frames begins, and ends, where the next one begins.
        upcoming = upcoming if start is None else start
        edges.append(upcoming)
    return edges[::-1]
