"""Where Lhotse has a recipe for a layout, both read the same utterances from a sound corpus."""

from pathlib import Path

import pytest

pytest.importorskip("lhotse")


def by_lhotse(supervisions, recordings) -> dict[str, tuple[str, str, str]]:
    """Text, speaker and file of every utterance."""
    files = {r.id: r.sources[0].source for r in recordings}
    return {
        s.id: (s.text.strip(), s.speaker, str(Path(files[s.recording_id]))) for s in supervisions
    }


def by_us(result) -> dict[str, tuple[str, str, str]]:
    assert not result.rejected
    return {u.id: (u.text, u.speaker, str(u.audio_path)) for u in result.found.values()}


def test_magicdata(tmp_path: Path, speech, read, write):
    from lhotse.recipes.magicdata import prepare_magicdata

    for part in ("train", "dev", "test"):
        speech.write(tmp_path / f"{part}/5_541/5_541_{part}.wav")
        rows = ("UtteranceID\tSpeakerID\tTranscription", f"5_541_{part}.wav\t5_541\t给我放一首歌")
        write(tmp_path / part / "TRANS.txt", *rows)
    theirs = {}
    for part in prepare_magicdata(tmp_path).values():
        theirs |= by_lhotse(part["supervisions"], part["recordings"])
    assert by_us(read("magicdata", tmp_path)) == theirs and len(theirs) == 3


def test_mls(tmp_path: Path, speech, read, write):
    from lhotse.recipes.mls import prepare_mls

    root = tmp_path / "mls_german_opus"
    write(root / "metainfo.txt", "SPEAKER | GENDER | PARTITION", "7 | F | train")
    for i, part in enumerate(("train", "dev", "test")):
        speech.write(root / part / f"audio/7/8/7_8_{i}.opus")
        write(root / part / "transcripts.txt", f"7_8_{i}\tguten tag")
    theirs = {}
    for part in prepare_mls(tmp_path)["german"].values():
        theirs |= by_lhotse(part["supervisions"], part["recordings"])
    assert by_us(read("mls", root, dialect="german")) == theirs and len(theirs) == 3


def test_commonvoice(tmp_path: Path, speech, read, write):
    from lhotse.recipes.commonvoice import prepare_commonvoice

    columns = (
        "client_id path sentence up_votes down_votes age gender accents variant locale segment"
    )
    speech.write(tmp_path / "de/clips/a.mp3")
    write(
        tmp_path / "de/train.tsv", "\t".join(columns.split()), "ann\ta.mp3\tTag.\t2\t0" + "\t" * 6
    )
    made = prepare_commonvoice(tmp_path, tmp_path / "out", languages="de", splits=["train"])
    theirs = by_lhotse(made["de"]["train"]["supervisions"], made["de"]["train"]["recordings"])
    ours = by_us(read("commonvoice", tmp_path / "de", dialect="german", parts=["train"]))
    assert ours == theirs and len(theirs) == 1


def test_aishell3_but_for_the_pinyin_that_it_loses(tmp_path: Path, speech, read, write):
    from lhotse.recipes.aishell3 import prepare_aishell3

    for part, name in (("train", "SSB00050001"), ("test", "SSB00050002")):
        speech.write(tmp_path / part / f"wav/SSB0005/{name}.wav")
        write(tmp_path / part / "content.txt", f"{name}.wav\t你 ni3 好 hao3")
    write(tmp_path / "spk-info.txt", "SSB0005\tB\tfemale\tnorth")
    write(tmp_path / "train/label_train-set.txt", "SSB00050001|ni3 hao3|你好$")
    theirs = {}
    for part in prepare_aishell3(tmp_path).values():  # which names its two sets the wrong way round
        theirs |= by_lhotse(part["recordings"], part["supervisions"])
    assert by_us(read("aishell3", tmp_path)) == theirs and len(theirs) == 2


def test_kespeech(tmp_path: Path, speech, read, write):
    from lhotse.recipes.kespeech import prepare_kespeech

    for i, part in enumerate(("train_phase1", "dev_phase1")):
        name, folder = f"100000{i}_a", tmp_path / "Tasks/ASR" / part
        speech.write(tmp_path / f"Audio/100000{i}/phase1/{name}.wav")
        write(folder / "wav.scp", f"{name} Audio/100000{i}/phase1/{name}.wav")
        write(folder / "text", f"{name} 今天")
        write(folder / "utt2spk", f"{name} 100000{i}")
        write(folder / "utt2subdialect", f"{name} Southwestern")
    parts = ["train_phase1", "dev_phase1"]
    theirs = {}
    for part in prepare_kespeech(tmp_path, tmp_path / "out", parts).values():
        theirs |= by_lhotse(part["supervisions"], part["recordings"])
    result = read("kespeech", tmp_path, dialect="", dialects={"Southwestern": "chengdu"})
    assert by_us(result) == theirs and len(theirs) == 2
