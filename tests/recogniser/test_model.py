"""The network, its labels, augmentation and file form."""

import itertools

import pytest
import torch
from safetensors.torch import save_file

from diamoe.errors import BundleError, UnknownPhone
from diamoe.recogniser.augment import AugmentConfig, augment
from diamoe.recogniser.decode import Recogniser, best_labels, phone_error_rate, posteriors
from diamoe.recogniser.labels import SegmentLabels, collapse
from diamoe.recogniser.model import Bands, PhoneRecogniser, RecogniserConfig, normalise
from diamoe.recogniser.phonotactics import Phonotactics
from diamoe.recogniser.storage import load_recogniser, save_recogniser
from diamoe.text.phones import PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary

LABELS = SegmentLabels(("m", "a", "i"))
SAID = {
    "putonghua": ["m ˈaᴴᴴ | m ˈiᴴᴴ 。"] * 9,
    "cantonese": ["m ˈaᴴᴴ | ∅ ˈaᴸᴸ | m ˈaᴸᴸ 。"] * 9,
}


def counted(labels: SegmentLabels = LABELS) -> Phonotactics:
    seqs = [PhoneSeq.parse(text, dialect) for dialect, said in SAID.items() for text in said]
    return Phonotactics.count(seqs, labels)


@pytest.fixture
def model() -> PhoneRecogniser:
    torch.manual_seed(0)
    return PhoneRecogniser(RecogniserConfig(classes=4, dim=16, blocks=2, kernel=5)).eval()


def test_padding_and_batch_mates_change_nothing(model):
    mel = torch.randn(2, 61, 100)
    together = posteriors(model, mel, torch.tensor([61, 40]))
    alone = posteriors(model, mel[1:, :40], torch.tensor([40]))
    assert together[0].shape == (31, 4) and together[1].shape == (20, 4)
    assert torch.allclose(together[1], alone[0], atol=1e-5)


def test_gain_and_tone_colour_change_nothing(model):
    mel, frames = torch.randn(1, 50, 100), torch.tensor([50])
    coloured = mel + torch.linspace(-3, 2, 100)
    assert torch.allclose(model(mel, frames), model(coloured, frames), atol=1e-4)


def test_a_known_speaker_helps_short_utterances_and_hardly_long_ones():
    torch.manual_seed(0)
    bands = Bands.of([torch.randn(4000, 3) * 2 + 5])
    vowel = torch.full((1, 20, 3), 6.0)
    alone, known = (normalise(vowel, torch.tensor([20]), who) for who in (None, bands))
    assert alone.abs().max() < 1e-5  # the mean of one long vowel is the vowel itself
    assert known.mean() == pytest.approx(0.5, abs=0.05)
    long = torch.randn(1, 9500, 3)
    gap = normalise(long, torch.tensor([9500]), bands).mean().item()
    assert gap == pytest.approx(-0.05 * 5, abs=0.06)  # KNOWN / (KNOWN + 9500) of the way


def test_rows_have_their_own_speakers_and_padding_changes_nothing(model):
    mel, frames = torch.randn(2, 61, 100), torch.tensor([61, 40])
    rows = [Bands.of([torch.randn(300, 100) + i]) for i in range(2)]
    together = posteriors(model, mel, frames, Bands.stack(rows))
    alone = posteriors(model, mel[1:, :40], torch.tensor([40]), rows[1])
    assert torch.allclose(together[1], alone[0], atol=1e-5)
    own = Bands.of([mel[0]])  # who is known from this utterance only is not known
    assert torch.allclose(model(mel[:1], frames[:1]), model(mel[:1], frames[:1], own), atol=1e-4)


def test_probabilities_sum_to_one(model):
    total = model(torch.randn(1, 20, 100), torch.tensor([20])).exp().sum(-1)
    assert torch.allclose(total, torch.ones_like(total), atol=1e-5)


def test_default_size_fits_the_package(tmp_path):
    labels = SegmentLabels.of(PhoneVocabulary.default())
    model = PhoneRecogniser(RecogniserConfig(classes=len(labels)))
    save_recogniser(tmp_path, Recogniser(model, labels, Phonotactics({}, len(labels))))
    assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 8e6


def test_saved_and_loaded_hears_the_same(model, tmp_path):
    save_recogniser(tmp_path, Recogniser(model, LABELS, counted()), {"corpora": ["x"]})
    again = load_recogniser(tmp_path)
    mel, frames = torch.randn(1, 30, 100), torch.tensor([30])
    assert again.labels == LABELS
    assert torch.allclose(model(mel, frames), again.model(mel, frames), atol=1e-2)
    for dialect in (*SAID, "hokkien"):
        expected = again.phonotactics.expected(dialect)
        assert torch.equal(expected, counted().expected(dialect))
    assert len(again.hear(mel, frames, ["putonghua"])) == 1


