"""Sentences of prepared corpora in another voice."""

import json

import numpy as np
import pytest
from lhotse import Recording
from lhotse.supervision import AlignmentItem

from corpus_tools.__main__ import main
from corpus_tools.revoicing import RevoiceSettings, revoice
from diamoe.audio.files import write_audio
from diamoe.corpus import open_corpus
from diamoe.errors import ConfigError, CorpusError, UnknownVoice
from diamoe.synthesis.synthesizer import Synthesizer
from tests.adaptation.corpus import dialect_corpus
from tests.factory import tiny_bundle


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What every run has in common: a corpus of tones and a voice that never learned to speak."""
    folder = tmp_path_factory.mktemp("revoicing")
    corpus = str(dialect_corpus(folder / "town", 4))
    base = str(tiny_bundle(folder / "bundle"))
    return {"corpora": [corpus], "recordings": corpus, "voice": "anna", "bundle": base, "steps": 1}


@pytest.fixture(scope="module")
def written(told, tmp_path_factory):
    out = tmp_path_factory.mktemp("revoiced")
    settings = RevoiceSettings(**told, out=str(out), more_errors=1.0, minutes=0.02)
    revoice(settings)
    return settings, out / "anna_town"


def test_the_same_phones_and_times_in_the_voice_and_another_sound(told, written):
    _, folder = written
    before = list(open_corpus(told["corpora"][0]))
    after = list(open_corpus(folder))
    assert 1 <= len(after) < len(before)  # 0.02 minutes are enough
    for old, new in zip(before, after, strict=False):
        ours, theirs = new.supervisions[0], old.supervisions[0]
        assert (new.id, ours.speaker) == (f"anna-{old.id}", "anna")
        assert ours.alignment == theirs.alignment and ours.custom == theirs.custom
        assert (ours.text, ours.language) == (theirs.text, theirs.language)
        assert new.num_samples == old.num_samples
        assert np.abs(new.load_audio() - old.load_audio()).max() > 0.01
    card = json.loads((folder / "card.json").read_text())
    assert card["starts"] == {"0.2": len(after)} and card["left_out"] == 0
    assert card["licence"] == "CC0-1.0 (sentences), CC0-1.0 (voice)"


def test_what_is_finished_stays_and_other_settings_are_refused(written):
    settings, folder = written
    before = (folder / "card.json").stat().st_mtime_ns
    revoice(settings)
    assert (folder / "card.json").stat().st_mtime_ns == before
    with pytest.raises(CorpusError, match="other settings"):
        revoice(RevoiceSettings(**{**vars(settings), "steps": 2}))


def test_a_folder_that_holds_something_else_is_left_alone(told, tmp_path):
    (tmp_path / "anna_town").mkdir()
    (tmp_path / "anna_town" / "diary.txt").write_text("mine")
    with pytest.raises(CorpusError, match="not a prepared corpus; move it"):
        revoice(RevoiceSettings(**told, out=str(tmp_path)))
    assert (tmp_path / "anna_town" / "diary.txt").read_text() == "mine"


def test_a_voice_that_nobody_understands_writes_nothing(told, tmp_path):
    speech = Synthesizer.from_bundle()("今天天气很好。", voice="teacher")

    def spoken(cut, _):
        """The cut as real speech: what the recogniser understands."""
        sound = tmp_path / f"{cut.id}.wav"
        write_audio(sound, speech.wave, speech.sample_rate)
        cut.recording = Recording.from_file(sound, recording_id=cut.id)
        cut.duration = cut.recording.duration
        told = cut.supervisions[0]
        told.duration, told.language = cut.duration, speech.phones.dialect
        told.custom["phones"] = " ".join(speech.phones.tokens[:-2])  # the full stop takes no time
        told.alignment["phone"] = [
            AlignmentItem(p.token, p.start, p.end - p.start) for p in speech.timing
        ]

    corpus = dialect_corpus(tmp_path / "real", 1, change=spoken)
    settings = told | {"corpora": [str(corpus)], "out": str(tmp_path / "out"), "starts": [0.0]}
    with pytest.raises(CorpusError, match="none of 1 sentences is understood in the voice anna"):
        revoice(RevoiceSettings(**settings))
    assert not any((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"voice": "bert"}, UnknownVoice, "bert"),
        ({"speakers": ["nobody"]}, CorpusError, "no sentence by nobody"),
        ({"speaker": "nobody"}, CorpusError, "no phone in common"),
        ({"starts": [1.0]}, ConfigError, "starts"),
        ({"minutes": 0.0}, ConfigError, "minutes"),
        ({"recordings": ""}, ConfigError, "recordings is empty"),
        ({"corpora": ["nowhere/*"]}, ConfigError, "nowhere"),
    ],
)
def test_bad_settings_are_named(told, tmp_path, change, error, said):
    with pytest.raises(error, match=said):
        revoice(RevoiceSettings(**{**told, "out": str(tmp_path), **change}))


def test_the_command(told, tmp_path, capsys):
    words = [f"{k}={v[0] if isinstance(v, list) else v}" for k, v in told.items()]
    done = main(["revoice", *words, f"out={tmp_path}", "more_errors=1", "minutes=0.02"])
    assert done == 0 and (tmp_path / "anna_town" / "card.json").is_file()
    assert main(["revoice", "voice=anna"]) == 2
    assert "corpora is empty" in capsys.readouterr().err
