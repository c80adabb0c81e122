"""Kaldi folders and KeSpeech."""

from pathlib import Path

import pytest

from diamoe.errors import CorpusError

SUBDIALECTS = {
    "Southwestern": "chengdu",
    "Southwestern/Wuhan": "wuhan",
    "Jiang-Huai": "nanjing",
    "Lan-Yin": "",
}


@pytest.fixture
def kaldi(tmp_path: Path, speech, write) -> Path:
    for i in range(3):
        speech.write(tmp_path / f"wav/r{i}.wav", i)
    data = tmp_path / "data/train"
    write(data / "wav.scp", "u2 wav/r2.wav", "u0 wav/r0.wav", f"u1 {tmp_path}/wav/r1.wav")
    write(data / "text", "u0 你好", "u1 吃饭", "u2 再见")
    write(data / "utt2spk", "u0 ann", "u1 ann", "u2 ben")
    return tmp_path


def test_tables_are_joined_whatever_their_order(kaldi: Path, read):
    result = read("kaldi", kaldi)
    assert list(result.found) == ["u2", "u0", "u1"] and not result.rejected
    assert {u.id: (u.text, u.speaker) for u in result.found.values()} == {
        "u0": ("你好", "ann"), "u1": ("吃饭", "ann"), "u2": ("再见", "ben")
    }  # fmt: skip


def test_segments_are_parts_of_recordings(kaldi: Path, read, write):
    data = kaldi / "data/train"
    write(
        data / "segments",
        "s1 u0 0.05 0.4", "s2 u0 0.3 -1", "s3 gone 0 1", "s4 u0 2 1", "s5 u0", "s6 u0 0 inf",
    )  # fmt: skip
    write(data / "text", *(f"s{i} 你好" for i in range(1, 8)))
    result = read("kaldi", kaldi)
    assert {u.id: (u.start, u.end) for u in result.found.values()} == {
        "s1": (0.05, 0.4), "s2": (0.3, None)
    }  # fmt: skip
    assert result.rejected == {
        "s3": "no recording", "s4": "malformed row", "s5": "malformed row",
        "s6": "malformed row", "s7": "no recording",
    }  # fmt: skip


def test_commands_are_never_run(kaldi: Path, read, write):
    data, witness = kaldi / "data/train", kaldi / "witness"
    write(data / "wav.scp", "u0 wav/r0.wav", f"u1 touch {witness} |", f"u2 | touch {witness}")
    result = read("kaldi", kaldi)
    assert list(result.found) == ["u0"] and not witness.exists()
    assert result.rejected == {"u1": "command", "u2": "command"}
    assert "never run" in result.details["u1"]


def test_faults_of_rows_are_rejections(kaldi: Path, read, write, tmp_path):
    data = kaldi / "data/train"
    write(
        data / "wav.scp",
        "u0 wav/r0.wav", "u1 ../../../../etc/passwd", "u2 wav/gone.wav", "u3 wav/r1.wav",
    )  # fmt: skip
    result = read("kaldi", kaldi)
    assert list(result.found) == ["u0"]
    assert result.rejected == {
        "u1": "path leaves the corpus", "u2": "no recording", "u3": "missing field"
    }  # fmt: skip


def test_missing_tables_are_faults_of_the_corpus(kaldi: Path, read):
    (kaldi / "data/train/text").unlink()
    with pytest.raises(CorpusError, match=r"train/text: no such file"):
        read("kaldi", kaldi)
    (kaldi / "data/train/wav.scp").unlink()
    with pytest.raises(CorpusError, match=r"no wav\.scp"):
        read("kaldi", kaldi)


@pytest.fixture
def kespeech(tmp_path: Path, speech, write) -> Path:
    """Speakers 1 to 4; number 3 is from Wuhan."""
    labels = ["Southwestern", "Mandarin", "Southwestern", "Lan-Yin"]
    for part, phase in (("train_phase1", 1), ("dev_phase1", 1), ("test", 2)):
        names = [f"100000{i}_{part}" for i in range(1, 5)]
        paths = [f"Audio/100000{i}/phase{phase}/{n}.wav" for i, n in enumerate(names, start=1)]
        for i, path in enumerate(paths):
            speech.write(tmp_path / path, i)
        folder = tmp_path / "Tasks/ASR" / part
        write(folder / "wav.scp", *(f"{n} {p}" for n, p in zip(names, paths, strict=True)))
        write(folder / "text", *(f"{n} 今天天气好" for n in names))
        write(folder / "utt2spk", *(f"{n} {n[:7]}" for n in names))
        write(folder / "utt2subdialect", *(f"{n} {x}" for n, x in zip(names, labels, strict=True)))
    write(tmp_path / "Metadata/spk2city", "1000001 Guiyang", "1000003 Wuhan")
    return tmp_path


def test_kespeech_reads_the_labels_of_the_dialect_phase(kespeech: Path, read):
    result = read("kespeech", kespeech, dialect="", dialects=SUBDIALECTS)
    assert {u.id: (u.dialect, u.language) for u in result.found.values()} == {
        "1000001_train_phase1": ("chengdu", "Southwestern/Guiyang"),
        "1000003_train_phase1": ("wuhan", "Southwestern/Wuhan"),
        "1000001_dev_phase1": ("chengdu", "Southwestern/Guiyang"),
        "1000003_dev_phase1": ("wuhan", "Southwestern/Wuhan"),
    }
    assert result.rejected["1000002_train_phase1"] == "standard Mandarin"
    assert result.rejected["1000004_train_phase1"] == "dialect left out"
    assert {v for k, v in result.rejected.items() if k.endswith("test")} == {"standard Mandarin"}
    assert len(result.found) + len(result.rejected) == 12


def test_kespeech_faults(kespeech: Path, read, write):
    part = kespeech / "Tasks/ASR/dev_phase1"
    write(part / "text", "1000001_dev_phase1 今天<SPOKEN_NOISE>好", "1000009_dev_phase1 好")
    write(part / "utt2subdialect", *(f"100000{i}_dev_phase1 Atlantis" for i in (1, 3)))
    result = read("kespeech", kespeech, dialect="", dialects=SUBDIALECTS)
    assert result.rejected["1000001_dev_phase1"] == "noise mark"
    assert result.rejected["1000003_dev_phase1"] == "missing field"
    assert result.rejected["1000009_dev_phase1"] == "no recording"
    (part / "utt2subdialect").unlink()
    with pytest.raises(CorpusError, match="utt2subdialect: no such file"):
        read("kespeech", kespeech, dialect="", dialects=SUBDIALECTS)


def test_kespeech_label_without_a_dialect_names_those_that_there_are(kespeech: Path, read):
    result = read("kespeech", kespeech, dialect="", dialects={"Jiang-Huai": "nanjing"})
    assert result.rejected["1000001_train_phase1"] == "no dialect"
    assert "known labels: Jiang-Huai" in result.details["1000001_train_phase1"]
