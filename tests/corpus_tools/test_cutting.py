"""Long recordings with their text become utterances."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from corpus_tools.build import build_corpora
from corpus_tools.cutting import find_words
from corpus_tools.long import Heard, sure_places
from corpus_tools.settings import AlignSettings, SplitSettings
from corpus_tools.teacher.speech import speak
from corpus_tools.teacher.voice import VOICES, get_voice
from diamoe.corpus import open_corpus
from diamoe.text.frontend import Frontend
from tests.corpus_tools.building import contents, make_settings
from tests.corpus_tools.test_bad_input import listed

SENTENCES = (
    "今天天气很好。",
    "我们一起去吃饭吧。",
    "他昨天买了三本书。",
    "你明天早上有空吗？",
    "老师在学校里等学生。",
    "北京的冬天非常冷。",
    "我想喝一杯热茶。",
    "这条路走到头就是火车站。",
)


@pytest.fixture(scope="module")
def told() -> tuple[np.ndarray, str, list[tuple[float, float]]]:
    """Some 80 seconds of sentences with pauses between, their text and where each of them is."""
    rng = np.random.default_rng(0)
    frontend, voice = Frontend("putonghua"), get_voice(next(iter(VOICES)))
    waves, text, spans, time = [], "", [], 0.0
    order = [SENTENCES[i] for _ in range(5) for i in rng.permutation(len(SENTENCES))]
    for number, sentence in enumerate(order):
        speech = speak(frontend(sentence), voice, number)
        pause = np.zeros(round(rng.uniform(0.2, 0.7) * 24_000), np.float32)
        waves += [speech.samples.astype(np.float32), pause]
        loud = np.flatnonzero(np.abs(speech.samples) > 0.02 * np.abs(speech.samples).max())
        spans.append((time + loud[0] / 24_000, time + loud[-1] / 24_000))
        time += speech.duration + len(pause) / 24_000
        text += sentence
    wave = np.concatenate(waves)
    return wave + 1e-4 * rng.standard_normal(len(wave)).astype(np.float32), text, spans


@pytest.fixture
def long_source(source: Path, told) -> Path:
    wave, text, _ = told
    folder = source / "side/part"
    soundfile.write(folder / "long.wav", wave, 24_000)
    (folder / "long.txt").write_text(text, encoding="utf-8")
    soundfile.write(folder / "hours.wav", np.zeros(3 * 3600 * 8000, np.int16), 8000)
    (folder / "hours.txt").write_text(text, encoding="utf-8")
    return source


def pieces_of(out: Path) -> list[dict]:
    (path,) = (out / ".parts/side/cut").iterdir()
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [row for row in rows if row.get("id", "").startswith("long-cut")]


def test_long_recordings_are_cut_with_their_text(long_source: Path, tmp_path: Path, told):
    wave, text, spans = told
    assert len(wave) > 60 * 24_000
    settings = make_settings(
        long_source,
        tmp_path / "one",
        corpus=["side"],
        align=AlignSettings(),
        split=SplitSettings(texts=0.0),
    )
    build_corpora(settings)
    pieces = pieces_of(tmp_path / "one")
    assert len(pieces) > 5 and "".join(piece["text"] for piece in pieces) == text
    said = 0
    for piece in pieces:
        first, said = said, said + sum(piece["text"].count(mark) for mark in "。？")
        start, end = piece.get("start", 0.0), piece["end"]
        assert end - start <= 12.0
        assert (spans[first - 1][1] if first else -1) < start < spans[first][0] + 0.01
        assert spans[said - 1][1] - 0.01 < end < (spans[said][0] if said < len(spans) else 1e3)
    out = tmp_path / "one/side"
    cuts = [cut for cut in open_corpus(out) if "long-cut" in cut.id]
    assert {cut.supervisions[0].text for cut in cuts} == {piece["text"] for piece in pieces}
    left = listed(out)
    assert left["hours"]["kind"] == "too long" and "1200 s" in left["hours"]["detail"]
    assert "long" not in left
    build_corpora(replace(settings, out=str(tmp_path / "two")))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_without_a_recogniser_they_are_left_out(long_source: Path, tmp_path: Path):
    build_corpora(make_settings(long_source, tmp_path, corpus=["side"]))
    left = listed(tmp_path / "side")
    assert left["long"]["kind"] == left["hours"]["kind"] == "too long"


def heard(segments: str, pauses: dict[int, float]) -> list[Heard]:
    found, time = [], 0.0
    for number, segment in enumerate(segments):
        time += pauses.get(number, 0.0)
        found.append(Heard(segment, time, time + 0.1))
        time += 0.1
    return found


def test_sure_places_are_pauses_where_both_sides_match():
    wanted, first_of = list("abcdefgh"), [0, 2, 4, 6]
    (place,) = sure_places(wanted, first_of, heard("abcdefgh", {4: 0.5}))
    assert place.word == 2 and place.time == pytest.approx(0.65)
    assert sure_places(wanted, first_of, heard("abcdefgh", {4: 0.1})) == []
    assert sure_places(wanted, first_of, heard("abcdefgh", {3: 0.5})) == []
    assert sure_places(wanted, first_of, heard("abxxefgh", {4: 0.5})) == []
    (place,) = sure_places(wanted, first_of, heard("xbcdefgx", {4: 0.5}))
    assert place.word == 2
    assert sure_places(wanted, first_of, []) == []


def test_no_cut_before_words_that_are_written_otherwise():
    words = ["在", "二", "零", "二", "四年", "，", "三月", "走"]
    assert find_words("在2024年，3月走", words) == {0: 0, 5: 6, 7: 9}
    assert find_words("Ja so was", ["ja", "so", "was"]) == {0: 0, 1: 3, 2: 6}
