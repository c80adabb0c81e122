"""Quality gates: which utterances are good enough to train on, and what each gate costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from corpus_tools.quality.measure import Quality
from corpus_tools.quality.rate import Usual
from corpus_tools.rejection import Rejection

SPEAKER_GATE = "little of the speaker"


@dataclass(frozen=True)
class GateSettings:
    """Where the gates stand. A figure that was not measured passes."""

    min_snr: float = 15.0
    """Least signal-to-noise ratio, dB."""
    min_bandwidth: float = 5000.0
    """Least bandwidth, Hz; telephone speech has 3400."""
    max_clipped: float = 0.002
    """Largest share of samples at full scale."""
    max_rate_deviation: float = 5.0
    """How far the speech rate may be from what is usual in the dialect, robust deviations."""
    min_align_score: float = -2.5
    """Mean log-likelihood of the phones that always passes. With the shipped recogniser it tells
    nine of ten wrong transcripts of Mandarin and Cantonese words."""
    max_align_deviation: float = 3.0
    """How far below what is usual in the dialect a lower one may be, robust deviations: of a
    language that the recogniser does not know, most are low."""
    min_dnsmos: float = 2.0
    """Least DNSMOS, where it is measured."""
    min_nisqa: float = 1.5
    """Least NISQA, where it is measured."""
    min_speaker_minutes: float = 0.0
    """Least speech of a speaker, minutes."""
    dnsmos: str = "auto"
    """Folder of DNSMOS's weights (sig_bak_ovr.onnx, model_v8.onnx); `auto` to ask it where they
    are found (see docs/corpora.md), `none` never to."""
    dnsmos_share: float = 0.1
    """Share of utterances that it is asked about, chosen by a hash: it takes half a second each."""
    nisqa: str = "auto"
    """Folder of NISQA's weights (nisqa.tar), `auto` or `none`."""
    nisqa_share: float = 1.0
    """Share of utterances that it is asked about."""


@dataclass(frozen=True)
class Reason:
    """A gate that an utterance does not pass, and by how much it fails."""

    gate: str
    detail: str

    def rejection(self, id: str) -> Rejection:
        """As a line of the list of what is left out."""
        return Rejection(id, self.gate, self.detail)


def judge(
    quality: Quality,
    settings: GateSettings,
    usual_rate: Usual | None = None,
    usual_score: Usual | None = None,
) -> list[Reason]:
    """The gates that an utterance does not pass; none for a good one.

    Args:
        usual_rate: the logarithm of the speech rate in the dialect (`log_rate`).
        usual_score: the alignment score in the dialect.

    >>> judge(Quality(snr=3.0, bandwidth=8000.0), GateSettings())
    [Reason(gate='noise', detail='signal-to-noise ratio 3.0 dB, at least 15')]
    """
    q, s = quality, settings
    reasons = [
        _low("noise", "signal-to-noise ratio", q.snr, s.min_snr, " dB"),
        _low("bandwidth", "sound up to", q.bandwidth, s.min_bandwidth, " Hz"),
        _low("alignment", "score", q.align_score, _least_score(s, usual_score), ""),
        _low("dnsmos", "DNSMOS", q.dnsmos, s.min_dnsmos, ""),
        _low("nisqa", "NISQA", q.nisqa, s.min_nisqa, ""),
    ]
    if q.clipped is not None and q.clipped > s.max_clipped:
        share = f"{q.clipped:.2%} of samples at full scale, at most {s.max_clipped:.2%}"
        reasons.append(Reason("clipping", share))
    rate = log_rate(q)
    if rate is not None and usual_rate is not None:
        deviation = usual_rate.deviation(rate)
        if abs(deviation) > s.max_rate_deviation:
            off = f"{deviation:+.1f} deviations from what is usual in the dialect"
            reasons.append(Reason("rate", f"{q.rate:.1f} phones/s, {off}"))
    return [reason for reason in reasons if reason is not None]


def log_rate(quality: Quality) -> float | None:
    """Speech rate as the gates judge it: 16 phones/s are as far from 12 as 9 are."""
    return log(quality.rate) if quality.rate else None


def _low(gate: str, name: str, value: float | None, least: float, unit: str) -> Reason | None:
    if value is None or value >= least:
        return None
    digits = 0 if abs(value) >= 1000 else 1 if unit else 2
    return Reason(gate, f"{name} {value:.{digits}f}{unit}, at least {least:g}")


def _least_score(settings: GateSettings, usual_score: Usual | None) -> float:
    if usual_score is None:
        return settings.min_align_score
    unusual = usual_score.median - settings.max_align_deviation * usual_score.spread
    return round(min(settings.min_align_score, unusual), 2)


def judge_speakers(minutes: Mapping[str, float], settings: GateSettings) -> dict[str, Reason]:
    """The speakers of whom there is too little, with their minutes.

    >>> judge_speakers({"ann": 3.0, "ben": 0.5}, GateSettings(min_speaker_minutes=1))
    {'ben': Reason(gate='little of the speaker', detail='ben: 0.50 minutes, at least 1')}
    """
    least = settings.min_speaker_minutes
    return {
        name: Reason(SPEAKER_GATE, f"{name}: {found:.2f} minutes, at least {least:g}")
        for name, found in minutes.items()
        if found < least
    }


@dataclass(frozen=True)
class Balance:
    """How evenly a corpus is spread over its speakers."""

    speakers: int
    largest_share: float
    """Share of the one with most speech."""
    effective: float
    """As many speakers with equal shares would be as even (inverse Simpson index)."""


def balance(seconds: Mapping[str, float]) -> Balance:
    """Balance of speech by speaker.

    >>> balance({"ann": 30.0, "ben": 30.0})
    Balance(speakers=2, largest_share=0.5, effective=2.0)
    """
    total = sum(seconds.values())
    shares = [s / total for s in seconds.values()] if total else []
    even = 1 / sum(s * s for s in shares) if shares else 0.0
    return Balance(len(seconds), max(shares, default=0.0), even)


@dataclass
class Loss:
    """What a gate takes."""

    utterances: int = 0
    seconds: float = 0.0
    alone_seconds: float = 0.0
    """Of these, what no other gate would take."""


def count_losses(judged: Iterable[tuple[float, Iterable[Reason]]]) -> dict[str, Loss]:
    """What every gate takes of utterances given as seconds and reasons, the largest loss first.

    >>> noisy = Reason("noise", "")
    >>> count_losses([(3.0, [noisy]), (2.0, [noisy, Reason("rate", "")]), (9.0, [])])["noise"]
    Loss(utterances=2, seconds=5.0, alone_seconds=3.0)
    """
    losses: dict[str, Loss] = {}
    for seconds, reasons in judged:
        gates = {reason.gate for reason in reasons}
        for gate in sorted(gates):
            loss = losses.setdefault(gate, Loss())
            loss.utterances += 1
            loss.seconds += seconds
            loss.alone_seconds += seconds if len(gates) == 1 else 0.0
    return dict(sorted(losses.items(), key=lambda item: -item[1].seconds))
