"""The measure and gates stages: figures of every utterance, and which gates it does not pass."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus_tools.contents import Contents
from corpus_tools.gates import SPEAKER_GATE, GateSettings, judge, judge_speakers, log_rate
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.quality.measure import Quality, measure_speech
from corpus_tools.quality.rate import FEWEST, Usual, usual
from corpus_tools.settings import JoinSettings
from corpus_tools.utterances import Planned, read_plans

MOST = 20_000
"""Figures that are enough to tell what is usual; of more, an even share is looked at."""


def measure_part(job: Job, target: Path) -> None:
    """Figures of a part's utterances; settings: `JoinSettings`; inputs: `Contents.paths`,
    plans, and times where they are known."""
    write_lines(target, _measure_all(job))


def _measure_all(job: Job) -> Iterator[dict[str, Any]]:
    contents = Contents(*job.inputs[:5])
    aligned = {r["id"]: r for path in job.inputs[6:] for r in read_lines(path)}
    qualities = contents.qualities()
    for planned in read_plans(job.inputs[5], contents):
        first = planned.plan.members[0]
        record: dict[str, Any] = {
            "id": planned.id,
            "split": planned.split,
            "dialect": first.phones.dialect,
            "speaker": first.utterance.speaker,
            "members": planned.member_ids,
        }
        found = aligned.get(planned.id, {})
        if "rejected" in found:
            failed = found["rejected"]
            yield record | {"failed": [failed["kind"], failed["detail"]], "quality": {}}
            continue
        yield record | {"quality": _quality(planned, job.settings, qualities, found).to_dict()}


def _quality(
    planned: Planned,
    join: JoinSettings,
    qualities: Mapping[str, Quality],
    found: Mapping[str, Any],
) -> Quality:
    """The worst of what its recordings have, and what its phones tell."""
    own = [qualities[name] for name in planned.member_ids]
    worst = Quality(
        speech=sum(q.speech or 0.0 for q in own),
        snr=_worst(min, [q.snr for q in own]),
        bandwidth=_worst(min, [q.bandwidth for q in own]),
        clipped=_worst(max, [q.clipped for q in own]),
    )
    seq = planned.plan.phones(join)
    return measure_speech(worst, seq, found.get("phone", ()), found.get("score"))


def _worst(choose: Any, values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


@dataclass(frozen=True)
class Verdicts:
    """What the gates of a part depend on."""

    gates: GateSettings
    rates: Mapping[str, Usual] = field(default_factory=dict)
    """What is usual in each dialect."""
    scores: Mapping[str, Usual] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)
    """Speakers of whom there is too little, and how much."""

    def warnings(self) -> list[str]:
        """Dialects that the recogniser seems not to know."""
        return [
            f"{dialect}: the median alignment score is {found.median:.2f}, below "
            f"gates.min_align_score={self.gates.min_align_score:g}: either the recogniser does "
            "not know this speech (align.recogniser=auto or train trains one on it) or most "
            "transcripts are wrong"
            for dialect, found in self.scores.items()
            if found.median < self.gates.min_align_score
        ]


class Sample:
    """At most `MOST` of any number of values, spread evenly over them."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._step, self._seen = 1, 0

    def add(self, value: float) -> None:
        """Look at one more value."""
        if self._seen % self._step == 0:
            self.values.append(value)
            if len(self.values) > MOST:
                self.values = self.values[::2]
                self._step *= 2
        self._seen += 1


def survey(measured: Sequence[Path], gates: GateSettings) -> Verdicts:
    """What is usual in the dialects of a corpus, and who speaks little in it."""
    rates: dict[str, Sample] = {}
    scores: dict[str, Sample] = {}
    minutes: dict[str, float] = defaultdict(float)
    for path in measured:
        for record in read_lines(path):
            quality, dialect = Quality.from_dict(record["quality"]), record["dialect"]
            minutes[record["speaker"]] += (quality.speech or 0.0) / 60
            for found, value in ((rates, log_rate(quality)), (scores, quality.align_score)):
                if value is not None:
                    found.setdefault(dialect, Sample()).add(value)
    few = judge_speakers(minutes, gates)
    # However few the scores are: a dialect that the recogniser does not know must not be taken
    # for one whose transcripts are all wrong.
    return Verdicts(
        gates, _usuals(rates, FEWEST), _usuals(scores, 1), {n: r.detail for n, r in few.items()}
    )


def _usuals(samples: Mapping[str, Sample], fewest: int) -> dict[str, Usual]:
    return {d: usual(s.values) for d, s in samples.items() if len(s.values) >= fewest}


def judge_part(job: Job, target: Path) -> None:
    """Verdicts on a part's utterances; inputs: its figures, and what predictors said of it if
    they were asked; settings: `Verdicts`."""
    measured, *asked = job.inputs
    predicted = {r["id"]: r["quality"] for path in asked for r in read_lines(path)}
    write_lines(
        target,
        (
            _judge_one(r | {"quality": r["quality"] | predicted.get(r["id"], {})}, job.settings)
            for r in read_lines(measured)
        ),
    )


def _judge_one(record: dict[str, Any], verdicts: Verdicts) -> dict[str, Any]:
    reasons: list[tuple[str, str, str]] = []
    if "failed" in record:
        reasons.append(("align", *record["failed"]))
    if record["speaker"] in verdicts.speakers:
        reasons.append(("gates", SPEAKER_GATE, verdicts.speakers[record["speaker"]]))
    quality, dialect = Quality.from_dict(record["quality"]), record["dialect"]
    usual_rate, usual_score = verdicts.rates.get(dialect), verdicts.scores.get(dialect)
    found = judge(quality, verdicts.gates, usual_rate, usual_score)
    reasons += [("gates", reason.gate, reason.detail) for reason in found]
    return {
        "id": record["id"],
        "split": record["split"],
        "members": record["members"],
        "reasons": reasons,
        "quality": record["quality"],
    }
