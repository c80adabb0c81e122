"""The teacher stage: corpora of the pronunciation teacher, one folder per dialect and split."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tqdm import tqdm

from corpus_tools.teacher.errors import TeacherError
from corpus_tools.teacher.plan import SPLITS, Plan, make_plan
from corpus_tools.teacher.shard import ShardTask, write_shard
from corpus_tools.teacher.texts import is_sayable
from corpus_tools.teacher.voice import VOICES, get_voice
from diamoe.errors import ConfigError
from diamoe.text.dialect import available_dialects

LICENCE = "CC0-1.0"
SOURCE = "espeak-ng formant synthesis with tone contours of the dialect files"
ATTRIBUTION = "none needed; made with espeak-ng (the program is GPL-3, its output is free)"


@dataclass(frozen=True)
class TeacherSettings:
    """Settings of `python -m corpus_tools teacher`."""

    out: str = "corpora"
    """Folder that the corpora are written to."""
    hours: float = 4.0
    """Hours of training speech over all dialects together."""
    dialects: list[str] = field(
        default_factory=lambda: [
            "putonghua",
            "chengdu",
            "zhengzhou",
            "shijiazhuang",
            "xian",
            "cantonese",
        ]
    )
    """Codes of the dialects."""
    split: str = "all"
    """train, test or all."""
    voices: list[str] = field(default_factory=lambda: list(VOICES))
    """Names of the voices; the first speaks most and all of the test split."""
    workers: int = 2
    """Processes."""
    seed: int = 1
    """Seed of texts and of the accidents of speech."""
    shard_size: int = 200
    """Most utterances in a shard."""


def build_teacher(settings: TeacherSettings) -> None:
    """Write `teacher_DIALECT_SPLIT` folders; whole shards of a broken run are kept.

    Raises:
        ConfigError: a setting cannot work.
        TeacherError: a folder was made with other settings, or a line cannot be spoken.
    """
    _check(settings)
    splits = SPLITS if settings.split == "all" else (settings.split,)
    jobs = [(d, s) for s in splits for d in settings.dialects]
    plans: dict[Path, tuple[Plan, dict[str, Any]]] = {}
    for dialect, split in tqdm(jobs, desc="texts", unit="corpus"):
        folder = Path(settings.out) / f"teacher_{dialect}_{split}"
        made = _identity(settings, dialect, split)
        if _is_finished(folder, made):
            continue
        hours = settings.hours / len(settings.dialects)
        plan = make_plan(dialect, split, settings.voices, hours, settings.seed, settings.shard_size)
        plans[folder] = (plan, made)
    tasks = [
        ShardTask(folder, number, lines)
        for folder, (plan, _) in plans.items()
        for number, lines in enumerate(plan.shards)
    ]
    order = {name: i for i, name in enumerate(settings.voices)}
    tasks.sort(key=lambda t: order[t.lines[0].voice])  # syllables are shared within a voice
    with tqdm(total=sum(len(t.lines) for t in tasks), desc="teacher", unit="utt") as bar:
        for count in _run(tasks, settings.workers):
            bar.update(count)
    for folder, (plan, made) in plans.items():
        _finish(folder, plan, made)


def _check(settings: TeacherSettings) -> None:
    for code in settings.dialects:
        if not is_sayable(code):
            allowed = ", ".join(filter(is_sayable, available_dialects()))
            raise ConfigError(f"dialects: the teacher has no texts in {code}, but in {allowed}")
    for name in settings.voices:
        get_voice(name)
    if settings.split not in (*SPLITS, "all"):
        raise ConfigError(f"split: {settings.split!r}; allowed: {', '.join(SPLITS)}, all")
    for key in ("hours", "workers", "shard_size"):
        if getattr(settings, key) <= 0:
            raise ConfigError(f"{key}: {getattr(settings, key)}; must be above 0")
    if not settings.dialects or not settings.voices:
        raise ConfigError("dialects and voices: at least one of each is needed")


def _identity(settings: TeacherSettings, dialect: str, split: str) -> dict[str, Any]:
    """What a folder's content depends on."""
    kept = {k: v for k, v in asdict(settings).items() if k not in ("out", "workers", "dialects")}
    kept["hours"] = round(settings.hours / len(settings.dialects), 6) if split == "train" else 0
    return kept | {"dialect": dialect, "split": split}


def _is_finished(folder: Path, made: dict[str, Any]) -> bool:
    """True for a whole folder of these settings; starts the folder of a new one."""
    marker = folder / "settings.json"
    if marker.is_file() and json.loads(marker.read_text("utf-8")) != made:
        raise TeacherError(f"{folder} was made with other settings (see {marker.name}): move it")
    if not marker.is_file() and folder.is_dir() and any(folder.iterdir()):
        raise TeacherError(f"{folder} holds something that is not a teacher corpus: move it")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return (folder / "card.json").is_file()


def _run(tasks: list[ShardTask], workers: int) -> Iterator[int]:
    """Write all shards; yields the number of utterances of each as it is done."""
    if workers == 1 or len(tasks) <= 1:
        yield from map(write_shard, tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(write_shard, task) for task in tasks]
        for future in as_completed(futures):
            yield future.result()


def _finish(folder: Path, plan: Plan, made: dict[str, Any]) -> None:
    """Write the card and the list of texts that were left out."""
    from lhotse import CutSet

    from diamoe.corpus import cut_speaker

    paths = sorted(str(p) for p in folder.glob("cuts.*.jsonl.gz"))
    cuts = [cut for path in paths for cut in CutSet.from_jsonl_lazy(path)]
    rejected = [f"{r.text}\t{r.reason}" for r in plan.rejected]
    (folder / "rejected.tsv").write_text("\n".join(["id\treason", *rejected]) + "\n", "utf-8")
    card = {
        "name": folder.name,
        "source": SOURCE,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "hours": round(sum(c.duration for c in cuts) / 3600, 4),
        "utterances": len(cuts),
        "made": made,
        "speakers": sorted({cut_speaker(c) for c in cuts}),
    }
    text = json.dumps(card, ensure_ascii=False, indent=2)
    (folder / "card.json").write_text(text + "\n", encoding="utf-8")
