"""AISHELL-3, MagicData and the WenetSpeech family."""

import json
import tarfile
from pathlib import Path

import pytest

from diamoe.errors import CorpusError


def test_aishell3_has_characters_and_their_pinyin(tmp_path: Path, speech, read, write):
    for i, name in enumerate(("SSB00050001", "SSB00050002", "SSB00110003")):
        speech.write(tmp_path / f"train/wav/{name[:7]}/{name}.wav", i)
    write(
        tmp_path / "train/content.txt",
        "SSB00050001.wav\t你 ni3 好 hao3",
        "SSB00050002.wav\t花 huar1 儿 开 kai1",
        "SSB00110001.wav\t你 ni3 x",
        "SSB00110002.wav\t你 ni3",
        "SSB00110003.wav\t你 nx3",
        "SSB00110004.wav",
    )
    write(tmp_path / "spk-info.txt", "# Mapping", "SSB0005\tB\tfemale\tnorth", "SSB0011\tB\tmale")
    result = read("aishell3", tmp_path)
    first, second = result.found.values()
    assert (first.text, first.romanised, first.language) == ("你好", "ni3 hao3", "north")
    assert first.phones == "n ˈiᴹᴴ | χ ˈɑᴹᴸ ʊ̯"  # 3 + 3 is 2 + 3
    assert second.text == "花儿开" and second.speaker == "SSB0005"
    assert result.rejected == {
        "SSB00110001": "malformed row", "SSB00110002": "no recording",
        "SSB00110003": "bad romanisation", "content.txt:6": "malformed row",
    }  # fmt: skip
    with pytest.raises(CorpusError, match=r"none of .*content\.txt"):
        read("aishell3", tmp_path / "train")


def test_magicdata(tmp_path: Path, speech, read, write):
    for part in ("train", "test"):
        speech.write(tmp_path / f"{part}/5_541/5_541_{part}.wav")
        write(
            tmp_path / part / "TRANS.txt",
            "UtteranceID\tSpeakerID\tTranscription",
            f"5_541_{part}.wav\t5_541\t给我放一首歌",
            f"5_541_{part}_b.wav\t5_541\t[FIL]来",
            f"5_541_{part}_c.wav\t5_541\t来",
            f"5_541_{part}_d.wav\t../..\t来",
        )
    result = read("magicdata", tmp_path)
    assert [(u.id, u.speaker) for u in result.found.values()] == [
        ("5_541_train", "5_541"), ("5_541_test", "5_541")
    ]  # fmt: skip
    assert result.rejected["5_541_test_b"] == "noise mark"
    assert result.rejected["5_541_train_c"] == "no recording"
    assert result.rejected["5_541_train_d"] == "path leaves the corpus"
    write(tmp_path / "train/TRANS.txt", "UtteranceID\tTranscription")
    with pytest.raises(CorpusError, match=r"TRANS\.txt: no column SpeakerID; found UtteranceID"):
        read("magicdata", tmp_path)


