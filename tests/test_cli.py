"""`tts` as a user calls it: in a process of its own."""

import io
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
        (["你好\u2603"], None, "U+2603"),
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
