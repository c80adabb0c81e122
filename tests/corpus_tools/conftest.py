"""Synthetic recordings: tone bursts amid faint noise."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

RATE = 24_000


def burst(
    speech: float = 0.4,
    head: float = 0.3,
    tail: float = 0.3,
    level: float = 0.3,
    pitch: float = 200.0,
    noise: float = 1e-3,
    seed: int = 0,
) -> np.ndarray:
    """A vowel-like sound between stretches of noise, (samples,)."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(speech * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8)) * level / 2
    parts = (np.zeros(round(head * RATE)), sound, np.zeros(round(tail * RATE)))
    wave = np.concatenate(parts)
    return (wave + noise * rng.standard_normal(len(wave))).astype(np.float32)


@pytest.fixture
def make_burst() -> Callable[..., np.ndarray]:
    """The function `burst`."""
    return burst


@pytest.fixture
def write_wav() -> Callable[..., None]:
    """Writes samples as a 24 kHz WAV file."""

    def write(path: Path, wave: np.ndarray, rate: int = RATE) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, wave, rate)

    return write


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared corpus of the teacher's test sentences."""
    from corpus_tools.teacher.build import TeacherSettings, build_teacher

    out = tmp_path_factory.mktemp("teacher")
    build_teacher(TeacherSettings(str(out), dialects=["putonghua"], split="test", workers=1))
    return out / "teacher_putonghua_test"


WORDS = "一 天气 开门 学生 电话 朋友 中国 喝水 吃饭 看书 高兴 明天 老师 再见 北京 上海".split()


@pytest.fixture
def source(tmp_path: Path, write_wav: Callable[..., None]) -> Path:
    """A source folder with one small corpus of every layout, and their table `table.yaml`."""
    root = tmp_path / "source"
    lines = ["path\tsentence\tclient_id"]
    for i, word in enumerate(WORDS * 2):
        write_wav(root / f"words/audio/w{i}.wav", burst(0.25 * len(word), pitch=180 + i, seed=i))
        lines.append(f"w{i}.wav\t{word}\t{'ann' if i < len(WORDS) else 'ben'}")
    (root / "words/transcripts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["path\tpinyin"]
    for syllable in ("ma1", "ma2", "zuo3", "_hm1", "ba5"):
        write_wav(root / f"syllables/audio/{syllable}.wav", burst())
        lines.append(f"{syllable}.wav\t{syllable}")
    (root / "syllables/transcripts.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for i, text in enumerate(("今天天气很好。", "我们去吃饭。", "他在看书。"), start=1):
        write_wav(root / f"meta/wavs/m{i}.wav", burst(1.2, seed=i))
        write_wav(root / f"side/part/s{i}.wav", burst(1.2, seed=i), rate=RATE)
        (root / f"side/part/s{i}.txt").write_text(f"{text}\n", encoding="utf-8")
    rows = ["m1|你好，世界。", "m2|raw|他来了吗？", "m3|我们(都)去"]
    (root / "meta/metadata.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    entry = "  dialect: putonghua\n  licence: CC0-1.0\n  attribution: nobody\n"
    (root / "table.yaml").write_text(
        f"words:\n  layout: words\n  join: true\n{entry}"
        f"syllables:\n  layout: syllables\n  speaker: cy\n  join: true\n  refuse: 5$\n{entry}"
        f"meta:\n  layout: metadata\n  speaker: dee\n{entry}"
        f"side:\n  layout: sidecar\n{entry}",
        encoding="utf-8",
    )
    return root
