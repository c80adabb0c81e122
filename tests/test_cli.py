"""`tts` as a user calls it: in a process of its own."""

import io
import json
import subprocess
import sys

import pytest
import soundfile

from tests.factory import tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundle") / "tiny"))


def tts(*words, text=None):
    return subprocess.run(
        [sys.executable, "-m", "diamoe.cli", *words], input=text, capture_output=True, check=False
    )


def speak(bundle, *words, text=None):
    return tts("synthesize", "--bundle", bundle, "--steps", "1", *words, text=text)


def test_synthesize_writes_a_file_and_a_picture(bundle, tmp_path):
    out, picture = tmp_path / "out.wav", tmp_path / "out.png"
    run = speak(bundle, "你好", "--dialect", "chengdu", "-o", str(out), "--plot", str(picture))
    assert run.returncode == 0, run.stderr
    samples, rate = soundfile.read(out)
    assert rate == 24_000 and len(samples) > 1000
    assert picture.stat().st_size > 1000


def test_standard_input_to_standard_output(bundle):
    run = speak(bundle, "-o", "-", text="你好\n".encode())
    assert run.returncode == 0, run.stderr
    samples, rate = soundfile.read(io.BytesIO(run.stdout))
    assert rate == 24_000 and len(samples) > 1000


def test_a_text_file(bundle, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("\ufeff你好", encoding="utf-8")
    assert tts("ipa", "--file", str(file)).stdout.decode() == tts("ipa", "你好").stdout.decode()


@pytest.mark.parametrize(
    ("words", "text", "message"),
    [
        (["", "-o", "-"], None, "nothing"),
        (["你好", "--dialect", "klingon"], None, "putonghua"),
        (["你好", "--voice", "bob"], None, "anna"),
        (["你好\u0436"], None, "U+0436"),
        (["你好", "--speed", "0"], None, "speed must lie between"),
        (["你好", "--file", "x.txt"], None, "not both"),
        (["--file", "missing.txt"], None, "missing.txt"),
        ([], b"\xff\xfe\x00", "not UTF-8"),
        (["你好", "-o", "out.nonsense"], None, "out.nonsense"),
        (["你好", "--vocoder", "./no_such_folder"], None, "no_such_folder"),
    ],
)
def test_bad_input_is_one_line_and_a_status(bundle, words, text, message, tmp_path):
    run = speak(bundle, *words, text=text)
    errors = run.stderr.decode()
    assert run.returncode == 1 and "Traceback" not in errors
    assert errors.strip().splitlines()[-1].startswith("tts: ") and message in errors


def test_a_corrupt_bundle(tmp_path):
    folder = tiny_bundle(tmp_path / "bundle")
    (folder / "model.safetensors").write_bytes(b"not weights")
    run = speak(str(folder), "你好")
    assert run.returncode == 1 and b"model.safetensors" in run.stderr
    assert b"Traceback" not in run.stderr


def test_listings(bundle):
    dialects = tts("dialects").stdout.decode()
    assert "chengdu" in dialects and "粤语" in dialects
    assert "anna" in tts("voices", "--bundle", bundle).stdout.decode()
    assert '"licence"' in tts("voices", "--bundle", bundle, "--json").stdout.decode()


def test_ipa_explains_compares_and_writes_json():
    explained = tts("ipa", "不要", "--explain").stdout.decode()
    assert "4→2" in explained and "bu2" in explained
    compared = tts("ipa", "天", "--compare", "putonghua,chengdu").stdout.decode().splitlines()
    assert compared[0].split() == ["text", "putonghua", "chengdu"] and compared[1].startswith("天")
    (word,) = json.loads(tts("ipa", "好", "--json").stdout)
    assert word["syllables"][0]["romanised"] == "hao3"


def test_bulk_writes_in_order_and_names_bad_lines(tmp_path):
    source, out = tmp_path / "in.tsv", tmp_path / "out.tsv"
    source.write_text("b\t你好\na 今天\nc\tж\nd\t再见😀\n", encoding="utf-8")
    run = tts("ipa", "--file", str(source), "-o", str(out))
    assert run.returncode == 1
    errors = run.stderr.decode()
    assert "in.tsv:2: expected ID TAB TEXT, found spaces" in errors
    assert "in.tsv:3: cannot read 'ж'" in errors and "in.tsv:4: left out '😀'" in errors
    rows = [line.split("\t") for line in out.read_text("utf-8").splitlines()]
    assert [row[:2] for row in rows] == [["b", "你好"], ["d", "再见😀"]]
    assert rows[0][2] == tts("ipa", "你好").stdout.decode().strip()


def test_lexicon_check_names_bad_rows(tmp_path):
    file = tmp_path / "mine.tsv"
    file.write_text("重庆\tchong2 qing4\n", encoding="utf-8")
    assert tts("lexicon", "check", str(file)).returncode == 0
    file.write_text("重庆\tchong2\n", encoding="utf-8")
    run = tts("lexicon", "check", str(file))
    assert run.returncode == 1 and b"mine.tsv:1" in run.stdout


def test_strict_refuses_emoji_and_skipping_lists_what_it_left_out():
    assert tts("ipa", "好😀").returncode == 0
    assert tts("ipa", "好😀", "--strict").returncode == 1
    assert tts("ipa", "好ж").returncode == 1
    run = tts("ipa", "好ж", "--skip-unreadable")
    assert run.returncode == 0 and "left out 'ж'" in run.stderr.decode()


def test_pauses_and_pace_are_spoken(tmp_path):
    def seconds(text):
        out = tmp_path / "out.wav"
        run = tts("synthesize", "--steps", "1", text, "-o", str(out))
        assert run.returncode == 0, run.stderr
        return soundfile.info(out).duration

    plain = seconds("<speak>你好</speak>")
    assert seconds('<speak>你好<break time="2s"/></speak>') == pytest.approx(plain + 2, abs=0.02)
    assert seconds('<speak><prosody rate="50%">你好</prosody></speak>') > 1.25 * plain


def test_dialect_table_and_generic_languages():
    table = tts("dialect", "table", "chengdu").stdout.decode()
    assert "## Tones" in table and "| ba | p ɑ |" in table
    assert tts("dialect", "table", "none.yaml").returncode == 1
    assert "espeak:es" in tts("dialects", "--all").stdout.decode()
    assert tts("ipa", "hola", "--dialect", "espeak:es").stdout.decode().strip() == "ˈo | l a"
