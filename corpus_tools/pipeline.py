"""One corpus through all stages. A stage's work on a part is named by what it depends on, so a run
that was cut off, or one with other settings, does only what is not there yet."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from corpus_tools.align import AlignmentTask, align_part
from corpus_tools.augmenting import Copy
from corpus_tools.card import read_card
from corpus_tools.contents import Contents
from corpus_tools.cutting import CutTask, cut_part, too_long
from corpus_tools.duplicates import find_duplicates
from corpus_tools.executor import Executor
from corpus_tools.finishing import Finished, finish_corpus
from corpus_tools.hearing import (
    AUTO,
    NONE,
    SHIPPED,
    TRAIN,
    recogniser_weights,
    train_recogniser,
)
from corpus_tools.judging import judge_part, measure_part, survey
from corpus_tools.made import MadePart, plan_shards
from corpus_tools.naturalness import Predicting, predict_part
from corpus_tools.parts import FORMAT, Job, Part, Store, digest, file_digest, perform
from corpus_tools.quality.predictors import find_weights
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.layouts import read_corpus
from corpus_tools.refining import RefineTask, estimate_states, refine_part
from corpus_tools.rows import ROWS, write_rows
from corpus_tools.settings import BuildSettings
from corpus_tools.shards import ShardTask, shard_key, write_shard
from corpus_tools.sounds import clean_part
from corpus_tools.splits import HELDOUT
from corpus_tools.splits import TRAIN as TRAINED
from corpus_tools.transcripts import TextSettings, normalise_part, phonemise_part
from corpus_tools.trial import read_trial, spread, try_part
from corpus_tools.utterances import PlanSettings, plan_part

HEAR = "hear"
"""Shards that a recogniser of the corpus' own is trained on."""
WORK = ".parts"
"""Folder below `out` that holds what the stages made."""

Inputs = tuple[Path, ...]
Work = Callable[[Job, Path], None]


