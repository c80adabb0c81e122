"""The join stage: which recordings make which utterances, and which of them are held out."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus_tools.audio.settings import CleanSettings
from corpus_tools.contents import Contents
from corpus_tools.gates import GateSettings, judge
from corpus_tools.joining import Joined, Plan, make_utterance, plan_joins, plan_singles
from corpus_tools.labels import syllable_count
from corpus_tools.members import Member
from corpus_tools.parts import Job, read_lines, write_lines
from corpus_tools.quality.measure import Quality
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.settings import JoinSettings, SplitSettings
from corpus_tools.splits import HELDOUT, TRAIN, split_of


@dataclass(frozen=True)
class PlanSettings:
    """What the utterances of a corpus depend on."""

    corpus: str
    is_joined: bool
    join: JoinSettings
    split: SplitSettings
    clean: CleanSettings
    seed: int
    gates: GateSettings | None
    """What is asked of single recordings before they are joined; None where they are not."""


@dataclass(frozen=True)
class Planned:
    """An utterance to be: its name, its split and its recordings."""

    id: str
    split: str
    plan: Plan

    @property
    def member_ids(self) -> list[str]:
        """The recordings' ids."""
        return [m.utterance.id for m in self.plan.members]

    def make(self, join: JoinSettings, seed: int) -> Joined:
        """Sound, text and phones; the same for the same recordings and seed."""
        rng = np.random.default_rng([seed, zlib.crc32(self.id.encode())])
        return make_utterance(self.plan, join, rng)


def plan_part(job: Job, target: Path) -> None:
    """Plan the utterances of a part; inputs: `Contents.paths`; settings: `PlanSettings`."""
    write_lines(target, _plan_all(Contents(*job.inputs), job.settings))


def _plan_all(contents: Contents, settings: PlanSettings) -> Iterator[dict[str, Any]]:
    by_split: dict[str, list[Member]] = {TRAIN: [], HELDOUT: []}
    qualities = contents.qualities()
    for member in contents.members():
        try:
            check_rate(member, settings.clean)
            if settings.gates is not None:
                check_sound(qualities[member.utterance.id], settings.gates)
        except Rejected as reason:
            yield Rejection.of(member.utterance.id, reason).record
            continue
        split = split_of(member.text, member.utterance.speaker, settings.split)
        by_split[split].append(member)
    if settings.is_joined:
        first = by_split[TRAIN][0].utterance.id if by_split[TRAIN] else ""
        seed = [settings.seed, zlib.crc32(f"{settings.corpus} {first}".encode())]
        plans = plan_joins(by_split[TRAIN], settings.join, np.random.default_rng(seed))
    else:
        plans = plan_singles(by_split[TRAIN])
    yield from _records(plans, TRAIN, settings.corpus)
    yield from _records(plan_singles(by_split[HELDOUT]), HELDOUT, settings.corpus)


def _records(plans: Iterator[Plan], split: str, corpus: str) -> Iterator[dict[str, Any]]:
    uses: dict[str, int] = {}
    for plan in plans:
        name = _name(corpus, plan)
        uses[name] = uses.get(name, 0) + 1
        yield {
            "id": name if uses[name] == 1 else f"{name}-{uses[name]}",
            "split": split,
            "members": [m.utterance.id for m in plan.members],
            "pauses": plan.pauses,
        }


def _name(corpus: str, plan: Plan) -> str:
    first = plan.members[0].utterance.id
    more = f"-joined{len(plan.members)}" if len(plan.members) > 1 else ""
    return f"{corpus}-{first}{more}".replace("%", "%25").replace("/", "%2F")


def read_plans(path: Path, contents: Contents) -> Iterator[Planned]:
    """The utterances of a part, in their order."""
    members = {m.utterance.id: m for m in contents.members()}
    for record in read_lines(path):
        if "rejected" not in record:
            chosen = tuple(members[name] for name in record["members"])
            yield Planned(record["id"], record["split"], Plan(chosen, tuple(record["pauses"])))


def check_sound(quality: Quality, gates: GateSettings) -> None:
    """Keep one bad recording from spoiling the utterance it would be joined to.

    Raises:
        Rejected: a gate that looks at sound alone does not let it pass.
    """
    for reason in judge(quality, gates):
        raise Rejected(reason.gate, reason.detail)


def check_rate(member: Member, settings: CleanSettings) -> None:
    """Refuse speech that is too short or too long for its syllables.

    Raises:
        Rejected: the transcript and the recording cannot belong together.
    """
    syllables, speech = syllable_count(member.phones), member.end - member.start
    least, most = syllables * settings.min_syllable, 0.5 + syllables * settings.max_syllable
    if not least <= speech <= most:
        raise Rejected("speech rate", f"{syllables} syllables in {speech:.2f} s")
