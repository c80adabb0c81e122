"""A build that is cut off at any moment goes on, and what it makes does not depend on how."""

import random
import shutil
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from corpus_tools.audio.segmenting import Segmenting
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.build import build_corpora
from corpus_tools.gates import GateSettings
from corpus_tools.settings import AlignSettings, AugmentSettings, BuildSettings, SplitSettings
from corpus_tools.teacher.speech import speak
from corpus_tools.teacher.voice import VOICES, get_voice
from diamoe.audio.files import write_audio
from diamoe.errors import CorpusError
from diamoe.text.frontend import Frontend
from tests.corpus_tools.building import contents, make_settings


def told(source: Path) -> None:
    """A recording of several sentences, too long for one utterance, in the corpus `side`."""
    frontend, voice = Frontend("putonghua"), get_voice(next(iter(VOICES)))
    sentences = (
        "今天天气很好。",
        "我们一起去吃饭吧。",
        "他昨天买了三本书。",
        "老师在学校里等学生。",
    )
    spoken = [speak(frontend(s), voice, i).samples for i, s in enumerate(sentences)]
    waves = [np.pad(wave, (0, 12_000)) for wave in spoken]
    write_audio(source / "side/part/told.wav", np.concatenate(waves).astype(np.float32), 24_000)
    (source / "side/part/told.txt").write_text("".join(sentences), encoding="utf-8")


def every_stage(source: Path, out: Path) -> BuildSettings:
    """Settings that take part of the corpora through every stage, cutting and copying too."""
    return make_settings(
        source,
        out,
        align=AlignSettings(recogniser="shipped"),
        gates=GateSettings(min_align_score=-99.0, dnsmos="none", nisqa="none"),
        clean=CleanSettings(longest=6.0),
        cut=Segmenting(longest=5.0),
        augment=AugmentSettings(copies=1),
    )


def test_killed_at_twenty_random_moments(source: Path, tmp_path: Path):
    told(source)
    begun = time.monotonic()
    build_corpora(every_stage(source, tmp_path / "whole"))
    length = time.monotonic() - begun
    whole = contents(tmp_path / "whole")
    for stage in ("cut", "audio-cut", "align", "augment-1"):
        assert list((tmp_path / "whole/.parts/side" / stage).iterdir())
    out, rng, killed = tmp_path / "cut", random.Random(1), 0
    context = get_context("forkserver")  # this process may have threads, which do not survive fork
    context.set_forkserver_preload(["corpus_tools.pipeline", "diamoe.recogniser.storage"])
    while killed < 20:
        process = context.Process(target=build_corpora, args=(every_stage(source, out),))
        process.start()
        process.join(rng.uniform(0, 0.7 * length))
        if process.is_alive():
            process.kill()
            killed += 1
        process.join()
        if process.exitcode == 0:
            assert contents(out) == whole
            shutil.rmtree(out)
    build_corpora(every_stage(source, out))
    assert contents(out) == whole
    assert [path.name for path in out.glob(".*")] == [".parts"]
    assert not list((out / ".parts").glob("*/*/.*"))


def test_workers_end_with_their_parent(tmp_path: Path):
    """A killed run leaves no process behind that a second one would meet."""
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from corpus_tools.executor import Local\n"
        "from tests.corpus_tools.jobs import note_and_sleep\n"
        f"list(Local(2).run(note_and_sleep, [Path({str(tmp_path)!r})] * 2))"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 2
    process.kill()
    process.wait()
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, workers))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_result_does_not_depend_on_workers_or_the_time(source: Path, tmp_path: Path):
    build_corpora(make_settings(source, tmp_path / "one"))
    time.sleep(1.1)
    build_corpora(make_settings(source, tmp_path / "two", workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_parts_that_are_there_are_not_made_again(source: Path, tmp_path: Path):
    out = tmp_path / "out"
    build_corpora(make_settings(source, out, corpus=["words"]))
    times = {p: p.stat().st_mtime_ns for p in (out / ".parts/words").glob("audio/*")}
    assert len(times) == 7
    build_corpora(make_settings(source, out, corpus=["words"], split=SplitSettings(texts=0.1)))
    assert {p: p.stat().st_mtime_ns for p in (out / ".parts/words").glob("audio/*")} == times


def test_parts_are_removed_where_they_are_not_wanted(source: Path, tmp_path: Path):
    build_corpora(make_settings(source, tmp_path, corpus=["meta"], keep=False))
    assert not list((tmp_path / ".parts/meta").glob("*/*"))


def test_two_runs_do_not_meet(source: Path, tmp_path: Path):
    import fcntl

    lock = tmp_path / ".parts/meta/lock"
    lock.parent.mkdir(parents=True)
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(CorpusError, match="another run is building this corpus"):
            build_corpora(make_settings(source, tmp_path, corpus=["meta"]))
