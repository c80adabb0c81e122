"""Texts with given phones: the seed project's training files, and prompts."""

from pathlib import Path

import pytest

from diamoe.errors import CorpusError
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary


def test_training_files_find_their_audio_by_id(tmp_path: Path, speech, read, write):
    speech.write(tmp_path / "wavs/spk1/a1.mp3")
    speech.write(tmp_path / "wavs/spk2/a2.wav", 1)
    for folder in ("x", "y"):
        speech.write(tmp_path / folder / "twice.wav")
    write(
        tmp_path / "zhengzhou.txt",
        "a1.mp3\t你好\tn ˈiᴴᴴ |h ˈɑᴴᴴ ʊ̯ |。",
        "a2\t好\t[h] [ˈɑᴴᴴ] [ʊ̯] ，",
        "gone\t好\th ˈɑᴴᴴ ʊ̯",
        "a1\t好\th zz",
        "twice\t好\th ˈɑᴴᴴ ʊ̯",
        "spaces instead of tabs",
    )
    write(tmp_path / "mars.txt", "a2\t好\th ˈɑᴴᴴ ʊ̯")
    result = read("seed", tmp_path, dialect="", dialects={"zhengzhou": "zhengzhou"})
    assert {u.id: u.phones for u in result.found.values()} == {
        "a1": "n ˈiᴴᴴ | h ˈɑᴴᴴ ʊ̯ | 。", "a2": "h ˈɑᴴᴴ ʊ̯ ，"
    }  # fmt: skip
    assert {u.dialect for u in result.found.values()} == {"zhengzhou"}
    assert result.rejected == {
        "a2": "no dialect", "gone": "no recording", "a1": "bad phones",
        "twice": "ambiguous recording", "zhengzhou.txt:6": "malformed row",
    }  # fmt: skip
    assert "'zz'" in result.details["a1"] and "line 4" in result.details["a1"]


def test_no_training_files(tmp_path: Path, read):
    with pytest.raises(CorpusError, match=r"no \.txt files"):
        read("seed", tmp_path)


def test_prompts(tmp_path: Path, speech, read, write):
    for i, name in enumerate(("xian_1", "chengdu_1", "mars_1", "xian_2")):
        speech.write(tmp_path / f"{name}.flac", i)
        write(tmp_path / f"{name}.txt", "TEXT\t我|来\tw ˈoᴴᴹ |l ˈaᴹᴴ ɪ̯")
    write(tmp_path / "xian_2.txt", "TEXT\t我来")
    write(tmp_path / "xian_3.txt", "TEXT\t我\tw ˈoᴴᴹ")
    result = read("prompts", tmp_path, dialect="", dialects={"xian": "xian", "chengdu": "chengdu"})
    assert {u.id: (u.dialect, u.text) for u in result.found.values()} == {
        "chengdu_1": ("chengdu", "我来"), "xian_1": ("xian", "我来")
    }  # fmt: skip
    assert result.rejected == {
        "mars_1": "no dialect", "xian_2": "malformed row", "xian_3": "no recording"
    }  # fmt: skip


@pytest.mark.shared
def test_real_prompts(shared: Path, read):
    dialects = "cantonese chengdu hokkien nanjing shanghai shijiazhuang tianjin xian zhengzhou"
    result = read("prompts", shared / "data/dialect_prompts", dialect="",
                  dialects={d: d for d in dialects.split()})  # fmt: skip
    assert len(result.found) == 9 and not result.rejected
    for utterance in result.found.values():
        PhoneVocabulary.default().encode(PhoneSeq.parse(utterance.phones, utterance.dialect))