class Pipeline:
    """The stages of one corpus, from its tables to finished folders."""

    def __init__(self, corpus: KnownCorpus, settings: BuildSettings, executor: Executor):
        self.corpus, self.settings, self.executor = corpus, settings, executor
        self.out = Path(settings.out).resolve()
        self.store = Store(self.out / WORK / corpus.name)
        self.used: set[Path] = set()
        self.busy: dict[str, float] = {}
        """Seconds of work in each stage, over all workers."""
        self.aligner = settings.align.recogniser
        """The recogniser that is used, once it is known."""

    def run(self) -> None:
        """Build the corpus and its held-out part, unless both are there already.

        Raises:
            CorpusError: the corpus is not laid out as its recipe expects, or nothing is left of it.
        """
        self.store.clear_unfinished()
        parts = self.read()
        mark = self.fingerprint(parts)
        folders = self.out / self.corpus.name, self.out / f"{self.corpus.name}_heldout"
        cards = [read_card(folder) for folder in folders]
        if all(card and card["fingerprint"] == mark for card in cards):
            tqdm.write(f"{self.corpus.name}: already built in {folders[0]}", sys.stderr)
            return
        made = self.label(parts)
        made = self.align(made)
        made = self.judge(made)
        shards = {split: self.write(made, split) for split in (TRAINED, HELDOUT)}
        copies = self.augment(made)
        finish_corpus(Finished(self.corpus, made, shards, copies, mark, self.aligner), folders)
        self.store.prune(self.used if self.settings.keep else set())

    def read(self) -> list[Part]:
        """The rows stage: what the tables say, in parts."""
        source = Path(self.settings.source).resolve()
        rows = islice(read_corpus(self.corpus, source), self.settings.limit or None)
        counted = tqdm(rows, f"{self.corpus.name}: rows", unit="row")
        parts = list(write_rows(counted, self.settings.part, self.store))
        self.used |= {self.store.path(ROWS, p.number, p.key) for p in parts}
        return parts

    def fingerprint(self, parts: Sequence[Part]) -> str:
        """A hash of all that the result depends on: settings, table entry, rows, recogniser."""
        values = asdict(self.settings)
        for key in ("source", "out", "corpus", "table", "executor", "address", "workers", "keep"):
            del values[key]
        heard = self.settings.align.recogniser
        known = "" if heard in (TRAIN, NONE) else file_digest(recogniser_weights(heard))
        asked = [name for name, folder in self.weights.items() if folder]
        return digest(FORMAT, values, asdict(self.corpus), known, asked, [p.key for p in parts])

    @property
    def weights(self) -> dict[str, str]:
        """The folders of the predictors' weights, empty where they are not asked."""
        gates, source = self.settings.gates, Path(self.settings.source)
        places = {"dnsmos": gates.dnsmos, "nisqa": gates.nisqa}
        return {name: find_weights(name, place, source) for name, place in places.items()}

    def label(self, parts: Sequence[Part]) -> list[MadePart]:
        """The stages from audio to the plan of utterances."""
        settings, corpus = self.settings, self.corpus
        text = TextSettings(corpus.gap_mark, corpus.refuse)
        rows = [(self.store.path(ROWS, p.number, p.key),) for p in parts]
        audio = self.stage("audio", clean_part, rows, settings.clean)
        rows, audio = self.cut(rows, audio, text)
        duplicates = list(find_duplicates(audio, self.store))
        self.used |= set(duplicates)
        texts = self.stage("text", normalise_part, rows, text)
        both = [(*row, path) for row, path in zip(rows, texts, strict=True)]
        phones = self.stage("phones", phonemise_part, both, text)
        columns = ([row[0] for row in rows], audio, texts, phones, duplicates)
        contents = [Contents(*paths) for paths in zip(*columns, strict=True)]
        task = PlanSettings(
            corpus.name,
            corpus.join,
            settings.join,
            settings.split,
            settings.clean,
            settings.seed,
            settings.gates if corpus.join else None,
        )
        plans = self.stage("join", plan_part, [c.paths for c in contents], task)
        return [MadePart(c, plan) for c, plan in zip(contents, plans, strict=True)]

    def cut(
        self, rows: Sequence[tuple[Path]], audio: Sequence[Path], text: TextSettings
    ) -> tuple[list[tuple[Path]], list[Path]]:
        """The cut stage: in parts that have long recordings, rows and sound of their pieces take
        the place of theirs. It needs a recogniser that is there beforehand."""
        heard, clean = self.settings.align.recogniser, self.settings.clean
        numbers = [n for n, folder in enumerate(audio) if too_long(folder)]
        if heard in (TRAIN, NONE) or not numbers or clean.longest_whole <= clean.longest:
            return list(rows), list(audio)
        weights = recogniser_weights(heard)
        task = CutTask(self.settings.cut, clean.longest_whole, text, str(weights.parent))
        known = replace(task, recogniser=file_digest(weights))
        cut = self.stage("cut", cut_part, [(*rows[n], audio[n]) for n in numbers], task, known)
        again = self.stage("audio-cut", clean_part, [(path,) for path in cut], clean)
        new_rows = dict(zip(numbers, cut, strict=True))
        new_audio = dict(zip(numbers, again, strict=True))
        return (
            [(new_rows[n],) if n in new_rows else row for n, row in enumerate(rows)],
            [new_audio.get(n, folder) for n, folder in enumerate(audio)],
        )

    def align(self, made: Sequence[MadePart]) -> list[MadePart]:
        """The align stage, by the recogniser that the settings name."""
        align = self.settings.align
        if align.recogniser == NONE:
            return list(made)
        if align.recogniser == AUTO:
            self.aligner, why = self.choose_aligner(made)
            tqdm.write(f"{self.corpus.name}: aligned by {self.aligner}: {why}", sys.stderr)
        aligned = self.hear("align", align_part, made, self.recogniser(made))
        if align.rounds:
            aligned = self.refine(made, aligned)
        return [replace(p, aligned=path) for p, path in zip(made, aligned, strict=True)]

    def choose_aligner(self, made: Sequence[MadePart]) -> tuple[str, str]:
        """The trial stage: `SHIPPED` where that knows the speech, else `TRAIN`; and why."""
        tried = self.hear("trial", try_part, spread(made), recogniser_weights(SHIPPED).parent)
        trial = read_trial(tried, (part.contents.audio for part in made))
        least = self.settings.gates.min_align_score
        return trial.verdict(least, self.settings.align.least_minutes / 60)

    def refine(self, made: Sequence[MadePart], aligned: Sequence[Path]) -> list[Path]:
        """The refine stage: states of the phones first, then the times by them."""
        task = RefineTask(self.settings.join, self.settings.seed, self.settings.align.rounds)
        parts = [
            (*part.contents.paths, part.plans, path)
            for part, path in zip(made, aligned, strict=True)
        ]
        some = tuple(chain.from_iterable(spread(parts)))
        (states,) = self.stage("states", estimate_states, [some], task)
        return self.stage("refine", refine_part, [(*part, states) for part in parts], task)

    def hear(self, name: str, work: Work, made: Sequence[MadePart], recogniser: Path) -> list[Path]:
        """A stage in which a recogniser hears the utterances."""
        settings = self.settings
        task = AlignmentTask(str(recogniser), settings.align.batch, settings.join, settings.seed)
        known = file_digest(recogniser_weights(str(recogniser)))
        inputs = [(*part.contents.paths, part.plans) for part in made]
        return self.stage(name, work, inputs, task, replace(task, recogniser=known))

    def recogniser(self, made: Sequence[MadePart]) -> Path:
        """The folder of the recogniser; one of the corpus' own is trained first."""
        align = self.settings.align
        if self.aligner != TRAIN:
            return recogniser_weights(self.aligner).parent
        heard = self.write(made, TRAINED, HEAR, align.shards)
        trained = train_recogniser(heard, align, self.store.folder, self.settings.workers)
        self.used |= {trained, trained.with_name(f"{trained.name}-corpus")}
        return trained

    def judge(self, made: Sequence[MadePart]) -> list[MadePart]:
        """The measure, naturalness and gates stages."""
        inputs: list[Inputs] = [
            (*p.contents.paths, p.plans, *([p.aligned] if p.aligned else [])) for p in made
        ]
        measured = self.stage("measure", measure_part, inputs, self.settings.join)
        verdicts = survey(measured, self.settings.gates)
        for warning in verdicts.warnings():
            tqdm.write(f"{self.corpus.name}: {warning}", sys.stderr)
        asked = self.predict(made)
        found = zip(measured, *([asked] if asked else []), strict=True)
        judged = self.stage("gates", judge_part, list(found), verdicts)
        return [replace(p, verdicts=path) for p, path in zip(made, judged, strict=True)]

    def predict(self, made: Sequence[MadePart]) -> list[Path]:
        """The naturalness stage; nothing where there are no weights to ask."""
        gates, settings, weights = self.settings.gates, self.settings, self.weights
        if not any(weights.values()):
            return []
        shares = gates.dnsmos_share, gates.nisqa_share
        task = Predicting(**weights, shares=shares, join=settings.join, seed=settings.seed)
        dnsmos, nisqa = ("asked" if folder else "" for folder in weights.values())
        known = replace(task, dnsmos=dnsmos, nisqa=nisqa)
        inputs = [(*part.contents.paths, part.plans) for part in made]
        return self.stage("naturalness", predict_part, inputs, task, known)

    def augment(self, made: Sequence[MadePart]) -> list[Path]:
        """The augment stage: shards of perturbed copies of what is trained on."""
        augment = self.settings.augment
        copies = (
            Copy(number, augment.speed, augment.semitones)
            for number in range(1, augment.copies + 1)
        )
        return [
            shard
            for copy in copies
            for shard in self.write(made, TRAINED, f"augment-{copy.number}", copy=copy)
        ]

    def write(
        self,
        made: Sequence[MadePart],
        split: str,
        name: str = "",
        most: int | None = None,
        copy: Copy | None = None,
    ) -> list[Path]:
        """The output stage: shards of a split or of copies of it, at most so many."""
        settings, corpus = self.settings, self.corpus
        tasks = [
            ShardTask(
                slices,
                corpus.licence,
                corpus.attribution,
                settings.join,
                settings.seed,
                settings.parquet and name != HEAR,
                copy,
            )
            for slices in islice(plan_shards(made, split, settings.shard_size), most)
        ]
        keys = [shard_key(task) for task in tasks]
        return self.run_jobs(
            name or f"output-{split}",
            [(write_shard, (), task, key) for task, key in zip(tasks, keys, strict=True)],
        )

    def stage(
        self, name: str, work: Work, inputs: Sequence[Inputs], settings: Any, keyed: Any = None
    ) -> list[Path]:
        """One stage's work on every part.

        Args:
            inputs: for every part the files that its work reads.
            keyed: what the fingerprint says of the settings, where that is not all of them.
        """
        values = asdict(keyed or settings)
        keys = [digest(name, FORMAT, values, [p.name for p in paths]) for paths in inputs]
        return self.run_jobs(
            name, [(work, paths, settings, key) for paths, key in zip(inputs, keys, strict=True)]
        )

    def run_jobs(self, name: str, described: Sequence[tuple[Work, Inputs, Any, str]]) -> list[Path]:
        """Do what is not done yet of a stage; returns what it makes, in order."""
        jobs = [
            Job(work, inputs, self.store.path(name, number, key), settings)
            for number, (work, inputs, settings, key) in enumerate(described)
        ]
        waiting = [job for job in jobs if not job.target.exists()]
        with tqdm(
            total=len(jobs),
            initial=len(jobs) - len(waiting),
            unit="part",
            smoothing=0,
            desc=f"{self.corpus.name}: {name}",
        ) as progress:
            for seconds in self.executor.run(perform, waiting):
                self.busy[name] = self.busy.get(name, 0.0) + seconds
                progress.update()
        targets = [job.target for job in jobs]
        self.used |= set(targets)
        return targets
