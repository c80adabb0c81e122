"""Words named after what is said."""

import zipfile
from pathlib import Path

import pytest

from diamoe.errors import CorpusError


def test_archives_and_loose_files(tmp_path: Path, speech, read):
    speech.write(tmp_path / "LL-Q9186 (yue)-Luilui6666-早晨.wav")
    speech.write(tmp_path / "LL-Q150 (fra)-Ann-bonjour.wav", 1)
    speech.write(tmp_path / "stray.wav")
    with zipfile.ZipFile(tmp_path / "Q9186-yue-Cantonese.zip", "w") as archive:
        archive.writestr("yue/Kim/多謝.ogg", speech.encoded("ogg"))
        archive.writestr("readme.txt", "words")
    result = read("lingualibre", tmp_path, dialect="", dialects={"yue": "cantonese"})
    assert {(u.text, u.speaker, u.member) for u in result.found.values()} == {
        ("早晨", "Luilui6666", ""), ("多謝", "Kim", "yue/Kim/多謝.ogg")
    }  # fmt: skip
    assert result.rejected == {
        "LL-Q150 (fra)-Ann-bonjour": "no dialect", "stray": "malformed row"
    }  # fmt: skip


def test_nothing_there(tmp_path: Path, read):
    with pytest.raises(CorpusError, match="no recordings"):
        read("lingualibre", tmp_path)
