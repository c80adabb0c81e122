"""`python -m diamoe.evaluation.soak`: many sentences in one process, with the memory as it goes.

The sentences of the built-in test sets are spoken one after the other, half of them streamed.
The process fails if it holds more memory at the end than it did once every path had been gone.
They are read before that, since the pages of the dictionary are loaded as characters come up.
"""

import argparse
import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from diamoe.bundle import SHIPPED
from diamoe.errors import ConfigError, DiamoeError, UnknownPhone
from diamoe.evaluation.items import read_items
from diamoe.evaluation.testset import SETS
from diamoe.memory import bound_memory
from diamoe.synthesis.synthesizer import Request, SynthesisOptions, Synthesizer


def held_memory() -> float:
    """MB that this process holds now, or the most it has held where the system does not say."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def sentences() -> Iterator[tuple[str, str]]:
    """Dialect and text, of all dialects in turn, without end."""
    tables = [
        read_items(file, file.name.split("@")[0])
        for file in sorted(SETS.glob("*@1.tsv"))
        if not file.name.startswith("hard")
    ]
    together = zip(*(cycle(table) for table in tables), strict=True)
    return ((item.dialect, item.text) for row in together for item in row)


def soak(synthesizer: Synthesizer, count: int, every: int, options: SynthesisOptions) -> float:
    """Speak `count` sentences, print memory after `every` so many; MB held at the end more than
    after the first fifth. Dialects with a phone that the model lacks are named and left out."""
    for dialect, text in islice(sentences(), count):
        list(Request(text, dialect).pieces())
    early, began, spoken = 0.0, time.perf_counter(), 0.0
    unknown: set[str] = set()
    for number, (dialect, text) in enumerate(islice(sentences(), count), start=1):
        try:
            spoken += 0.0 if dialect in unknown else speak(synthesizer, dialect, text, options)
        except UnknownPhone as error:
            unknown.add(dialect)
            print(f"{dialect} is left out: {error}", flush=True)
        if number == max(1, count // 5):
            early = held_memory()
        if number % every == 0 or number == count:
            took = time.perf_counter() - began
            print(
                f"{number} sentences, {spoken:.0f} s of speech in {took:.0f} s: "
                f"{held_memory():.0f} MB",
                flush=True,
            )
    return held_memory() - early


def speak(synthesizer: Synthesizer, dialect: str, text: str, options: SynthesisOptions) -> float:
    """Seconds of a sentence, which is streamed where its length is even."""
    if len(text) % 2:
        return synthesizer(text, dialect, options=options).seconds
    chunks = synthesizer.stream(text, dialect, options=options)
    return sum(len(chunk.wave) / chunk.sample_rate for chunk in chunks)


def main() -> int:
    """Parse the command line and soak."""
    parser = argparse.ArgumentParser(prog="diamoe.evaluation.soak", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=SHIPPED, help="bundle folder")
    parser.add_argument("--sentences", type=int, default=2000, help="how many are spoken")
    parser.add_argument("--every", type=int, default=100, help="sentences between two lines")
    parser.add_argument("--steps", type=int, help="solver steps (default: the bundle's own)")
    parser.add_argument("--most", type=float, default=50.0, help="MB that may be held more")
    given = parser.parse_args()
    try:
        if given.sentences < 1 or given.every < 1:
            raise ConfigError("--sentences and --every must be 1 or more")
        bound_memory()
        synthesizer = Synthesizer.from_bundle(given.bundle)
        options = SynthesisOptions(steps=given.steps)
        grown = soak(synthesizer, given.sentences, given.every, options)
    except DiamoeError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    print(f"{grown:+.0f} MB since the first fifth (at most {given.most:.0f})")
    return int(grown > given.most)


if __name__ == "__main__":
    sys.exit(main())
