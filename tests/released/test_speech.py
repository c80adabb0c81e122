"""Imported bundles speak, from Python and from the command line."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from diamoe import bundle as bundles
from diamoe.errors import BundleError
from diamoe.released.importing import import_checkpoint
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary
from tests.released.checkpoints import Sizes, make, write_words

QUICK = SynthesisOptions(steps=2)


@pytest.fixture(scope="module")
def speaking(tmp_path_factory):
    """A checkpoint that knows every phone, and its vocabulary: (file, vocab.txt)."""
    folder = tmp_path_factory.mktemp("speaking")
    phones = [t for t in PhoneVocabulary.default().tokens if t not in (SYLLABLE, *PUNCTUATION)]
    tokens = [" ", "，", "。", "？", "！", "、", "…", *(f"[{p}]" for p in phones)]
    torch.save(make(Sizes(mels=100, tokens=len(tokens))), folder / "model.pt")
    return folder / "model.pt", write_words(folder, tokens)


def test_an_imported_bundle_speaks(speaking, tmp_path):
    import_checkpoint(*speaking, tmp_path / "bundle")
    synthesizer = Synthesizer.from_bundle(tmp_path / "bundle")
    assert set(synthesizer.bundle.voices) == set(bundles.load().voices)
    for dialect, text in (("chengdu", "今天天气好"), ("cantonese", "我钟意广州：春天。")):
        speech = synthesizer(text, dialect, options=QUICK)
        assert np.isfinite(speech.wave).all() and 0.3 < speech.seconds < 6
        assert speech.timing[-1].end == pytest.approx(speech.seconds, abs=0.02)
    slow = synthesizer("今天天气好", options=replace(QUICK, speed=0.5))
    assert slow.seconds > 1.9 * synthesizer("今天天气好", options=QUICK).seconds


def test_speech_is_a_guided_sample_after_the_prompt(speaking, tmp_path):
    """The synthesizer does what `sample` does: the voice's text and mel first, the gate on the
    target alone."""
    import_checkpoint(*speaking, tmp_path / "bundle")
    bundle = bundles.load(tmp_path / "bundle")
    voice = bundle.voices["tan"]
    seq = PhoneSeq.parse("n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ 。", "putonghua")
    speech = Synthesizer(bundle, precision="32").speak_phones(seq, "tan", QUICK)
    prompt = bundle.vocabulary.encode(voice.phones)
    ids = torch.tensor([[*prompt, 0, *bundle.vocabulary.encode(seq)]])
    frames = len(voice.mel) + len(speech.mel)
    noise = torch.randn(1, frames, 100, generator=torch.Generator().manual_seed(0))
    mel = bundle.model.sample(noise, voice.mel[None], ids, steps=2, gate_from=len(prompt) + 1)
    torch.testing.assert_close(torch.from_numpy(speech.mel), mel[0, len(voice.mel) :])
    assert torch.equal(mel[0, : len(voice.mel)], voice.mel)


def test_very_fast_speech_has_room_for_its_text(speaking, tmp_path):
    import_checkpoint(*speaking, tmp_path / "bundle")
    bundle = bundles.load(tmp_path / "bundle")
    bundle.voices.clear()
    seq = PhoneSeq.parse("n ˈiᴹᴸ | χ ˈɑᴹᴸ ʊ̯ 。", "putonghua")
    speech = Synthesizer(bundle).speak_phones(seq, options=replace(QUICK, speed=4.0))
    assert len(speech.mel) > len(bundle.vocabulary.encode(seq))


def test_a_model_of_characters_says_that_it_cannot_speak(tmp_path):
    words = [" ", "a", "b", "c"]
    torch.save(make(Sizes(experts=0, mels=100, tokens=4)), tmp_path / "model.pt")
    imported = import_checkpoint(
        tmp_path / "model.pt", write_words(tmp_path, words), tmp_path / "bundle"
    )
    assert imported.description.startswith("F5-TTS, plain")
    bundle = bundles.load(tmp_path / "bundle")
    assert bundle.vocabulary.ids(["b", "c"]) == [2, 3] and not bundle.voices
    with pytest.raises(BundleError, match="characters and pinyin"):
        Synthesizer(bundle)


def tts(*words):
    return subprocess.run(
        [sys.executable, "-m", "diamoe.cli", *map(str, words)], capture_output=True, check=False
    )


def test_the_command_imports_and_speaks(speaking, tmp_path):
    file, words = speaking
    run = tts("import", file, "--vocab", words, "-o", tmp_path / "bundle")
    said = run.stderr.decode()
    assert run.returncode == 0, said
    assert "DiaMoE-TTS, 3 mlp experts" in said and "assumed" in said and "CC-BY-NC-4.0" in said
    out = tmp_path / "out.wav"
    run = tts("synthesize", "你好", "--bundle", tmp_path / "bundle", "--steps", 1, "-o", out)
    assert run.returncode == 0, run.stderr
    assert out.stat().st_size > 10_000


def test_the_command_names_a_fault_in_one_line(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"not a checkpoint")
    words = write_words(tmp_path)
    run = tts("import", tmp_path / "model.pt", "--vocab", words, "-o", tmp_path / "bundle")
    assert run.returncode == 1 and b"Traceback" not in run.stderr
    assert run.stderr.startswith(b"tts: ") and b"model.pt" in run.stderr
    (tmp_path / "file").touch()
    torch.save(make(Sizes()), tmp_path / "model.pt")
    run = tts("import", tmp_path / "model.pt", "--vocab", words, "-o", tmp_path / "file")
    assert run.returncode == 1 and b"cannot write the bundle" in run.stderr
