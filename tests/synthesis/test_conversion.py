"""A sentence of one voice in another."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from diamoe.audio.mel import LogMel
from diamoe.bundle import RECOGNISER
from diamoe.errors import ConfigError
from diamoe.evaluation.distance import cepstra
from diamoe.evaluation.ear import Ear
from diamoe.synthesis.conversion import convert
from diamoe.text.phones import PhoneSeq


@pytest.fixture(scope="module")
def sentence(shipped):
    """The teacher's phones, durations and mel of a sentence."""
    speech = shipped("今天天气很好，我们去公园。", voice="teacher")
    mel = LogMel(shipped.bundle.mel)(torch.from_numpy(speech.wave)[None])[0]
    seq = PhoneSeq(speech.phones.tokens, speech.phones.dialect)
    durations = shipped.planner.durations(seq, shipped.voice("teacher", ""), 1.0)
    return seq, durations, mel[: int(durations.sum())]


def said(shipped, sentence, start, seed=0):
    seq, durations, mel = sentence
    model = shipped.bundle.model
    voice = shipped.voice("tan", "")
    with torch.inference_mode():
        conditioning = shipped.planner.conditioning(seq, durations, voice)
    sampling = replace(shipped.sampling, steps=6)
    return convert(model.dit, conditioning, mel, model.config.scale, sampling, start, seed)


def timbre(mel):
    loud = mel.mean(1) >= mel.mean(1).median()
    return cepstra(mel[loud].numpy()).mean(0)


def test_a_late_start_keeps_the_sentence_and_an_early_one_takes_the_voice(shipped, sentence):
    teacher, tan = timbre(sentence[2]), timbre(shipped.voice("tan", "").mel)
    away = [np.square(timbre(said(shipped, sentence, s)) - teacher).sum() for s in (0.1, 0.5, 0.95)]
    assert away[0] > away[1] > away[2]
    early, late = (timbre(said(shipped, sentence, s)) for s in (0.1, 0.5))
    assert np.square(early - tan).sum() < np.square(late - tan).sum()


def test_its_phones_are_understood(shipped, sentence):
    ear = Ear(RECOGNISER)
    assert ear.error_rate([said(shipped, sentence, 0.25).numpy()], [sentence[0]]) < 0.2


def test_it_is_seeded_and_a_start_outside_the_flow_is_refused(shipped, sentence):
    once, again, other = (said(shipped, sentence, 0.2, seed) for seed in (1, 1, 2))
    assert torch.equal(once, again) and not torch.equal(once, other)
    for start in (1.0, -0.1, float("nan")):
        with pytest.raises(ConfigError, match="start"):
            said(shipped, sentence, start)
