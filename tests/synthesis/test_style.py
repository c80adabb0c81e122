"""Style by a reference, and the mark that says that speech is synthetic."""

import math
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from diamoe.audio.augment import Change, perturb
from diamoe.cli import main
from diamoe.errors import AudioError
from diamoe.synthesis.style import melody, read_style, styled
from diamoe.synthesis.synthesizer import SynthesisOptions

RATE = 24_000
FASTER = 1.25


@pytest.fixture(scope="module")
def recordings(shipped, tmp_path_factory):
    """A clear recording of 4 s, and the same faster, higher and half as loud."""
    folder = tmp_path_factory.mktemp("style")
    options = SynthesisOptions(steps=4)
    speech = shipped("今天天气很好，我们一起去公园散步吧。", voice="teacher", options=options)
    spoken = np.pad(0.5 * speech.wave, (RATE, RATE))
    change = Change(FASTER, 12 * math.log2(FASTER))
    quick = perturb(spoken.astype(np.float32), RATE, change)
    for name, wave in (("own", spoken), ("quick", 0.5 * quick)):
        soundfile.write(folder / f"{name}.wav", wave, RATE)
    return folder / "own.wav", folder / "quick.wav"


def test_a_style_is_heard_in_a_recording_and_asked_of_a_voice(recordings, shipped):
    own, quick = (read_style(file, "putonghua", RATE) for file in recordings)
    assert quick.pitch / own.pitch == pytest.approx(FASTER, rel=0.05)
    assert quick.level - own.level == pytest.approx(-6, abs=1)
    assert own.pace - quick.pace == pytest.approx(math.log(FASTER), abs=0.15)
    voice = shipped.voice("tan", "putonghua")
    plain = SynthesisOptions(steps=6)
    slow, fast = (styled(plain, style, shipped, voice, "putonghua") for style in (own, quick))
    assert fast.speed / slow.speed == pytest.approx(math.exp(own.pace - quick.pace))
    assert fast.pitch - slow.pitch == pytest.approx(12 * math.log2(quick.pitch / own.pitch))
    assert fast.energy - slow.energy == pytest.approx(quick.level - own.level)
    asked = (slow, replace(slow, pitch=fast.pitch), replace(slow, speed=fast.speed))
    before, higher, faster = (
        shipped("我们一起去公园散步吧。", voice="tan", options=o) for o in asked
    )
    heard = [melody(speech.wave, RATE, "speech")[0] for speech in (before, higher)]
    assert heard[1] / heard[0] == pytest.approx(FASTER, rel=0.1)
    quicker = fast.speed / slow.speed
    assert quicker > 1.05
    assert before.seconds / faster.seconds == pytest.approx(quicker, rel=0.1)


def test_a_recording_without_a_voice_has_no_style(tmp_path):
    noise = 0.1 * np.random.default_rng(0).normal(size=3 * RATE)
    with pytest.raises(AudioError, match="no voiced sound"):
        melody(np.zeros(RATE), RATE, "silence")
    soundfile.write(tmp_path / "short.wav", noise[:RATE], RATE)
    words = ["synthesize", "你好", "--style", str(tmp_path / "short.wav")]
    assert main([*words, "-o", str(tmp_path / "a.wav")]) == 1
    assert not (tmp_path / "a.wav").exists()


def test_the_mark_is_found_and_hardly_changes_the_sound(spoken, tmp_path, capsys):
    pytest.importorskip("perth")
    from diamoe.synthesis.watermark import MARKED, likelihood, marked

    plain = spoken.astype(np.float32)
    changed = marked(plain, RATE)
    assert len(changed) == len(plain)
    assert likelihood(plain, RATE) < MARKED <= likelihood(changed, RATE)
    noise = np.square(changed - plain).mean() / np.square(plain).mean()
    assert -60 < 10 * np.log10(noise) < -12
    soundfile.write(tmp_path / "a.wav", changed, RATE)
    assert main(["watermark", str(tmp_path / "a.wav")]) == 0
    assert ": marked" in capsys.readouterr().out
