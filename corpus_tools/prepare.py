"""The prepare stage: recordings under a source folder become corpora in Shar form."""

import hashlib
import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
    utterances = read_corpus(corpus, Path(settings.source))
    utterances = utterances[: settings.limit or None]
    labelled, rejected = label_all(corpus, utterances)
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


def _build(
    corpus: KnownCorpus,
    settings: PrepareSettings,
    labelled: Sequence[Labelled],
    rejected: list[Rejection],
    mark: str,
    work: Path,
) -> None:
    tasks = [
        Task(
            index=i,
            path=item.utterance.audio_path,
            target=work / "clean" / f"{i}.npz",
            syllables=syllable_count(item.phones),
        )
        for i, item in enumerate(labelled)
    ]
    members: list[Member] = []
    refused: list[Rejection] = []
    seconds_in = 0.0
    progress = tqdm(total=len(tasks), desc=f"{corpus.name}: sound", unit="file")
    for outcome in clean_all(tasks, settings.clean, settings.workers):
        item = labelled[outcome.index]
        seconds_in += outcome.seconds_read
        progress.update()
        if outcome.rejection is not None:
            kind, detail = outcome.rejection
            refused.append(Rejection(item.utterance.id, kind, detail))
            continue
        members.append(
            Member(
                item.utterance,
                item.phones,
                tasks[outcome.index].target,
                outcome.duration,
                outcome.start,
                outcome.end,
            )
        )
    progress.close()
    _write(corpus, settings, members, [*rejected, *refused], mark, work, seconds_in)


def _write(
    corpus: KnownCorpus,
    settings: PrepareSettings,
    members: Sequence[Member],
    rejected: Sequence[Rejection],
    mark: str,
    work: Path,
    seconds_in: float,
) -> None:
    from corpus_tools.shards import make_cut, write_shards

    rng = np.random.default_rng([settings.seed, zlib.crc32(corpus.name.encode())])
    held = [m for m in members if is_heldout(m.utterance.transcript, settings.heldout)]
    kept = [m for m in members if not is_heldout(m.utterance.transcript, settings.heldout)]
    plans = list(plan_joins(kept, settings.join, rng) if corpus.join else plan_singles(kept))
    parts: dict[str, list[Plan]] = {"main": plans, "heldout": list(plan_singles(held))}
    for part, planned in parts.items():
        suffix = "" if part == "main" else "_heldout"
        bar = tqdm(planned, desc=f"{corpus.name}{suffix}: writing", unit="cut")
        cuts = (
            make_cut(
                _cut_name(corpus.name, i, plan),
                make_utterance(plan, settings.join, rng),
                plan.members[0].utterance.speaker,
            )
            for i, plan in enumerate(bar)
        )
        written = write_shards(cuts, work / part, settings.shard_size)
        card = {
            "name": corpus.name + suffix,
            "source": corpus.name,
            "licence": corpus.licence,
            "attribution": corpus.attribution,
            "dialect": corpus.dialect,
            "speakers": sorted({m.utterance.speaker for m in (kept if not suffix else held)}),
            "hours": round(written.seconds / 3600, 4),
            "utterances": written.utterances,
            "recordings": len(kept if not suffix else held),
            "recordings_read": len(members) + len(rejected),
            "hours_read": round(seconds_in / 3600, 4),
            "fingerprint": mark,
        }
        write_card(work / part, card, rejected if not suffix else [])


def _cut_name(corpus: str, index: int, plan: Plan) -> str:
    if len(plan.members) == 1:
        return f"{corpus}-{index:06d}-{plan.members[0].utterance.id}"
    return f"{corpus}-{index:06d}-joined{len(plan.members)}"
