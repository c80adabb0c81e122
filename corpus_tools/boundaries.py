"""`python -m corpus_tools.boundaries`: how far the aligner's boundaries are from known ones.

Teacher speech, whose phone times are known by construction, goes through the whole pipeline as
anybody's corpus would: sound files, texts and phones, without times. `--recogniser train` lets the
pipeline train its aligner on that very corpus, from evenly spread phones on.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lhotse.cut import Cut

from corpus_tools.build import build_corpora
from corpus_tools.gates import GateSettings
from corpus_tools.hearing import TRAIN
from corpus_tools.quality.predictors import NONE
from corpus_tools.settings import AlignSettings, BuildSettings, SplitSettings
from diamoe.corpus import open_corpus
from diamoe.errors import DiamoeError
from diamoe.recogniser.labels import is_sounding
from diamoe.text.phones import parse_phone

NAME = "spoken"
"""The corpus that the teacher's speech becomes."""
FAR = 0.05
"""A boundary farther off is a bad one, seconds."""


@dataclass(frozen=True)
class Boundaries:
    """Distances of phone starts from the truth."""

    utterances: int
    errors: np.ndarray
    """Seconds, (phones,)."""

    def __str__(self) -> str:
        within = float(np.mean(self.errors <= FAR))
        return (
            f"{self.utterances} utterances, {len(self.errors)} phone starts: mean error "
            f"{1000 * self.errors.mean():.1f} ms, {within:.1%} within {1000 * FAR:.0f} ms"
        )


def strip_times(folders: Sequence[Path], source: Path, limit: int = 0) -> dict[str, Cut]:
    """Write prepared corpora as a publisher would who knows no times: FLAC, text and phones.

    Args:
        source: folder that gets the corpus `NAME` and the table `table.yaml` that describes it.
        limit: so many utterances of each folder; 0 for all.

    Returns:
        the cuts by id.
    """
    root = source / NAME
    root.mkdir(parents=True)
    cuts: dict[str, Cut] = {}
    lines: dict[str, list[str]] = {}
    for folder in folders:
        for number, cut in enumerate(open_corpus(folder)):
            if limit and number >= limit:
                break
            said = cut.supervisions[0]
            cut.save_audio(str(root / f"{cut.id}.flac"))
            row = f"{cut.id}\t{said.text}\t{said.custom['phones']}"
            lines.setdefault(said.language, []).append(row)
            cuts[cut.id] = cut
    for dialect, rows in lines.items():
        (root / f"{dialect}.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    labels = ", ".join(f"{dialect}: {dialect}" for dialect in lines)
    (source / "table.yaml").write_text(
        f"{NAME}:\n  layout: seed\n  dialect: ''\n  dialects: {{{labels}}}\n"
        "  licence: CC0-1.0\n  attribution: none needed\n",
        encoding="utf-8",
    )
    return cuts


def measure_boundaries(
    folders: Sequence[Path], work: Path, align: AlignSettings, limit: int = 0, workers: int = 0
) -> Boundaries:
    """Build the corpora without their times, and compare what the aligner finds with them.

    Args:
        work: an empty folder.
        limit: so many utterances of each folder; 0 for all.
        workers: processes; 0 for all cores.
    """
    true = strip_times(folders, work / "source", limit)
    build_corpora(
        BuildSettings(
            corpus=[NAME],
            source=str(work / "source"),
            out=str(work / "out"),
            table=str(work / "source" / "table.yaml"),
            align=align,
            workers=workers,
            gates=GateSettings(dnsmos=NONE, nisqa=NONE),
            split=SplitSettings(texts=0.0),
            parquet=False,
        )
    )
    errors: list[float] = []
    count = 0
    for found in open_corpus(work / "out" / NAME):
        errors += _distances(found, true[found.id.removeprefix(f"{NAME}-")])
        count += 1
    return Boundaries(count, np.array(errors))


def _distances(found: Cut, true: Cut) -> Iterator[float]:
    """How far the starts of sounding phones are apart, the cut that was trimmed put in its place.

    The pipeline's cut begins later than the teacher's: where, their sound tells.
    """
    from scipy.signal import correlate

    whole, part = true.load_audio()[0], found.load_audio()[0]
    later = (int(correlate(whole, part, "full").argmax()) - (len(part) - 1)) / found.sampling_rate
    sounding = [_starts(cut) for cut in (found, true)]
    for mine, known in zip(*sounding, strict=True):
        yield abs(mine + later - known)


def _starts(cut: Cut) -> list[float]:
    times = cut.supervisions[0].alignment["phone"]
    return [item.start for item in times if is_sounding(parse_phone(item.symbol))]


def speak_corpus(work: Path, dialect: str, minutes: float) -> Path:
    """Let the teacher speak so much; returns the prepared corpus."""
    from corpus_tools.teacher.build import TeacherSettings, build_teacher

    settings = TeacherSettings(str(work), minutes / 60, [dialect], "train")
    build_teacher(settings)
    return work / f"teacher_{dialect}_train"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line; 0 if all went well, 2 if a folder or setting cannot be used."""
    usual = AlignSettings()
    parser = argparse.ArgumentParser(prog="python -m corpus_tools.boundaries", description=__doc__)
    parser.add_argument("corpora", nargs="*", type=Path, help="prepared corpora with known times")
    parser.add_argument("--dialect", default="putonghua", help="what is spoken if none is named")
    parser.add_argument("--minutes", type=float, default=10.0, help="how much of it")
    parser.add_argument("--limit", type=int, default=0, help="utterances of each; 0 for all")
    parser.add_argument("--workers", type=int, default=0, help="processes; 0 for all cores")
    parser.add_argument("--recogniser", default=TRAIN, help="as align.recogniser")
    parser.add_argument("--steps", type=int, default=usual.steps, help="as align.steps")
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="as align.rounds")
    given = parser.parse_args(arguments)
    align = AlignSettings(recogniser=given.recogniser, steps=given.steps, rounds=given.rounds)
    try:
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            corpora = given.corpora or [speak_corpus(work, given.dialect, given.minutes)]
            print(measure_boundaries(corpora, work / "build", align, given.limit, given.workers))
    except DiamoeError as error:
        print(f"boundaries: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
