"""The build command: recordings under a source folder become corpora in Shar and Parquet form."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tqdm import tqdm

from corpus_tools.executor import make_executor
from corpus_tools.pipeline import WORK, Pipeline
from corpus_tools.recipes.known import KnownCorpus, known_corpora
from corpus_tools.settings import BuildSettings
from diamoe.errors import ConfigError, CorpusError


def build_corpora(settings: BuildSettings) -> None:
    """Build every corpus named in the settings; what is there is not made again.

    A corpus that cannot be built does not keep the others from it.

    Raises:
        ConfigError: an unknown corpus name or an impossible value.
        CorpusError: some corpora are not laid out as their recipes expect: all of them, by name.
    """
    check_settings(settings)
    corpora = find_corpora(settings)
    executor = make_executor(settings.executor, settings.workers, settings.address)
    faults: list[str] = []
    with closing(executor):
        for corpus in corpora:
            try:
                with _locked(Path(settings.out) / WORK / corpus.name):
                    Pipeline(corpus, settings, executor).run()
            except CorpusError as error:
                faults.append(str(error))
                tqdm.write(f"{corpus.name}: not built: {error}", sys.stderr)
    if faults:
        raise CorpusError(f"{len(faults)} of {len(corpora)} corpora not built: {'; '.join(faults)}")


def find_corpora(settings: BuildSettings) -> list[KnownCorpus]:
    """The entries of the corpora that the settings name, or of all that lie under the source.

    Raises:
        ConfigError: an unknown name.
        CorpusError: no such folder, or nothing known in it.
    """
    table = known_corpora(Path(settings.table) if settings.table else None)
    source = Path(settings.source)
    if not source.is_dir():
        raise CorpusError(f"source={settings.source}: no such folder")
    unknown = [name for name in settings.corpus if name not in table]
    if unknown:
        raise ConfigError(f"unknown corpora {', '.join(unknown)}; known: {', '.join(table)}")
    names = settings.corpus or [n for n, c in table.items() if _lies_below(source, c)]
    if not names:
        raise CorpusError(f"source={settings.source}: none of the known corpora lies there")
    return [table[name] for name in names]


def _lies_below(source: Path, corpus: KnownCorpus) -> bool:
    """True also for one whose folder is in doubt, so that its fault is named."""
    try:
        return corpus.root(source).is_dir()
    except CorpusError:
        return True


def check_settings(settings: BuildSettings) -> None:
    """Refuse values that cannot work.

    Raises:
        ConfigError: naming the key, the value and what is allowed.
    """
    checks = {
        "workers": (settings.workers >= 0, "0 (all cores) or more"),
        "part": (settings.part >= 1, "at least 1"),
        "shard_size": (settings.shard_size >= 1, "at least 1"),
        "limit": (settings.limit >= 0, "0 (all) or more"),
        "split.texts": (0 <= settings.split.texts < 1, "from 0 to below 1"),
        "split.speakers": (0 <= settings.split.speakers < 1, "from 0 to below 1"),
        "join.passes": (settings.join.passes >= 1, "at least 1"),
        "join.single": (0 <= settings.join.single <= 1, "from 0 to 1"),
        "align.batch": (settings.align.batch >= 1, "at least 1"),
        "align.steps": (settings.align.steps >= 1, "at least 1"),
        "align.shards": (settings.align.shards >= 1, "at least 1"),
        "gates.dnsmos_share": (0 <= settings.gates.dnsmos_share <= 1, "from 0 to 1"),
        "gates.nisqa_share": (0 <= settings.gates.nisqa_share <= 1, "from 0 to 1"),
        "cut.longest": (0 < settings.cut.longest <= settings.clean.longest, "up to clean.longest"),
        "cut.shortest_pause": (settings.cut.shortest_pause > 0, "above 0"),
        "cut.margin": (0 <= 2 * settings.cut.margin < settings.cut.longest, "0 or more, a little"),
        "augment.copies": (settings.augment.copies >= 0, "0 (none) or more"),
        "augment.copies with augment.speed and augment.semitones": (
            not settings.augment.copies or settings.augment.speed + settings.augment.semitones > 0,
            "one of the two above 0, lest the copies be the originals",
        ),
        "augment.speed": (0 <= settings.augment.speed <= 0.5, "from 0 to 0.5"),
        "augment.semitones": (0 <= settings.augment.semitones <= 6, "from 0 to 6"),
    }
    for key in ("seconds", "pause", "close"):
        low, high = getattr(settings.join, key)
        checks[f"join.{key}"] = (0 < low <= high, "two rising numbers above 0")
    for key, (fine, allowed) in checks.items():
        if not fine:
            raise ConfigError(f"{key}: cannot work with this value; allowed: {allowed}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep a second run away from a corpus that is being built.

    Raises:
        CorpusError: another run is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CorpusError(f"{folder}: another run is building this corpus") from error
        yield
