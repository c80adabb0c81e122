"""The prepare stage: recordings under a source folder become corpora in Shar form."""

import hashlib
import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from corpus_tools.card import read_card, write_card
from corpus_tools.joining import Plan, make_utterance, plan_joins, plan_singles
from corpus_tools.labels import Labeller
from corpus_tools.members import Member
from corpus_tools.recipes.known import KnownCorpus, known_corpora
from corpus_tools.recipes.layouts import read_corpus
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from corpus_tools.settings import PrepareSettings
from corpus_tools.workers import Task, clean_all
from diamoe.errors import ConfigError, CorpusError
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone

FORMAT = 1
"""Raised when the same settings make different corpora, so that old ones are made anew."""


def prepare_corpora(settings: PrepareSettings) -> None:
    """Prepare every corpus named in the settings; finished ones with the same settings are kept.

    Raises:
        ConfigError: an unknown corpus name or an impossible value.
        CorpusError: a corpus is not laid out as its recipe expects.
    """
    check_settings(settings)
    table = known_corpora(Path(settings.table) if settings.table else None)
    source = Path(settings.source)
    if not source.is_dir():
        raise CorpusError(f"source={settings.source}: no such folder")
    unknown = [name for name in settings.corpora if name not in table]
    if unknown:
        raise ConfigError(f"unknown corpora {', '.join(unknown)}; known: {', '.join(table)}")
    names = settings.corpora or [n for n, c in table.items() if c.root(source).is_dir()]
    if not names:
        raise CorpusError(f"source={settings.source}: none of the known corpora lies there")
    for name in names:
        prepare_corpus(table[name], settings)


