"""From a Shar corpus to a trained recogniser and phone times, on a toy language of tones."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from lhotse import AudioSource, MonoCut, Recording, SupervisionSegment
from lhotse.shar import SharWriter
from lhotse.supervision import AlignmentItem

from corpus_tools.align import Aligner, word_times
from corpus_tools.joining import Joined
from corpus_tools.rejection import Rejected
from diamoe.corpus import open_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.recogniser.alignment import Member
from diamoe.recogniser.codec import CODECS, through_codec
from diamoe.recogniser.data import (
    at_speed,
    collate,
    known_labels,
    read_corpora,
    speaker_bands,
    speaker_frames,
)
from diamoe.recogniser.decode import Recogniser
from diamoe.recogniser.labels import SegmentLabels
from diamoe.recogniser.measure import measure
from diamoe.recogniser.model import PhoneRecogniser, RecogniserConfig
from diamoe.recogniser.phonotactics import Phonotactics
from diamoe.recogniser.storage import load_recogniser, read_facts, save_recogniser
from diamoe.recogniser.train import Trainer, TrainSettings, main, train
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

RATE = 24_000
SOUNDS = {"m": (250, 300), "s": (5000, 7000), "ˈaᴴᴴ": (700, 1200), "ˈiᴴᴴ": (300, 2400)}


def make_cut(name: str, rng: np.random.Generator, timed: bool) -> tuple[MonoCut, list]:
    """Syllables of two sounds between silences, and their true times."""
    tokens: list[str] = []
    for _ in range(3):
        tokens += [str(rng.choice(["m", "s"])), str(rng.choice(["ˈaᴴᴴ", "ˈiᴴᴴ"])), "|"]
    tokens[-1] = "。"
    waves, items, now = [], [], 0.0
    for token in ["_", *(t for t in tokens if t not in "|"), "_"]:
        length = 0.0 if token == "。" else round(rng.uniform(0.08, 0.16), 3)
        time = np.arange(round(length * RATE)) / RATE
        wave = 0.002 * rng.standard_normal(len(time))
        for pitch in SOUNDS.get(token, ()):
            wave = wave + 0.2 * np.sin(2 * np.pi * pitch * time)
        waves.append(wave)
        items.append(AlignmentItem(token, round(now, 5), length))
        now += length
    samples = np.concatenate(waves).astype(np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, RATE, format="WAV")
    source = AudioSource("memory", [0], buffer.getvalue())
    recording = Recording(name, [source], RATE, len(samples), len(samples) / RATE)
    supervision = SupervisionSegment(
        name,
        name,
        0.0,
        recording.duration,
        language="putonghua",
        custom={"phones": " ".join(tokens)},
        alignment={"phone": items} if timed else None,
    )
    cut = MonoCut(name, 0.0, recording.duration, 0, [supervision], recording=recording)
    return cut, items


def make_corpus(folder: Path, count: int, seed: int, timed: bool) -> dict[str, list]:
    rng = np.random.default_rng(seed)
    truth = {}
    folder.mkdir(parents=True)
    with SharWriter(str(folder), fields={"recording": "flac"}, shard_size=20) as writer:
        for i in range(count):
            cut, truth[f"{folder.name}-{i}"] = make_cut(f"{folder.name}-{i}", rng, timed)
            writer.write(cut)
    (folder / "rejected.tsv").write_text("id\treason\n")
    return truth


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A trained toy recogniser, an untimed corpus and its true times."""
    root = tmp_path_factory.mktemp("toy")
    make_corpus(root / "timed", 24, 0, timed=True)
    truth = make_corpus(root / "untimed", 24, 1, timed=False)
    settings = TrainSettings(
        corpora=[str(root / "timed")],
        heldout=[str(root / "untimed")],
        out=str(root / "recogniser"),
        steps=150,
        max_frames=1200,
        threads=1,
        bf16=False,
        save_every=20,
        model=RecogniserConfig(dim=32, blocks=2, kernel=5),
    )
    return root, truth, settings, train(settings)