def dump(path: Path, *objects: dict, indent: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join(json.dumps(o, ensure_ascii=False, indent=indent) for o in objects)
    path.write_text(text, encoding="utf-8")


YUE = {"confidence": 0.9, "duration": 2.0, "speaker_id": "S1", "meta_info": {"region": "HK"}}


@pytest.mark.parametrize("form", ["lines", "pretty", "array"])
def test_one_object_a_clip(tmp_path: Path, speech, read, form: str):
    """Clips by their paths, by their ids in a folder, and by their ids in a tar."""
    speech.write(tmp_path / "clips/a.wav")
    speech.write(tmp_path / "deep/er/b.wav", 1)
    speech.write(tmp_path / "c.wav", 2)
    with tarfile.open(tmp_path / "wav.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "c.wav", "wav/c.wav")
    (tmp_path / "c.wav").unlink()
    rows = [
        {"utt_id": "a", "rover_result": "食咗飯未", "path": "clips/a.wav"} | YUE,
        {"utt_id": "b", "rover_result": "早晨"} | YUE,
        {"utt_id": "c", "rover_result": "多謝"} | YUE,
        {"utt_id": "d", "rover_result": "多謝"} | YUE,
        {"utt_id": "e", "rover_result": "多謝", "path": "../e.wav"} | YUE,
        {"utt_id": "a2", "rover_result": "", "path": "clips/a.wav"} | YUE,
        {"utt_id": "a3", "rover_result": "早晨", "path": "clips/a.wav"} | YUE | {"confidence": 0.1},
    ]
    if form == "array":
        (tmp_path / "meta.json").write_text(json.dumps(rows), encoding="utf-8")
    else:
        dump(tmp_path / "meta.json", *rows, indent=2 if form == "pretty" else None)
    result = read("wenetspeech", tmp_path, dialect="cantonese", min_confidence=0.5)
    assert {u.id: u.text for u in result.found.values()} == {
        "a": "食咗飯未", "b": "早晨", "c": "多謝"
    }  # fmt: skip
    assert result.found["c"].member == "wav/c.wav" and result.found["a"].language == "HK"
    assert result.rejected == {
        "d": "no recording", "e": "path leaves the corpus", "a2": "missing field",
        "a3": "low confidence",
    }  # fmt: skip


def test_chuan_in_both_of_its_forms(tmp_path: Path, speech, read):
    for name in ("v_0_100", "w_1_2"):
        speech.write(tmp_path / f"wavs/{name}.wav")
    dump(tmp_path / "metadata.jsonl", {"utt_id": "long", "audio_labels": "audio_labels/v.jsonl"},
         {"utt": "w_1_2", "filename": "w_1_2.wav", "text": "要得", "gender": "male"})  # fmt: skip
    clip = {"wav_utt_id_timestamp_path": "wavs/v_0_100.wav", "text": "要得", "text_punc": "要得。"}
    dump(
        tmp_path / "audio_labels/v.jsonl",
        {"wav_utt_id_timestamp": "v_0_100", "spk_num": "single"} | clip,
        {"wav_utt_id_timestamp": "v_100_200", "spk_num": "multi"} | clip,
    )
    result = read("wenetspeech", tmp_path, dialect="chengdu")
    assert {u.id: u.text for u in result.found.values()} == {"v_0_100": "要得。", "w_1_2": "要得"}
    assert result.rejected == {"v_100_200": "several speakers"}


def test_wu_by_subdialect(tmp_path: Path, speech, read):
    speech.write(tmp_path / "a.wav")
    rows = [{"utt_id": n, "text": "侬好", "path": "a.wav", "dialect": n} for n in ("上海", "苏州")]
    dump(tmp_path / "meta.jsonl", *rows)
    result = read("wenetspeech", tmp_path, dialect="", dialects={"上海": "shanghai"})
    assert [u.dialect for u in result.found.values()] == ["shanghai"]
    assert result.rejected == {"苏州": "no dialect"}


def test_long_recordings_with_segments(tmp_path: Path, speech, read):
    speech.write(tmp_path / "audio/long.flac", 1)
    times = [("S1", 0.05, 0.5), ("S2", 0.5, 0.2), ("S3", "x", 1)]
    segments = [
        {"sid": s, "begin_time": b, "end_time": e, "text": "你好", "subsets": ["L"]}
        for s, b, e in times
    ]
    audio = {"aid": "Y1", "path": "audio/long.flac", "duration": 2, "segments": segments}
    text = json.dumps({"info": {"version": 1}, "audios": [audio, {"aid": "Y2"}, 7]}, indent=1)
    (tmp_path / "WenetSpeech.json").write_text(text, encoding="utf-8")
    result = read("wenetspeech", tmp_path)
    (first,) = result.found.values()
    assert (first.id, first.start, first.end, first.speaker) == ("S1", 0.05, 0.5, "Y1")
    assert result.rejected["S2"] == result.rejected["S3"] == "malformed row"
    assert result.rejected["WenetSpeech.json:3"] == "malformed row"


def test_broken_json_is_rejected_line_by_line(tmp_path: Path, speech, read):
    speech.write(tmp_path / "a.wav")
    good = json.dumps({"utt": "a", "text": "你好", "path": "a.wav"})
    lines = ("<!doctype html>", good, '{"utt": "b", "text": "unterminated', "[" * 100_000, "7")
    (tmp_path / "m.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = read("wenetspeech", tmp_path)
    assert list(result.found) == ["a"]
    assert set(result.rejected.values()) == {"malformed row"}


def test_no_json(tmp_path: Path, read):
    with pytest.raises(CorpusError, match=r"no \.json"):
        read("wenetspeech", tmp_path)