def test_broken_folders_are_named(model, tmp_path):
    with pytest.raises(BundleError, match="not a recogniser"):
        load_recogniser(tmp_path)
    few = SegmentLabels(("m",))
    save_recogniser(tmp_path, Recogniser(model, few, Phonotactics({}, 2)))
    with pytest.raises(BundleError, match="2 labels, 4 classes"):
        load_recogniser(tmp_path)
    for wrong in (torch.tensor([[0], [4], [1]]), torch.zeros(2, 3, dtype=torch.int32)):
        save_recogniser(tmp_path, Recogniser(model, LABELS, Phonotactics({"x": wrong}, 4)))
        with pytest.raises(BundleError, match="pairs of 'x' that are not of its classes"):
            load_recogniser(tmp_path)
    save_recogniser(tmp_path, Recogniser(model, LABELS, counted()))
    save_file({"x": torch.zeros(1)}, tmp_path / "recogniser.safetensors")
    with pytest.raises(BundleError, match="unreadable weights"):
        load_recogniser(tmp_path)
    (tmp_path / "recogniser.safetensors").write_bytes(b"junk")
    with pytest.raises(BundleError, match="unreadable weights"):
        load_recogniser(tmp_path)


def test_labels_leave_out_what_has_no_sound():
    seq = PhoneSeq.parse("∅ ˈaᴴᴴ | m ˈĭ 。", "putonghua")
    assert LABELS.encode(seq) == [2, 1, 3]
    with pytest.raises(UnknownPhone, match="'k'"):
        LABELS.encode(PhoneSeq.parse("k", "putonghua"))


def test_every_vocabulary_token_has_a_class():
    vocabulary = PhoneVocabulary.default()
    labels = SegmentLabels.of(vocabulary)
    for token in vocabulary.tokens:
        assert len(labels.encode(PhoneSeq((token,), "putonghua"))) <= 1


def test_without_expectations_the_best_class_of_each_frame_is_heard():
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        scores = torch.randn(30, 4, generator=generator).log_softmax(-1)
        best = collapse(scores.argmax(-1).tolist())
        assert best_labels(scores, torch.zeros(4, 4)) == best


def test_the_best_labels_are_the_best_of_all():
    """Against every path there is."""
    generator = torch.Generator().manual_seed(0)
    paths = list(itertools.product(range(3), repeat=5))
    for _ in range(20):
        scores = torch.randn(5, 3, generator=generator).log_softmax(-1)
        expected = torch.randn(3, 3, generator=generator)

        def worth(path, scores=scores, expected=expected):
            said = [0, *collapse(path), 0]
            steps = zip(said[:-1], said[1:], strict=True)
            sound = sum(float(scores[t, c]) for t, c in enumerate(path))
            return sound + sum(float(expected[pair]) for pair in steps)

        assert best_labels(scores, expected) == collapse(max(paths, key=worth))


def test_doubtful_sounds_are_heard_as_the_dialect_has_them():
    doubtful = torch.tensor([[0.04, 0.9, 0.03, 0.03], *[[0.1, 0.1, 0.42, 0.38]] * 2]).log()
    phonotactics = Phonotactics.count(
        [PhoneSeq.parse("m ˈaᴴᴴ", "cantonese"), PhoneSeq.parse("m ˈiᴴᴴ", "putonghua")] * 30, LABELS
    )
    heard = {
        dialect: LABELS.decode(best_labels(doubtful, phonotactics.expected(dialect)))
        for dialect in ("cantonese", "putonghua", "hokkien")
    }
    assert heard == {"cantonese": ["m", "a"], "putonghua": ["m", "i"], "hokkien": ["m", "a"]}
    clear = torch.tensor([[0.01, 0.97, 0.01, 0.01], *[[1e-5, 1e-5, 1.0, 1e-5]] * 3]).log()
    assert best_labels(clear, phonotactics.expected("putonghua")) == [1, 2]


def test_phone_error_rate():
    assert phone_error_rate([["m", "a"], ["i"]], [["m", "a", "i"], ["i"]]) == 0.25


def test_augmentation_follows_its_generator_and_may_be_off():
    mel, frames = torch.randn(3, 40, 100) - 4, torch.tensor([40, 30, 20])

    def run(config: AugmentConfig, seed: int) -> torch.Tensor:
        return augment(mel, frames, config, torch.Generator().manual_seed(seed))

    assert torch.equal(run(AugmentConfig(), 1), run(AugmentConfig(), 1))
    assert not torch.equal(run(AugmentConfig(), 1), run(AugmentConfig(), 2))
    off = AugmentConfig(warp=0.0, noise=0.0, time_masks=0, band_masks=0)
    assert torch.allclose(run(off, 1), mel)