def check_settings(settings: PrepareSettings) -> None:
    """Refuse values that cannot work.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    checks = {
        "workers": (settings.workers >= 1, "at least 1"),
        "heldout": (0 <= settings.heldout < 1, "from 0 to below 1"),
        "shard_size": (settings.shard_size >= 1, "at least 1"),
        "limit": (settings.limit >= 0, "0 (all) or more"),
        "join.passes": (settings.join.passes >= 1, "at least 1"),
        "join.single": (0 <= settings.join.single <= 1, "from 0 to 1"),
    }
    for key in ("seconds", "pause", "close"):
        low, high = getattr(settings.join, key)
        checks[f"join.{key}"] = (0 < low <= high, "two rising numbers above 0")
    for key, (fine, allowed) in checks.items():
        if not fine:
            raise ConfigError(f"{key}: cannot work with this value; allowed: {allowed}")


@dataclass(frozen=True)
class Labelled:
    """An utterance whose transcript could be read."""

    utterance: Utterance
    phones: PhoneSeq


def prepare_corpus(corpus: KnownCorpus, settings: PrepareSettings) -> None:
    """Prepare one corpus and its held-out part, unless both are there already.

    Everything is written to a temporary folder first and renamed at the end; the main folder
    comes last, so its presence means that both are complete.
    """
    rows = list(islice(read_corpus(corpus, Path(settings.source)), settings.limit or None))
    labelled, rejected = label_all(corpus, [row for row in rows if isinstance(row, Utterance)])
    rejected += [row for row in rows if isinstance(row, Rejection)]
    mark = fingerprint(corpus, settings, labelled, rejected)
    target = Path(settings.out) / corpus.name
    heldout_target = target.with_name(f"{corpus.name}_heldout")
    card, heldout_card = read_card(target), read_card(heldout_target)
    if card and heldout_card and card["fingerprint"] == heldout_card["fingerprint"] == mark:
        tqdm.write(f"{corpus.name}: already prepared in {target}")
        return
    work = target.with_name(f".{corpus.name}.unfinished")
    shutil.rmtree(work, ignore_errors=True)
    (work / "clean").mkdir(parents=True)
    try:
        _build(corpus, settings, labelled, rejected, mark, work)
        for made, final in ((work / "heldout", heldout_target), (work / "main", target)):
            if final.exists():
                shutil.rmtree(final)
            made.rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def label_all(
    corpus: KnownCorpus, utterances: Sequence[Utterance]
) -> tuple[list[Labelled], list[Rejection]]:
    """Phones for every transcript that has a reading, and the list of those that have none."""
    labeller = Labeller(corpus.dialect, corpus.gap_mark, corpus.refuse)
    labelled, rejected = [], []
    for utterance in tqdm(utterances, desc=f"{corpus.name}: phones", unit="text"):
        try:
            labelled.append(Labelled(utterance, labeller.phones(utterance)))
        except Rejected as reason:
            rejected.append(Rejection(utterance.id, reason.kind, reason.detail))
    return labelled, rejected


def fingerprint(
    corpus: KnownCorpus,
    settings: PrepareSettings,
    labelled: Sequence[Labelled],
    rejected: Sequence[Rejection],
) -> str:
    """A hash of all that the result depends on: settings, table entry, phones, recordings."""
    values: dict[str, Any] = asdict(settings)
    for key in ("source", "out", "corpora", "table", "workers"):
        del values[key]
    items = [
        (i.utterance.id, i.utterance.speaker, str(i.phones), i.utterance.audio_path.stat().st_size)
        for i in labelled
    ]
    content = [FORMAT, values, asdict(corpus), items, [(r.id, r.reason) for r in rejected]]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_heldout(transcript: str, share: float) -> bool:
    """Whether a text is held out, the same in every corpus and whatever else the corpus holds."""
    digest = hashlib.sha256(" ".join(transcript.split()).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def syllable_count(phones: PhoneSeq) -> int:
    """Syllables that take time.

    >>> syllable_count(PhoneSeq.parse("t ˈaᴴᴴ | ， | m a | 。", "putonghua"))
    2
    """
    count, open_syllable = 0, False
    for token in phones.tokens:
        sounds = token != SYLLABLE and not parse_phone(token).is_pause
        count += sounds and not open_syllable
        open_syllable = sounds
    return count


@dataclass(frozen=True)
class Cleaned:
    """The recordings of a corpus that can be used, and those left out so far."""

    members: tuple[Member, ...]
    rejected: tuple[Rejection, ...]
    seconds_read: float


def _build(
    corpus: KnownCorpus,
    settings: PrepareSettings,
    labelled: Sequence[Labelled],
    rejected: Sequence[Rejection],
    mark: str,
    work: Path,
) -> None:
    """Clean, hold out, join and write one corpus below `work`."""
    cleaned = _clean(corpus, settings, labelled, rejected, work / "clean")
    rng = np.random.default_rng([settings.seed, zlib.crc32(corpus.name.encode())])
    held: list[Member] = []
    kept: list[Member] = []
    for member in cleaned.members:
        is_held = is_heldout(member.utterance.transcript, settings.heldout)
        (held if is_held else kept).append(member)
    if not kept:
        raise CorpusError(
            f"{corpus.name}: nothing left to train on: of {len(labelled) + len(rejected)} "
            f"recordings {len(cleaned.rejected)} were rejected and {len(held)} are held out; "
            f"the first rejected: {cleaned.rejected[:1]}"
        )
    plans = plan_joins(kept, settings.join, rng) if corpus.join else plan_singles(kept)
    common = {
        "source": corpus.name,
        "licence": corpus.licence,
        "attribution": corpus.attribution,
        "dialect": corpus.dialect,
        "recordings_read": len(labelled) + len(rejected),
        "hours_read": round(cleaned.seconds_read / 3600, 4),
        "fingerprint": mark,
    }
    for name, planned, left_out in (
        (corpus.name, list(plans), cleaned.rejected),
        (f"{corpus.name}_heldout", list(plan_singles(held)), ()),
    ):
        folder = work / ("main" if name == corpus.name else "heldout")
        written = _write(name, planned, folder, settings, rng)
        write_card(folder, {"name": name} | written | common, left_out)


def _clean(
    corpus: KnownCorpus,
    settings: PrepareSettings,
    labelled: Sequence[Labelled],
    rejected: Sequence[Rejection],
    folder: Path,
) -> Cleaned:
    tasks = [
        Task(i, item.utterance.audio_path, folder / f"{i}.npz", syllable_count(item.phones))
        for i, item in enumerate(labelled)
    ]
    members: list[Member] = []
    refused: list[Rejection] = list(rejected)
    seconds_read = 0.0
    outcomes = clean_all(tasks, settings.clean, settings.workers)
    for outcome in tqdm(outcomes, f"{corpus.name}: sound", len(tasks), unit="file"):
        item, path = labelled[outcome.index], tasks[outcome.index].target
        seconds_read += outcome.seconds_read
        if outcome.rejection is not None:
            refused.append(Rejection(item.utterance.id, *outcome.rejection))
            continue
        times = outcome.duration, outcome.start, outcome.end
        members.append(Member(item.utterance, item.phones, path, *times))
    return Cleaned(tuple(members), tuple(refused), seconds_read)


def _write(
    name: str,
    plans: Sequence[Plan],
    folder: Path,
    settings: PrepareSettings,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Write utterances to `folder`; returns what its card says about them."""
    from corpus_tools.shards import make_cut, write_shards  # loads torch, which recipes never need

    cuts = (
        make_cut(
            _cut_name(name, i, plan),
            make_utterance(plan, settings.join, rng),
            plan.members[0].utterance.speaker,
        )
        for i, plan in enumerate(tqdm(plans, f"{name}: writing", unit="cut"))
    )
    written = write_shards(cuts, folder, settings.shard_size)
    members = {m.utterance.id: m for plan in plans for m in plan.members}
    return {
        "speakers": sorted({m.utterance.speaker for m in members.values()}),
        "hours": round(written.seconds / 3600, 4),
        "utterances": written.utterances,
        "recordings": len(members),
    }


def _cut_name(corpus: str, index: int, plan: Plan) -> str:
    if len(plan.members) == 1:
        return f"{corpus}-{index:06d}-{plan.members[0].utterance.id}"
    return f"{corpus}-{index:06d}-joined{len(plan.members)}"
