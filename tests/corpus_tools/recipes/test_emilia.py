"""Emilia's tars and folders, and what tars must not hold."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from corpus_tools.recipes.emilia import prepare_emilia
from corpus_tools.recipes.known import KnownCorpus
from corpus_tools.recipes.opening import open_audio
from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected, Rejection
from diamoe.errors import CorpusError

LANGUAGES = {"zh": "putonghua", "de": "german", "ja": ""}


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def described(name: str, language: str = "zh", **more) -> bytes:
    values = {"id": name, "wav": f"{name}.mp3", "text": " 你好。", "duration": 1.0}
    return json.dumps(values | {"speaker": name[:15], "language": language} | more).encode()


def make_tar(path: Path, speech, suffix: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, f"w:{suffix}") as tar:
        for i in range(3):
            name = f"ZH_B00000_S0000{i}_W000000"
            pair = ((f"{name}.json", described(name)), (f"{name}.mp3", speech.encoded("mp3", i)))
            for member, data in pair if i else reversed(pair):
                add(tar, member, data)


@pytest.mark.parametrize("suffix", ["", "gz"])
def test_tar(tmp_path: Path, speech, read, suffix: str):
    path = tmp_path / f"ZH/ZH-B000000.tar{suffix and '.' + suffix}"
    make_tar(path, speech, suffix)
    result = read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
    assert not result.rejected and len(result.found) == 3
    first = result.found["ZH_B00000_S00000_W000000"]
    assert (first.text, first.speaker, first.dialect) == ("你好。", "ZH_B00000_S0000", "putonghua")
    assert first.audio_path == path and first.member == f"{first.id}.mp3"
    backwards = [open_audio(u).read() for u in reversed(result.found.values())]
    assert backwards == [speech.encoded("mp3", i) for i in (2, 1, 0)]


def test_folder_of_the_older_release(tmp_path: Path, speech, read):
    raw = tmp_path / "raw/DE"
    names = [f"DE_B00000_S00000_W00000{i}" for i in range(3)]
    for i, name in enumerate(names[:2]):
        speech.write(raw / f"DE_B00000/mp3/{name}.mp3", i)
    rows = [described(n, "de", wav=f"DE_B00000/mp3/{n}.mp3").decode() for n in names]
    rows[1:1] = ["{broken", described("JA_1", "ja").decode(), described("X_1", "xx").decode()]
    (raw / "DE_B00000.jsonl").write_text("\n".join(rows), encoding="utf-8")
    result = read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
    assert list(result.found) == names[:2]
    assert result.rejected == {
        "DE_B00000.jsonl:2": "malformed row", "JA_1": "no recording", "X_1": "no recording",
        names[2]: "no recording",
    }  # fmt: skip


def test_languages_without_a_dialect_are_rejected(tmp_path: Path, speech, read):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name, language in (("a", "ja"), ("b", "xx")):
            add(tar, f"{name}.json", described(name, language))
            add(tar, f"{name}.mp3", speech.encoded("mp3"))
    result = read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
    assert result.rejected == {"a": "dialect left out", "b": "no dialect"}


def test_halves_of_pairs_are_rejected(tmp_path: Path, speech, read):
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        add(tar, "lonely.json", described("lonely"))
        add(tar, "mute.mp3", speech.encoded("mp3"))
        add(tar, "bad.json", b"[1]")
        add(tar, "bad.mp3", speech.encoded("mp3"))
        add(tar, "html.json", b"<!doctype html>")
        add(tar, "html.mp3", speech.encoded("mp3"))
    result = read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
    assert result.rejected == {
        "lonely": "no recording", "mute": "missing field", "bad": "malformed row",
        "html": "malformed row",
    }  # fmt: skip


def test_unsafe_members_are_refused_by_name_and_the_rest_is_read(tmp_path: Path, speech, read):
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as tar:
        for name in ("../../up", "/root/abs", "good"):
            add(tar, f"{name}.json", described(Path(name).name))
            add(tar, f"{name}.mp3", speech.encoded("mp3"))
        for name, kind in (("soft.mp3", tarfile.SYMTYPE), ("hard.mp3", tarfile.LNKTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        fifo = tarfile.TarInfo("pipe.mp3")
        fifo.type = tarfile.FIFOTYPE
        tar.addfile(fifo)
    result = read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
    assert list(result.found) == ["good"]
    refused = ("../../up.json", "../../up.mp3", "/root/abs.json", "/root/abs.mp3", "soft.mp3",
               "hard.mp3", "pipe.mp3")  # fmt: skip
    assert result.rejected == {f"evil.tar:{name}": "unsafe archive" for name in refused}
    assert "link to '/etc/passwd'" in result.details["evil.tar:soft.mp3"]
    assert sorted(tmp_path.iterdir()) == [path]
    for name in (*refused, "gone.mp3"):
        with pytest.raises(Rejected, match="unsafe archive|no recording"):
            open_audio(Utterance("x", path, "putonghua", "s", member=name))


@pytest.mark.parametrize("suffix", ["", "gz"])
def test_of_a_tar_cut_short_the_beginning_is_read(tmp_path: Path, speech, suffix: str):
    path = tmp_path / f"cut.tar{suffix and '.' + suffix}"
    make_tar(path, speech, suffix)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    corpus = KnownCorpus("emilia", "emilia", "putonghua", "", "")
    *found, last = prepare_emilia(corpus, tmp_path)
    assert isinstance(last, Rejection) and last.kind == "unreadable archive"
    assert open_audio(found[0]).read() == speech.encoded("mp3", 0)
    with pytest.raises(Rejected, match="unreadable archive"):
        open_audio(replace(found[0], member="ZH_B00000_S00002_W000000.mp3"))


def test_a_page_is_no_tar(tmp_path: Path, read):
    (tmp_path / "page.tar").write_bytes(b"<!doctype html><p>404</p>")
    assert read("emilia", tmp_path).rejected == {"page.tar": "unreadable archive"}


def test_nothing_there(tmp_path: Path, read):
    with pytest.raises(CorpusError, match=r"no \.tar and no \.jsonl"):
        read("emilia", tmp_path, dialect="", dialects=LANGUAGES)
