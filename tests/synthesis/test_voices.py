"""Prompts and cloned voices, and where they are kept."""

import numpy as np
import pytest
import soundfile
import torch

from diamoe.errors import AudioError, ConfigError, UnknownVoice
from diamoe.synthesis.cloning import clone_voice
from diamoe.synthesis.prompt import BadPrompt, make_prompt, read_prompt
from diamoe.synthesis.saved import remove_voice, save_voice, saved_voices
from tests.factory import tiny_voice
from tests.synthesis.conftest import TEXT


def test_a_prompt_is_trimmed_and_brought_to_its_level(spoken):
    prompt = make_prompt(spoken, 24_000, 24_000)
    assert prompt.seconds < len(spoken) / 24_000 - 1.0
    quieter = make_prompt(0.1 * spoken, 24_000, 24_000)
    assert np.allclose(prompt.wave, quieter.wave, atol=1e-3)


@pytest.mark.parametrize("text", [TEXT, None])
def test_a_voice_is_cloned_with_and_without_a_transcript(spoken, text):
    voice = clone_voice("me", make_prompt(spoken, 24_000, 24_000), "putonghua", text)
    assert int(voice.durations.sum()) == len(voice.mel)
    assert len(voice.durations) == len(voice.phones) + 2
    assert 1.0 < voice.pace < 3.5


def test_stereo_at_8_khz_is_read(spoken, tmp_path):
    slow = np.stack((spoken[::3], spoken[::3]), axis=1)
    soundfile.write(tmp_path / "a.wav", slow, 8_000)
    prompt = read_prompt(tmp_path / "a.wav", 24_000)
    assert prompt.sample_rate == 24_000 and prompt.seconds > 1.5


def test_prompts_that_cannot_be_used_are_named(spoken, tmp_path):
    soundfile.write(tmp_path / "silence.wav", np.zeros(72_000), 24_000)
    soundfile.write(tmp_path / "hour.wav", np.zeros(3600 * 100), 100)
    soundfile.write(tmp_path / "short.wav", spoken[24_000:40_000], 24_000)
    (tmp_path / "text.wav").write_text("not a sound")
    said = {"silence": "silence", "hour": "at most 60", "short": "too short"}
    for name, reason in said.items():
        with pytest.raises(BadPrompt, match=reason):
            read_prompt(tmp_path / f"{name}.wav", 24_000)
    with pytest.raises(AudioError, match="not a readable"):
        read_prompt(tmp_path / "text.wav", 24_000)


def test_noise_is_doubted(spoken):
    noise = torch.randn(len(spoken), generator=torch.Generator().manual_seed(0)).numpy()
    clean, noisy = (
        make_prompt(spoken[20_000:-20_000] + n * noise[20_000:-20_000], 24_000, 24_000)
        for n in (0.0, 0.05)
    )
    assert not any("noisy" in d for d in clean.doubts)
    assert any("noisy" in d for d in noisy.doubts)


def test_voices_are_kept_and_forgotten(tmp_path):
    save_voice(tiny_voice("ben"), tmp_path)
    assert torch.equal(saved_voices(tmp_path)["ben"].durations, tiny_voice().durations)
    with pytest.raises(ConfigError, match="allowed"):
        save_voice(tiny_voice("../ben"), tmp_path)
    remove_voice("ben", tmp_path)
    with pytest.raises(UnknownVoice):
        remove_voice("ben", tmp_path)
