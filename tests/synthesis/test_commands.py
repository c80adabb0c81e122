"""`tts synthesize`, `tts dialogue` and what they write."""

import json
import os
import resource

import numpy as np
import pytest
import soundfile

from diamoe.cli import main
from diamoe.errors import ConfigError, DiamoeError
from diamoe.synthesis.dialogue import parse_dialogue, requests
from diamoe.synthesis.melody import Note, parse_score, score_pitch
from diamoe.synthesis.options import SynthesisOptions
from diamoe.synthesis.speech import TimedWord
from diamoe.synthesis.timing_files import cues, srt, vtt
from diamoe.synthesis.writing import whole, write_sound, write_text
from tests.factory import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


@pytest.fixture(autouse=True)
def own_voices(tmp_path, monkeypatch):
    monkeypatch.setenv("DIAMOE_VOICES", str(tmp_path / "voices"))


def test_times_are_written_beside_the_sound(bundle, tmp_path):
    names = [tmp_path / f"a{suffix}" for suffix in (".json", ".TextGrid", ".srt", ".vtt")]
    timing = [word for name in names for word in ("--timing", str(name))]
    out = str(tmp_path / "a.wav")
    words = ["synthesize", "你好，我们走。", "--bundle", bundle, "--steps", "2", "-o", out, *timing]
    assert main(words) == 0
    content = json.loads(names[0].read_text())
    assert [w["text"] for w in content["words"]] == ["你好", "我们", "走"]
    assert content["phones"][-1]["end"] <= content["seconds"]
    assert 'name = "word"' in names[1].read_text() and names[3].read_text().startswith("WEBVTT")


def test_many_lines_are_taken_up_where_they_broke(bundle, tmp_path, capsys):
    lines, folder = tmp_path / "lines.txt", tmp_path / "out"
    lines.write_text("a\t你好。\n\nb\tж\n我们走。\n")
    words = ["synthesize", "--lines", "--file", str(lines), "--bundle", bundle, "--steps", "1"]
    assert main([*words, "-o", str(folder)]) == 1
    assert sorted(os.listdir(folder)) == ["0004.wav", "a.wav"]
    assert "b: cannot read" in capsys.readouterr().err
    before = (folder / "a.wav").stat().st_mtime_ns
    lines.write_text("a\t你好。\n\nb\t再见。\n我们走。\n")
    assert main([*words, "-o", str(folder)]) == 0
    assert "2 of 3 are there already" in capsys.readouterr().err
    assert (folder / "a.wav").stat().st_mtime_ns == before
    assert main([*words, "-o", str(tmp_path / "one.wav")]) == 0
    whole = soundfile.info(tmp_path / "one.wav").frames
    assert whole > sum(soundfile.info(folder / f).frames for f in os.listdir(folder))


def test_a_dialogue_is_one_track_files_and_subtitles(bundle, tmp_path):
    script = tmp_path / "talk.txt"
    script.write_text("[店家|chengdu] 你要啥子？\n[客人] 一碗面。\n")
    out = tmp_path / "talk.wav"
    assert main(["dialogue", str(script), "--bundle", bundle, "--steps", "1", "-o", str(out)]) == 0
    parts = sorted((tmp_path / "talk").iterdir())
    assert [p.name for p in parts] == ["001_店家.wav", "002_客人.wav"]
    gap = soundfile.info(out).duration - sum(soundfile.info(p).duration for p in parts)
    assert 0.3 < gap < 0.6
    assert "客人: 一碗面。" in (tmp_path / "talk.srt").read_text()


def test_scripts_in_three_forms_say_the_same():
    forms = (
        "[甲|chengdu] 走嘛。\n[乙|wuhan|kt] 走。\n[甲] 好。",
        '[[line]]\nspeaker="甲"\ndialect="chengdu"\ntext="走嘛。"\n[[line]]\nspeaker="乙"\n'
        'dialect="wuhan"\nvoice="kt"\ntext="走。"\n[[line]]\nspeaker="甲"\ntext="好。"',
        json.dumps(
            [
                {"speaker": "甲", "dialect": "chengdu", "text": "走嘛。"},
                {"speaker": "乙", "dialect": "wuhan", "voice": "kt", "text": "走。"},
                {"speaker": "甲", "text": "好。"},
            ]
        ),
    )
    asked = [
        requests(parse_dialogue(f), ("tan", "kt"), SynthesisOptions(), "putonghua") for f in forms
    ]
    assert asked[0] == asked[1] == asked[2]
    assert [(r.dialect, r.voice) for r in asked[0]] == [
        ("chengdu", "tan"),
        ("wuhan", "kt"),
        ("chengdu", "tan"),
    ]