def test_training_learns_the_toy_language(toy):
    _, _, _, errors = toy
    assert errors["untimed"].phone_error_rate < 0.1
    assert errors["untimed"].tone_error_rate < 0.6  # one that hears nothing has 1
    assert read_facts(toy[2].out)["heldout"]["untimed"]["phone_error_rate"] < 0.1


def test_a_finished_run_is_not_trained_again(toy):
    root, _, settings, errors = toy
    before = torch.load(root / "recogniser" / "checkpoint.pt", weights_only=True)[0]
    assert before == 150
    phonotactics = load_recogniser(settings.out).phonotactics.pairs
    assert train(settings) == errors
    again = load_recogniser(settings.out).phonotactics.pairs
    assert torch.equal(again["putonghua"], phonotactics["putonghua"])


def test_alignment_finds_the_times(toy):
    root, truth, settings, _ = toy
    aligner = Aligner(settings.out)
    errors = []
    for cut in open_corpus(root / "untimed"):
        supervision = cut.supervisions[0]
        seq = PhoneSeq.parse(supervision.custom["phones"], supervision.language)
        spelt = tuple((f"word{i}", 1) for i in range(3))
        (found,) = aligner.align([Joined(cut.load_audio()[0], "", seq, (), spelt)])
        assert [t.symbol for t in found.times] == [i.symbol for i in truth[cut.id]]
        assert found.times[-1].start + found.times[-1].duration == pytest.approx(
            cut.duration, abs=1e-4
        )
        assert found.score < 0
        pairs = zip(found.times[1:], truth[cut.id][1:], strict=True)
        errors += [abs(a.start - b.start) for a, b in pairs]
        phones = [(t.symbol, t.start, t.duration) for t in found.times]
        words = word_times(seq, phones, spelt)
        assert [w[0] for w in words] == ["word0", "word1", "word2"]
        assert words[1][1] == phones[3][1]
        assert words[1][1] + words[1][2] == pytest.approx(phones[5][1], abs=1e-4)
    assert np.mean(errors) < 0.025
    assert np.quantile(errors, 0.9) < 0.05


def test_what_cannot_be_aligned_is_named(toy):
    *_, settings, _ = toy
    seq = PhoneSeq.parse("m ˈaᴴᴴ | s ˈiᴴᴴ | m ˈiᴴᴴ | s ˈaᴴᴴ | 。", "putonghua")
    (found,) = Aligner(settings.out).align([Joined(np.zeros(1200, np.float32), "", seq, ())])
    assert isinstance(found, Rejected) and found.kind == "too short for its phones"


