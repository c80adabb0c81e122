"""What several tests of synthesis listen to."""

import numpy as np
import pytest

from diamoe.synthesis.synthesizer import SynthesisOptions, Synthesizer

TEXT = "今天天气很好，我们出去走走。"


@pytest.fixture(scope="session")
def shipped():
    return Synthesizer.from_bundle()


@pytest.fixture(scope="session")
def spoken(shipped):
    """The shipped bundle's speech, as a recording with silence around it."""
    wave = shipped(TEXT, voice="tan", options=SynthesisOptions(steps=4)).wave
    return np.pad(0.5 * wave, (24_000, 24_000))
