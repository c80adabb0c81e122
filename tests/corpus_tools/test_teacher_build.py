"""The teacher stage: texts, plans and corpora that can be read back and resumed."""

import json
import re
from itertools import islice

import pytest

pytest.importorskip("pyworld")
pytest.importorskip("espeakng_loader")
lhotse = pytest.importorskip("lhotse")

from corpus_tools.teacher.build import TeacherSettings, build_teacher  # noqa: E402
from corpus_tools.teacher.coverage import collapsed_phones, train_phones  # noqa: E402
from corpus_tools.teacher.errors import TeacherError  # noqa: E402
from corpus_tools.teacher.plan import make_plan  # noqa: E402
from corpus_tools.teacher.texts import (  # noqa: E402
    LATIN,
    TEST_SENTENCES,
    WordStrings,
    load_sentences,
    test_sentences,
    train_sentences,
)
from diamoe.errors import ConfigError  # noqa: E402
from diamoe.text.frontend import Frontend  # noqa: E402
from diamoe.text.phones import PAUSE, SYLLABLE, PhoneSeq  # noqa: E402

test_sentences.__test__ = False  # a text source, not a test
DIALECTS = [*TeacherSettings().dialects, *LATIN]


def read_cuts(folder):
    fields = {
        name: sorted(str(p) for p in folder.glob(f"{name}.*")) for name in ("cuts", "recording")
    }
    return list(lhotse.CutSet.from_shar(fields=fields))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sentences_are_readable_and_splits_apart(dialect):
    test, train = test_sentences(dialect), train_sentences(dialect)
    assert len(test) == TEST_SENTENCES and len(train) >= 40
    assert not set(test) & set(train)
    assert len(load_sentences(dialect)) == len(set(load_sentences(dialect)))
    frontend = Frontend(dialect)
    for text in (*test, *train):
        assert frontend(text).dialect == dialect


def test_word_strings_are_deterministic_and_of_the_asked_length():
    first = list(islice(WordStrings("putonghua", 5), 8))
    assert first == list(islice(WordStrings("putonghua", 5), 8))
    assert first != list(islice(WordStrings("putonghua", 6), 8))
    for text in first:
        assert text[-1] in "。？！"
        assert 3 <= sum("\u4e00" <= c <= "\u9fff" for c in text) <= 24


@pytest.mark.parametrize("dialect", LATIN)
def test_words_of_a_spaced_language_come_from_its_training_sentences(dialect):
    words = {w for text in train_sentences(dialect) for w in re.findall(r"\w+", text)}
    for text in islice(WordStrings(dialect, 5), 20):
        assert text[-1] in ".?!" and " ," not in text
        assert set(re.findall(r"\w+", text)) <= words
    plan = make_plan(dialect, "train", ["teacher_f1"], 0.05, 1, 20)
    assert all("vowel" in rejected.reason for rejected in plan.rejected)
    assert sum(len(shard) for shard in plan.shards) > 20


def test_plan_keeps_one_voice_a_shard_and_test_texts_out_of_train():
    voices = ["teacher_f1", "teacher_m1"]
    plan = make_plan("chengdu", "train", voices, 0.05, 1, 20)
    for shard in plan.shards:
        assert len({line.voice for line in shard}) == 1 and len(shard) <= 20
    lines = [line for shard in plan.shards for line in shard]
    assert {line.voice for line in lines} == set(voices)
    assert len({line.id for line in lines}) == len(lines)
    assert not {line.text for line in lines} & set(test_sentences("chengdu"))
    assert plan == make_plan("chengdu", "train", voices, 0.05, 1, 20)
    with pytest.raises(TeacherError, match="allowed"):
        make_plan("chengdu", "dev", voices, 0.05, 1, 20)


def test_coverage_counts_phones_and_collapsed_contrasts():
    counts = train_phones("putonghua", 1, 20)
    assert counts["ʂ"] > 5 and SYLLABLE not in counts
    assert collapsed_phones([PhoneSeq.parse("ȵ ˈiᴴᴴ", "chengdu")]) == {"ȵ": "ɲ"}


def settings(out, **changes):
    given = {
        "out": str(out),
        "hours": 0.004,
        "dialects": ["chengdu"],
        "split": "train",
        "voices": ["teacher_f1"],
        "workers": 1,
        "shard_size": 3,
    }
    return TeacherSettings(**(given | changes))


def test_build_writes_cuts_with_exact_phone_times_and_resumes(tmp_path):
    build_teacher(settings(tmp_path))
    folder = tmp_path / "teacher_chengdu_train"
    cuts = read_cuts(folder)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    assert card["utterances"] == len(cuts) > 3
    assert card["hours"] == pytest.approx(sum(c.duration for c in cuts) / 3600, abs=1e-4)
    assert (folder / "rejected.tsv").read_text("utf-8").startswith("id\treason\n")
    for cut in cuts:
        (supervision,) = cut.supervisions
        assert supervision.language == "chengdu" and supervision.speaker == "teacher_f1"
        seq = PhoneSeq.parse(supervision.custom["phones"], "chengdu")
        assert seq == Frontend("chengdu")(supervision.text)
        items = supervision.alignment["phone"]
        wanted = [PAUSE, *(t for t in seq.tokens if t != SYLLABLE), PAUSE]
        assert [i.symbol for i in items] == wanted
        assert sum(i.duration for i in items) == pytest.approx(cut.duration, abs=1e-4)
        assert cut.load_audio().shape == (1, round(cut.duration * 24_000))

    first = folder / "cuts.000000.jsonl.gz"
    kept, stamp = cuts[0].load_audio(), first.stat().st_mtime_ns
    (folder / "card.json").unlink()
    (folder / "cuts.000001.jsonl.gz").unlink()  # as if the run had been broken off
    build_teacher(settings(tmp_path))
    assert first.stat().st_mtime_ns == stamp
    again = read_cuts(folder)
    assert [c.id for c in again] == [c.id for c in cuts]
    assert (again[0].load_audio() == kept).all()
    assert (again[4].load_audio() == cuts[4].load_audio()).all()

    with pytest.raises(TeacherError, match="other settings"):
        build_teacher(settings(tmp_path, seed=2))


def test_build_refuses_wrong_settings_and_foreign_folders(tmp_path):
    with pytest.raises(ConfigError, match="split"):
        build_teacher(settings(tmp_path, split="dev"))
    with pytest.raises(ConfigError, match="hours"):
        build_teacher(settings(tmp_path, hours=0.0))
    with pytest.raises(ConfigError, match="no texts in espeak:es, but in .*dutch, bildts"):
        build_teacher(settings(tmp_path, dialects=["espeak:es"]))
    foreign = tmp_path / "teacher_chengdu_train"
    foreign.mkdir()
    (foreign / "precious.txt").write_text("mine")
    with pytest.raises(TeacherError, match="not a teacher corpus"):
        build_teacher(settings(tmp_path))
