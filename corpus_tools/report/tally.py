"""One pass over the cuts of built corpora: sums, distributions, and which cuts to look into."""

import gzip
import hashlib
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus_tools.quality.measure import Quality
from corpus_tools.quality.rate import speech_rate
from diamoe.errors import CorpusError
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

BINS = {
    "duration": 0.25,
    "rate": 0.5,
    "snr": 2.0,
    "align_score": 0.1,
    "dnsmos": 0.1,
    "nisqa": 0.1,
}
"""Width of the bins of every distribution: seconds, phones a second, dB, nats, points of five."""


@dataclass
class DialectTally:
    """What there is of one dialect."""

    utterances: int = 0
    seconds: float = 0.0
    phones: Counter[str] = field(default_factory=Counter)
    """How often each segment is spoken."""
    tones: Counter[str] = field(default_factory=Counter)
    """How often each tone's marks are spoken; empty marks for syllables without."""


@dataclass(frozen=True, order=True)
class Worst:
    """A cut that looks wrong: the lower its score, the worse."""

    score: float
    corpus: str
    id: str
    text: str
    speaker: str
    phones: str
    seconds: float


@dataclass
class Tally:
    """Sums over all corpora of a report, perturbed copies left out; flat in memory however many
    cuts there are."""

    worst_count: int
    sample: int
    dialects: dict[str, DialectTally] = field(default_factory=dict)
    speakers: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    """Seconds by corpus and speaker."""
    distributions: dict[str, Counter[int]] = field(
        default_factory=lambda: {name: Counter() for name in BINS}
    )
    worst: list[tuple[float, Worst]] = field(default_factory=list)
    chosen: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """By dialect, the cuts to listen to: a fair sample by a hash of the id."""

    def add(self, corpus: str, record: dict[str, Any]) -> None:
        """Count one cut, given as its JSON."""
        supervision = record["supervisions"][0]
        custom, seconds = supervision.get("custom") or {}, record["duration"]
        if "phones" not in custom:
            raise CorpusError(f"{corpus}: {record['id']} has no phones: not a built corpus")
        if "augmented" in custom:
            return
        dialect = supervision["language"]
        seq = PhoneSeq.parse(custom["phones"], dialect)
        self._add_dialect(seq, seconds)
        self.speakers[corpus, supervision.get("speaker", "")] += seconds
        times = [tuple(i[:3]) for i in (supervision.get("alignment") or {}).get("phone", ())]
        quality = Quality.from_dict(custom.get("quality", {}))
        score = custom.get("align_score", quality.align_score)
        self.count("duration", seconds)
        self.count("rate", quality.rate or speech_rate(seq, times, seconds))  # type: ignore[arg-type]
        self.count("align_score", score)
        self.count("snr", quality.snr)
        self.count("dnsmos", quality.dnsmos)
        self.count("nisqa", quality.nisqa)
        if score is not None:
            self._keep_worst(_worst(corpus, record, score))
        self._choose(dialect, corpus, record["id"])

    def count(self, name: str, value: float | None) -> None:
        """Count one figure in a distribution; None is left out."""
        if value is not None:
            self.distributions[name][int(value // BINS[name])] += 1

    def _add_dialect(self, seq: PhoneSeq, seconds: float) -> None:
        tally = self.dialects.setdefault(seq.dialect, DialectTally())
        tally.utterances += 1
        tally.seconds += seconds
        for token in seq.tokens:
            if token != SYLLABLE and not (phone := parse_phone(token)).is_pause:
                tally.phones[phone.segment] += 1
        for syllable in seq.syllables():
            if not syllable[0].is_pause:
                tally.tones[next((p.tone for p in syllable if p.is_nucleus), "")] += 1

    def _keep_worst(self, worst: Worst) -> None:
        heapq.heappush(self.worst, (-worst.score, worst))
        if len(self.worst) > self.worst_count:
            heapq.heappop(self.worst)

    def _choose(self, dialect: str, corpus: str, name: str) -> None:
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
        heap = self.chosen.setdefault(dialect, [])
        heapq.heappush(heap, (-number, corpus, name))
        if len(heap) > self.sample:
            heapq.heappop(heap)

    def worst_first(self) -> list[Worst]:
        """The worst cuts, the very worst first."""
        return sorted(worst for _, worst in self.worst)


def _worst(corpus: str, record: dict[str, Any], score: float) -> Worst:
    supervision = record["supervisions"][0]
    return Worst(
        score,
        corpus,
        record["id"],
        supervision.get("text", ""),
        supervision.get("speaker", ""),
        supervision["custom"]["phones"],
        record["duration"],
    )


def read_cuts(folder: Path) -> Iterator[dict[str, Any]]:
    """The JSON of every cut of a built corpus, without its sound.

    Raises:
        CorpusError: there is none.
    """
    shards = sorted(folder.glob("cuts.*.jsonl.gz"))
    if not shards:
        raise CorpusError(f"{folder}: no built corpus here (cuts.*.jsonl.gz expected)")
    for shard in shards:
        with gzip.open(shard, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def tally_corpora(folders: Iterable[Path], worst: int, sample: int) -> Tally:
    """Count the cuts of all folders.

    Raises:
        CorpusError: a folder holds no built corpus.
    """
    tally = Tally(worst, sample)
    for folder in folders:
        for record in read_cuts(folder):
            tally.add(folder.name, record)
    return tally
