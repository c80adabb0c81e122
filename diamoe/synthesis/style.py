"""Style by a reference: pace, pitch, width of the melody and loudness of a recording."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from diamoe.errors import AudioError
from diamoe.synthesis.melody import FRAME, world
from diamoe.synthesis.options import SynthesisOptions, limited
from diamoe.synthesis.planning import speaking_pace
from diamoe.synthesis.prompt import read_prompt
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.synthesis.voices import Voice


@dataclass(frozen=True)
class Style:
    """How somebody speaks: `pace` mean log frames of a phone, `pitch` median F0 in Hz, `width`
    standard deviation of F0 in semitones, `level` dB RMS of full scale of the louder half."""

    pace: float
    pitch: float
    width: float
    level: float


def read_style(path: str | Path, dialect: str, sample_rate: int) -> Style:
    """The style of a recording of 1.5 to 12 s, without its words: the built-in recogniser hears
    the phones that the pace is counted by.

    Raises:
        BadPrompt: silence, too short, too long, or nothing is heard.
        AudioError: no sound file, or no voiced sound in it.
    """
    from diamoe.synthesis.cloning import clone_voice

    prompt = read_prompt(path, sample_rate)
    pace = clone_voice(str(path), prompt, dialect).pace
    pitch, width = melody(prompt.wave, sample_rate, str(path))
    return Style(pace, pitch, width, prompt.level)


def melody(wave: np.ndarray, sample_rate: int, where: str) -> tuple[float, float]:
    """Median F0 in Hz and its standard deviation in semitones, as `sing` hears them.

    Raises:
        AudioError: no sound is voiced.
    """
    f0, _ = world().harvest(wave.astype(np.float64), sample_rate, frame_period=1000 * FRAME)
    voiced = f0[f0 > 0]
    if len(voiced) < 10:
        raise AudioError(f"{where}: no voiced sound to take the pitch from")
    return float(np.median(voiced)), float(np.std(12 * np.log2(voiced)))


def styled(
    options: SynthesisOptions, style: Style, synthesizer: Synthesizer, voice: Voice, dialect: str
) -> SynthesisOptions:
    """The options with which `voice` speaks `dialect` in a style; what they ask for already comes
    on top.

    The voice's own pitch is measured on its prompt. Each setting stays within what
    `SynthesisOptions` allows.
    """
    own = synthesizer.renderer.prompt_sound(voice)
    pitch, width = melody(own, synthesizer.rate, f"voice {voice.name}")
    level = -23.0 if options.level is None else options.level
    faster = math.exp(speaking_pace(voice, dialect) - style.pace)
    higher = 12 * math.log2(style.pitch / pitch)
    return replace(
        options,
        speed=limited("speed", options.speed * faster),
        pitch=limited("pitch", options.pitch + higher),
        pitch_range=limited("pitch_range", options.pitch_range * style.width / max(width, 0.1)),
        energy=limited("energy", options.energy + style.level - level),
    )
