"""Multilingual LibriSpeech."""

from pathlib import Path

import pytest

from diamoe.errors import CorpusError


@pytest.mark.parametrize("suffix", ["flac", "opus"])
def test_both_releases(tmp_path: Path, speech, read, write, suffix: str):
    for part, name in (("train", "10087_11650_000028"), ("test", "1757_1401_000000")):
        speaker, book, _ = name.split("_")
        speech.write(tmp_path / part / "audio" / speaker / book / f"{name}.{suffix}")
        write(tmp_path / part / "transcripts.txt", f"{name}\tund das war gut")
    write(tmp_path / "train/segments.txt", "10087_11650_000028\thttp://x/y.mp3\t1.0\t12.0")
    result = read("mls", tmp_path, dialect="german")
    assert [(u.id, u.speaker) for u in result.found.values()] == [
        ("10087_11650_000028", "10087"), ("1757_1401_000000", "1757")
    ]  # fmt: skip
    assert all(u.start == 0 and u.end is None for u in result.found.values())


def test_faults(tmp_path: Path, speech, read, write):
    speech.write(tmp_path / "dev/audio/7/8/7_8_9.opus")
    write(
        tmp_path / "dev/transcripts.txt",
        "1_2_3\tgone", "noid\ttext", "../../_../.._x\ttext", "4_5_6", "7_8_9\t ",
    )  # fmt: skip
    assert read("mls", tmp_path, dialect="german").rejected == {
        "1_2_3": "no recording", "noid": "malformed row",
        "../../_../.._x": "path leaves the corpus",
        "transcripts.txt:4": "malformed row", "7_8_9": "missing field",
    }  # fmt: skip
    with pytest.raises(CorpusError, match=r"none of .*transcripts\.txt"):
        read("mls", tmp_path / "dev", dialect="german")
