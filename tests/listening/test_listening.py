"""Listening tests: what the page is made of, and how answers are counted."""

import json

import numpy as np
import pytest

from diamoe.audio.files import read_audio, write_audio
from diamoe.cli import main
from diamoe.errors import ConfigError, CorpusError
from diamoe.listening.candidates import read_system
from diamoe.listening.scores import COLUMNS, read_answers, summarise
from diamoe.listening.study import LEVEL, Key, make_study, read_key
from diamoe.synthesis.speech import loud_rms

RATE = 24_000


def sounds(folder, names="abc", level=0.1):
    for i, name in enumerate(names):
        tone = np.sin(np.arange(RATE // 4) * (0.05 + 0.01 * i)).astype(np.float32)
        write_audio(folder / f"{name}.wav", level * tone, RATE)
    return folder


def make(tmp_path, kind="ab", *more):
    table = tmp_path / "set.tsv"
    table.write_text("id\ttext\tdialect\n" + "".join(f"{n}\t第{n}句\txian\n" for n in "abcd"))
    folders = [sounds(tmp_path / "faint", level=0.01), sounds(tmp_path / "strong", "bcd", 0.8)]
    command = ["listen", kind, *map(str, folders), "--set", str(table), "-o"]
    assert main([*command, str(tmp_path / "page"), *more]) == 0
    return tmp_path / "page", read_key(tmp_path / "page.key.json")


def answers(key: Key, rows):
    """A listener's file: (listener, first, second, answer)."""
    lines = [",".join(COLUMNS)]
    for listener, first, second, said in rows:
        lines.append(f"{key.study},{key.kind},{listener},1,b,xian,{first},{second},{said},2.0,2")
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def test_the_page_is_blind_and_level(tmp_path, capsys):
    page, key = make(tmp_path)
    assert "left out: a, d" in capsys.readouterr().err
    assert sorted(key.clips.values()) == ["faint"] * 2 + ["strong"] * 2
    clips = list((page / "audio").iterdir())
    assert {path.stem for path in clips} == set(key.clips)
    for path in clips:
        assert loud_rms(read_audio(path)[0]) == pytest.approx(LEVEL, rel=0.01)
    text = (page / "index.html").read_text(encoding="utf-8")
    assert "第b句" in text and "faint" not in text and "strong" not in text
    assert "src=" not in text.split("<script>")[0]  # one file beside the sounds


def test_the_seed_draws_the_texts(tmp_path, capsys):
    sounds(tmp_path / "one", "abcdefgh")
    table = tmp_path / "set.tsv"
    table.write_text("id\ttext\tdialect\n" + "".join(f"{n}\t你好\txian\n" for n in "abcdefgh"))

    def drawn(seed):
        out = tmp_path / f"page{seed}"
        command = ["listen", "mos", str(tmp_path / "one"), "--set", str(table), "-o", str(out)]
        assert main([*command, "--limit", "3", "--seed", str(seed)]) == 0
        text = (out / "index.html").read_text(encoding="utf-8")
        study = json.loads(text.split('id="study">')[1].split("</script>")[0])
        return [trial["item"] for trial in study["trials"]]

    assert len(drawn(0)) == 3 and drawn(0) == drawn(0) != drawn(1)
    (tmp_path / "page1" / "audio" / "old.flac").touch()
    assert (
        main(
            [
                "listen",
                "mos",
                str(tmp_path / "one"),
                "--set",
                str(table),
                "-o",
                str(tmp_path / "page1"),
            ]
        )
        == 1
    )
    assert "holds the sounds of another test" in capsys.readouterr().err


def test_marks_and_preferences_are_counted(tmp_path):
    key = Key("s", "mos", ("x", "y"), {"1": "x", "2": "x", "3": "y"})
    path = tmp_path / "a.csv"
    path.write_text(answers(key, [("me", "1", "", 5), ("me", "2", "", 4), ("me", "3", "", 2)]))
    found = summarise(read_answers([path], key), key)
    assert found["systems"]["x"]["all"]["value"] == 4.5
    assert found["systems"]["y"]["xian"]["utterances"] == 1 and found["listeners"] == ["me"]

    key = Key("s", "ab", ("x", "y"), {"1": "x", "2": "y"})
    rows = [(f"u{i}", *(("1", "2") if i % 2 else ("2", "1"))) for i in range(10)]
    said = [(u, a, b, "first" if a == "1" else "second") for u, a, b in rows]  # always x
    path.write_text(answers(key, [*said, ("last", "1", "2", "none")]))
    (pair,) = summarise(read_answers([path], key), key)["pairs"]
    assert (pair["prefer_first"], pair["prefer_second"], pair["no_difference"]) == (10, 0, 1)
    assert pair["p"] == pytest.approx(2 / 1024)


@pytest.mark.parametrize(
    "rows, match",
    [
        ([("me", "1", "2", "both")], "line 2: answer 'both', allowed: first, none, second"),
        ([("me", "1", "9", "none")], "line 2: the test has no sound '9'"),
        ([("me", "1", "2", "none"), ("me", "2", "1", "none")], "line 3: 'me' answered"),
        ([], "holds no answer"),
    ],
)
def test_faults_in_answers_are_named(tmp_path, rows, match):
    key = Key("s", "ab", ("x", "y"), {"1": "x", "2": "y"})
    (tmp_path / "a.csv").write_text(answers(key, rows))
    with pytest.raises(CorpusError, match=match):
        read_answers([tmp_path / "a.csv"], key)
    with pytest.raises(CorpusError, match="of the test 's', the key is of 'other'"):
        (tmp_path / "b.csv").write_text(answers(key, [("me", "1", "2", "none")]))
        read_answers([tmp_path / "b.csv"], Key("other", "ab", ("x", "y"), key.clips))


def test_faults_in_folders_are_named(tmp_path, capsys):
    folder = sounds(tmp_path / "one")
    with pytest.raises(CorpusError, match="--set"):
        read_system(folder)
    with pytest.raises(CorpusError, match="no key of a listening test"):
        read_key(folder / "a.wav")
    with pytest.raises(ConfigError, match="two systems or more"):
        make_study("ab", [], [], 0)
    assert main(["listen", "ab", str(folder), str(folder), "--set", "xian@1", "-o", "x"]) == 1
    assert "no file has the id of a text" in capsys.readouterr().err
