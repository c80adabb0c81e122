"""How to speak."""

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

from diamoe.config import build, to_dict
from diamoe.errors import BundleError, ConfigError
from diamoe.flow.sampling import Sampling
from diamoe.model.mix import mix_weights, parse_mix

SAMPLING_FILE = "sampling.json"
"""A bundle's own `Sampling`, where it differs from the default."""


@dataclass(frozen=True)
class SynthesisOptions:
    """How to speak; every setting has a default that suits the bundle."""

    steps: int | None = None
    """Solver steps; None: as many as suit the bundle."""
    guidance: float | None = None
    """Strength of classifier-free guidance, 0 leaves it out; None: what suits the bundle."""
    sway: float | None = None
    """Step schedule, see `sway_times`; None: what suits the bundle."""
    speed: float = 1.0
    """Pace against the voice's own; 2 is twice as fast."""
    seed: int = 0
    """Seed of the noise; the same seed gives the same speech."""
    chunk_seconds: float = 12.0
    """Longer texts are spoken in pieces of at most about this length, cut at punctuation."""
    level: float | None = -23.0
    """Loudness of the speaking voice, dB RMS of full scale; None leaves the voice's own."""
    pitch: float = 0.0
    """Semitones that the voice is shifted by."""
    pitch_range: float = 1.0
    """Width of the melody against the voice's own; 0 is a monotone."""
    energy: float = 0.0
    """dB that the speech is louder by than `level`."""
    verify: int = 0
    """How often a piece whose words are not heard by the built-in recogniser is made anew."""
    watermark: bool = False
    """Whether the sound carries an inaudible mark, see `diamoe.synthesis.watermark`."""
    mix: str | None = None
    """Dialects that the model hears in place of the text's own, as `parse_mix` reads them
    ("chengdu=0.7,putonghua=0.3"); the text is still read in its own."""

    def __post_init__(self) -> None:
        if self.mix is not None:
            mix_weights(parse_mix(self.mix))
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"{name} must lie between {low} and {high}, found {value!r}")

    def sampling(self, default: Sampling) -> Sampling:
        """The bundle's way to sample, with what is asked for here."""
        asked = {n: getattr(self, n) for n in ("steps", "guidance", "sway")}
        given = {name: value for name, value in asked.items() if value is not None}
        if "steps" in given and given["steps"] != default.steps:
            given["schedule"] = "sway"  # any number of steps
        return replace(default, **given)


_RANGES = {
    "steps": (1, 256),
    "guidance": (0, 20),
    "sway": (-1, 1),
    "speed": (0.25, 4),
    "chunk_seconds": (0.5, 60),
    "level": (-60, 0),
    "pitch": (-24, 24),
    "pitch_range": (0, 4),
    "energy": (-40, 20),
    "verify": (0, 10),
}


def limited(name: str, value: float) -> float:
    """What an option takes that is nearest to a value.

    >>> limited("speed", 7.0), limited("speed", 1.5)
    (4, 1.5)
    """
    low, high = _RANGES[name]
    return min(max(value, low), high)


def save_sampling(folder: Path, sampling: Sampling) -> None:
    """Write into a bundle's folder how its model is sampled."""
    text = json.dumps(to_dict(sampling), indent=1)
    (folder / SAMPLING_FILE).write_text(text + "\n", encoding="utf-8")


def bundle_sampling(folder: Path | None) -> Sampling:
    """What a bundle's folder says of how to sample its model; the default where it says nothing,
    or where there is no folder.

    Raises:
        BundleError: sampling.json cannot be read.
    """
    if folder is None or not (folder / SAMPLING_FILE).is_file():
        return Sampling()
    file = folder / SAMPLING_FILE
    try:
        return build(Sampling, json.loads(file.read_text(encoding="utf-8")), str(file))
    except (OSError, ValueError, ConfigError) as error:
        raise BundleError(f"{file}: {error}") from error
