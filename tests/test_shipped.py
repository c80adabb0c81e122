"""The bundle that comes with the package: complete, small, licensed, and intelligible."""

import numpy as np
import pytest

from diamoe import bundle as bundles
from diamoe.demo import SENTENCES
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.tone import measure_f0, syllable_tones, tone_correlation
from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer
from diamoe.text.dialect import DIALECT_CODES
from diamoe.text.frontend import Frontend
from diamoe.text.phones import SYLLABLE

LARGEST = 24_000_000
"""Bytes that the bundle may take in the repository."""
VOICES = "tan kt luilui fakeestate kerstin kathleen nathalie flemishguy teacher".split()


@pytest.fixture(scope="module")
def synthesizer():
    return Synthesizer.from_bundle()


def test_size_voices_and_sources(synthesizer):
    size = sum(f.stat().st_size for f in bundles.SHIPPED.rglob("*") if f.is_file())
    assert size <= LARGEST
    assert set(VOICES) == set(synthesizer.bundle.voices)
    assert set(synthesizer.bundle.casting) == set(DIALECT_CODES)
    assert "teacher" not in synthesizer.bundle.casting.values()
    for voice in synthesizer.bundle.voices.values():
        assert voice.licence and voice.attribution and voice.description
    origin = synthesizer.bundle.origin
    assert origin.command and origin.licence
    assert all(source["licence"] for source in origin.sources)


def test_the_demo_sentences_are_understood(synthesizer):
    """The recogniser hears most phones of the teacher's voice, and F0 follows the tones.

    In one sentence the F0 found may be off by an octave for a syllable, which outweighs the rest.
    """
    ear, tones = Ear(bundles.RECOGNISER), []
    for dialect, text in SENTENCES:
        speech = synthesizer(text, dialect, "teacher")
        assert np.isfinite(speech.wave).all() and 1.0 < speech.seconds < 8.0
        assert ear.error_rate([ear.analyse(speech.wave)], [speech.phones]) < 0.3
        f0 = measure_f0(speech.wave, speech.sample_rate)
        tones.append(syllable_tones(speech.phones, speech.timing, f0))
    each = sorted(tone_correlation(sentence)["pooled"] for sentence in tones)
    assert each[0] > 0.3 and each[1] > 0.5
    found = tone_correlation([tone for sentence in tones for tone in sentence])
    assert found["pooled"] > 0.5 and found["contour"] > 0.7


@pytest.mark.parametrize("voice", VOICES)
def test_every_voice_speaks_every_dialect(synthesizer, voice):
    for dialect, text in SENTENCES[:1] + SENTENCES[-1:]:
        speech = synthesizer(text, dialect, voice, SynthesisOptions(steps=4))
        assert np.abs(speech.wave).max() > 0.05


def test_voices_differ(synthesizer):
    """A man's voice is lower than a woman's."""
    seq = Frontend("putonghua")("今天天气很好。")
    median = {}
    for name in ("tan", "kt"):
        speech = synthesizer.speak_phones(seq, name)
        f0 = measure_f0(speech.wave, speech.sample_rate)
        median[name] = np.median(f0[f0 > 0])
    assert median["kt"] < 0.8 * median["tan"]


def test_no_voice_loses_its_pitch(synthesizer):
    """Within half an octave of its own recording, which is of other words and tones."""
    front = Frontend("putonghua")
    for name, voice in synthesizer.bundle.voices.items():
        spoken = [
            synthesizer.speak_phones(front(text), name).wave
            for text in ("今天天气很好。", "明天下午我们去图书馆看书。")
        ]
        mean = []
        for wave in (np.concatenate(spoken), synthesizer.renderer.prompt_sound(voice)):
            f0 = measure_f0(wave, synthesizer.rate)
            mean.append(np.log2(f0[f0 > 0]).mean())  # of high and low tones alike
        assert 12 * abs(mean[0] - mean[1]) < 6, (name, mean)


def test_speed_changes_length_and_keeps_every_phone(synthesizer):
    seq = Frontend("putonghua")("今天天气很好。")
    slow, fast = (
        synthesizer.speak_phones(seq, options=SynthesisOptions(steps=2, speed=s))
        for s in (0.6, 1.6)
    )
    assert slow.seconds > 1.5 * fast.seconds
    spoken = {t for t in seq.tokens if t not in (SYLLABLE, "。", "∅")}
    assert spoken <= {t.token for t in fast.timing}