def test_known_labels_follow_the_times(toy):
    root, *_ = toy
    labels = SegmentLabels(("m", "s", "a", "i"))
    utterance = read_corpora([root / "timed"], limit=1, progress=False)[0]
    found = known_labels(utterance, labels, (len(utterance.mel) + 1) // 2)
    item = utterance.times[2]
    middle = int((item.start + item.duration / 2) * RATE / 512)
    assert labels.segments[found[middle] - 1] in ("a", "i")
    assert found[0] == 0


def test_measure_knows_boundaries_only_of_timed_corpora(toy):
    root, _, settings, errors = toy
    timed = measure(load_recogniser(settings.out), read_corpora([root / "timed"], progress=False))
    assert timed.boundary_error < 25 and timed.within_50ms > 0.9 and timed.too_short == 0
    assert errors["untimed"].boundary_error is None


def test_a_run_starts_from_a_recogniser_of_other_classes(toy, tmp_path):
    root, _, settings, _ = toy
    labels = SegmentLabels.of(PhoneVocabulary.default())
    model = PhoneRecogniser(replace(settings.model, classes=4, tones=2))
    few = SegmentLabels(("s", "ʘ", "m"), ("ᴴᴴ",))
    save_recogniser(tmp_path / "few", Recogniser(model, few, Phonotactics({}, 4)))
    trainer = Trainer(
        replace(settings, out=str(tmp_path / "new"), start=str(tmp_path / "few")), labels
    )
    trainer.resume()
    for segment in ("s", "m"):
        mine = trainer.model.head.weight[labels.segments.index(segment) + 1]
        theirs = model.head.weight[few.segments.index(segment) + 1]
        assert torch.allclose(mine, theirs, atol=1e-3)
    mine = trainer.model.tone_head.weight[labels.tones.index("ᴴᴴ") + 1]
    assert torch.allclose(mine, model.tone_head.weight[1], atol=1e-3)
    wide = replace(settings, model=RecogniserConfig(dim=16), start=str(tmp_path / "few"))
    with pytest.raises(ConfigError, match="start: .* needed"):
        Trainer(replace(wide, out=str(tmp_path / "wide")), labels).resume()


def test_a_checkpoint_of_another_version_is_named(toy, tmp_path):
    *_, settings, _ = toy
    torch.save([3, {}, {}, {}], tmp_path / "checkpoint.pt")
    labels = SegmentLabels.of(PhoneVocabulary.default())
    with pytest.raises(ConfigError, match="holds 4 parts, needed 5"):
        Trainer(replace(settings, out=str(tmp_path)), labels).resume()


def test_speed_scales_times_members_and_frames(toy):
    root, *_ = toy
    utterance = read_corpora([root / "timed"], limit=1, progress=False)[0]
    utterance = replace(utterance, members=(Member("m a", 0.0, 0.5),))
    fast = at_speed(utterance, 1.25)
    assert len(fast.mel) == round(len(utterance.mel) / 1.25)
    assert fast.members[0].end == 0.4
    assert fast.times[3].start == pytest.approx(utterance.times[3].start / 1.25)
    assert fast.seconds == utterance.seconds / 1.25


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_keep_place_and_length_but_not_every_sample(codec):
    rng = np.random.default_rng(0)
    time = np.arange(RATE) / RATE
    wave = np.sin(2 * np.pi * 300 * time) * (np.sin(2 * np.pi * 3 * time) > 0)
    wave = (0.3 * wave + 0.01 * rng.standard_normal(RATE)).astype(np.float32)
    coded = through_codec(wave, RATE, codec)
    assert len(coded) == len(wave)
    likeness = [np.corrcoef(wave[5000:15000], coded[5000 + o : 15000 + o])[0, 1] for o in (0, 40)]
    assert likeness[0] > 0.8 and likeness[0] > likeness[1]
    assert not np.allclose(coded, wave, atol=1e-4)


def test_faults_are_named(tmp_path, capsys):
    with pytest.raises(ConfigError, match="allowed: gsm"):
        through_codec(np.zeros(9, np.float32), RATE, "amr")
    with pytest.raises(CorpusError, match="no prepared corpus"):
        read_corpora([tmp_path])
    assert main(["stepz=3"]) == 2
    assert "unknown setting 'stepz'; known settings: corpora" in capsys.readouterr().err


def test_speakers_are_known_from_all_that_they_say(tmp_path):
    make_corpus(tmp_path / "c", 6, 0, timed=True)
    nameless = read_corpora([tmp_path / "c"], progress=False)
    named = [replace(u, speaker="ab"[i % 2]) for i, u in enumerate(nameless)]
    frames = speaker_frames(named, 8, seed=0)
    assert set(frames) == {"a", "b"} and speaker_frames(nameless, 8, seed=0) == {}
    said = np.concatenate([u.mel for u in named[::2]]).astype(np.float32)
    assert all((said == frame).all(1).any() for frame in frames["a"].numpy())
    first, _, third, *_ = speaker_bands(named)
    assert torch.equal(first.mean, third.mean)
    assert torch.allclose(first.mean, torch.from_numpy(said).mean(0), atol=1e-3)
    own = speaker_bands(nameless)[0].mean
    assert torch.allclose(own, torch.from_numpy(nameless[0].mel).float().mean(0), atol=1e-3)
    settings = TrainSettings(bf16=False, model=RecogniserConfig(dim=16, blocks=1))
    labels = SegmentLabels.of(PhoneVocabulary.default())

    def losses(known: float, utterances: list) -> dict[str, float]:
        trainer = Trainer(replace(settings, known=known), labels)
        return trainer._update(collate(utterances), frames)

    assert losses(1.0, named) != losses(0.0, named)
    assert losses(1.0, nameless) == losses(0.0, nameless)
