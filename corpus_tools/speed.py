"""`python -m corpus_tools.speed`: hours of audio that one core takes through each stage in an hour.

`--rows N` instead: the memory that N synthetic rows cost, which must not grow with N.
"""

import argparse
import resource
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus_tools.executor import InProcess
from corpus_tools.pipeline import Pipeline
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.layouts import LAYOUTS
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejection
from corpus_tools.settings import BuildSettings

DIALECT = "putonghua"
TEXTS = ("今天天气很好。", "我们一起去吃饭吧。", "他昨天买了三本书。", "你明天早上有空吗？")


def speak_corpus(folder: Path, minutes: float) -> None:
    """Fill a folder with teacher speech as FLAC with its texts beside."""
    import soundfile

    from corpus_tools.teacher.speech import speak
    from corpus_tools.teacher.voice import VOICES, get_voice
    from diamoe.text.frontend import Frontend

    folder.mkdir(parents=True)
    frontend, voice = Frontend(DIALECT), get_voice(next(iter(VOICES)))
    seconds, number = 0.0, 0
    while seconds < 60 * minutes:
        text = TEXTS[number % len(TEXTS)]
        speech = speak(frontend(text), voice, number)
        soundfile.write(folder / f"{number:05d}.flac", speech.samples, speech.sample_rate)
        (folder / f"{number:05d}.txt").write_text(text, encoding="utf-8")
        seconds, number = seconds + speech.duration, number + 1


def measure_speed(minutes: float) -> dict[str, float]:
    """Times real time of every stage on one core, once its tables and models are loaded."""
    with tempfile.TemporaryDirectory() as root:
        speak_corpus(Path(root) / "speech", minutes)
        corpus = KnownCorpus("speech", "sidecar", DIALECT, "CC0-1.0", "nobody", speaker="teacher")
        for out in ("warm", "timed"):  # the first run loads tables and models
            settings = BuildSettings(source=root, out=f"{root}/{out}")
            pipeline = Pipeline(corpus, settings, InProcess())
            pipeline.run()
    return {stage: 60 * minutes / busy for stage, busy in pipeline.busy.items() if busy}


def synthetic(count: int) -> Iterator[Utterance | Rejection]:
    """Rows that name one file, which holds no sound."""
    for number in range(count):
        yield Utterance(f"row{number:09d}", Path(__file__), DIALECT, f"s{number % 50}", "你好。")


def measure_memory(rows: int) -> tuple[float, float]:
    """Peaks of the Python heap and of the process, MiB, for a corpus of so many rows."""
    LAYOUTS["synthetic"] = lambda corpus, folder: synthetic(rows)
    corpus = KnownCorpus("rows", "synthetic", DIALECT, "CC0-1.0", "nobody")
    with tempfile.TemporaryDirectory() as root:
        (Path(root) / "rows").mkdir()
        pipeline = Pipeline(corpus, BuildSettings(source=root, out=f"{root}/out"), InProcess())
        tracemalloc.start()
        pipeline.label(pipeline.read())
        _, peak = tracemalloc.get_traced_memory()
    return peak / 2**20, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="python -m corpus_tools.speed", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="speech to take through")
    parser.add_argument("--rows", type=int, default=0, help="measure memory for so many rows")
    given = parser.parse_args(arguments)
    if given.rows:
        heap, process = measure_memory(given.rows)
        print(f"{given.rows} rows: {heap:.1f} MiB of Python objects, {process:.0f} MiB in all")
        return 0
    print("stage            hours of audio an hour and core")
    for stage, speed in measure_speed(given.minutes).items():
        print(f"{stage:<16} {speed:8.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