@pytest.mark.parametrize("wrong", ["", "no brackets", "[{", '{"lines": []}', '[{"speakr": "a"}]'])
def test_scripts_that_are_none_are_named(wrong):
    with pytest.raises(ConfigError):
        parse_dialogue(wrong)


def test_nothing_half_written_is_left(tmp_path):
    """Neither where the folder, nor where the file cannot be written, nor half-way."""
    (tmp_path / "there").write_text("a file where a folder is wanted")
    with pytest.raises(DiamoeError, match="cannot write"):
        write_text(tmp_path / "there" / "a.txt", "x")
    with pytest.raises(DiamoeError, match=r"\.wav"):
        write_sound(tmp_path / "a.xyz", np.zeros(10), 24_000)
    (tmp_path / "taken.wav").mkdir()
    with pytest.raises(DiamoeError, match="cannot write"):
        write_sound(tmp_path / "taken.wav", np.zeros(10), 24_000)
    with pytest.raises(DiamoeError, match="No space"), whole(tmp_path / "b.wav") as part:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")
    assert sorted(os.listdir(tmp_path)) == ["taken.wav", "there"]


def test_a_full_disk_leaves_nothing(tmp_path):
    """The system itself lets no file grow beyond 5 000 bytes."""
    noise = 0.1 * np.random.default_rng(0).normal(size=96_000)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, usual[1]))
    try:
        for name in ("a.wav", "a.flac"):
            with pytest.raises(DiamoeError, match="cannot write"):
                write_sound(tmp_path / name, noise, 24_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not os.listdir(tmp_path)


def test_a_megabyte_is_refused_before_any_work(bundle, tmp_path, capsys):
    (tmp_path / "long.txt").write_text("今天天气很好。" * 50_000)
    words = ["synthesize", "--file", str(tmp_path / "long.txt"), "--bundle", bundle]
    assert main([*words, "-o", str(tmp_path / "a.wav")]) == 1
    assert "350000 characters, at most 100000" in capsys.readouterr().err
    assert not (tmp_path / "a.wav").exists()


def test_wrong_pace_is_refused(bundle, tmp_path, capsys):
    for speed in ("0", "-1", "nan"):
        words = ["synthesize", "你好", "--bundle", bundle, f"--speed={speed}"]
        assert main([*words, "-o", str(tmp_path / "a.wav")]) == 1
        assert "speed must lie between" in capsys.readouterr().err
    assert not (tmp_path / "a.wav").exists()


def test_subtitles_end_at_pauses():
    words = [TimedWord("你好", 0, 0.5), TimedWord("吗", 0.5, 0.7), TimedWord("好", 1.2, 1.5)]
    assert [c.text for c in cues(words)] == ["你好吗", "好"]
    assert srt(cues(words)).count("-->") == vtt(cues(words)).count("-->") == 2


def test_a_score_is_checked_and_held():
    notes = parse_score(
        '[{"phone": "ˈaᴴᴴ", "seconds": 0.5, "hz": 220}, {"phone": "_", "seconds": 0.2}]'
    )
    pitch = score_pitch(notes)
    assert len(pitch) == 140 and pitch[50] == pytest.approx(220) and pitch[-1] == 0
    glide = score_pitch([Note("a", 0.5, 220), Note("a", 0.5, 440)])
    assert glide[20] == pytest.approx(220) and glide[-20] == pytest.approx(440)
    for wrong in ("[]", "{", '[{"phone": "a", "seconds": 0}]', '[{"phone": "a", "secs": 1}]'):
        with pytest.raises(ConfigError):
            parse_score(wrong)
