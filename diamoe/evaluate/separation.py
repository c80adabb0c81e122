"""Does the offline likeness of voices tell speakers apart? Equal error rate on recordings.

`python -m diamoe.evaluate.separation CORPUS ...` compares recordings of prepared corpora in pairs
and says at which rate it errs when as many pairs of one speaker are refused as pairs of two are
taken for one.
"""

import argparse
import sys
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from diamoe.bundle import RECOGNISER
from diamoe.corpus import cut_speaker, open_corpus
from diamoe.errors import CorpusError, DiamoeError
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.similarity import VoicePrint, likeness, print_of
from diamoe.evaluation.tone import measure_f0


def equal_error_rate(same: Sequence[float], other: Sequence[float]) -> float:
    """Share of wrong decisions at the threshold where both kinds of error are as frequent.

    >>> equal_error_rate([0.9, 0.8, 0.3], [0.1, 0.2, 0.7])
    0.3333333333333333
    """
    thresholds = np.sort(np.concatenate([same, other]))
    refused = np.array([np.mean(np.array(same) < t) for t in thresholds])
    taken = np.array([np.mean(np.array(other) >= t) for t in thresholds])
    best = int(np.abs(refused - taken).argmin())
    return float((refused[best] + taken[best]) / 2)


def read_prints(
    folders: Sequence[str], limit: int, shortest: float
) -> list[tuple[str, VoicePrint]]:
    """Speakers and statistics of so many recordings of each corpus, `shortest` seconds or longer.

    Raises:
        CorpusError: fewer than two speakers.
    """
    ear, found = Ear(RECOGNISER), []
    for folder in folders:
        count = 0
        for cut in open_corpus(folder):
            if cut.duration < shortest or count >= limit:
                continue
            wave = cut.load_audio()[0]
            name = cut_speaker(cut)
            found.append((name, print_of(ear.analyse(wave), measure_f0(wave, cut.sampling_rate))))
            count += 1
    if len({name for name, _ in found}) < 2:
        raise CorpusError(f"{', '.join(folders)}: fewer than two speakers to tell apart")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, compare, print."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluate.separation", description=__doc__)
    parser.add_argument("corpora", nargs="+", help="prepared corpora of several speakers")
    parser.add_argument("--limit", type=int, default=12, help="recordings of each corpus")
    parser.add_argument("--shortest", type=float, default=0.5, help="seconds of a recording")
    options = parser.parse_args(arguments)
    try:
        prints = read_prints(options.corpora, options.limit, options.shortest)
    except DiamoeError as error:
        print(f"separation: {error}", file=sys.stderr)
        return 1
    scores: dict[bool, list[float]] = {True: [], False: []}
    for (name, a), (other, b) in combinations(prints, 2):
        scores[name == other].append(likeness(a, b))
    rate = equal_error_rate(scores[True], scores[False])
    print(
        f"{len({n for n, _ in prints})} speakers, {len(prints)} recordings: equal error rate "
        f"{rate:.3f}; median likeness {np.median(scores[True]):.3f} within a speaker, "
        f"{np.median(scores[False]):.3f} between two"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
