"""Settings of everything done to the sound of one recording: every default, one line each."""

from dataclasses import dataclass

from diamoe.errors import ConfigError

DETECTORS = ("energy", "silero")


@dataclass(frozen=True)
class CleanSettings:
    """What happens to the sound of one recording, and what is refused."""

    margin: float = 0.1
    """Sound kept before and after the speech, seconds."""
    level: float = -23.0
    """Loudness of the speech after levelling, LUFS (ITU-R BS.1770)."""
    peak: float = 0.94
    """Largest sample allowed after levelling; the level gives way."""
    vad: str = "energy"
    """What finds the speech: `energy` in four bands, or the neural `silero`."""
    silero_threshold: float = 0.3
    """Probability of speech above which `silero` hears it."""
    rise: float = 9.0
    """How far a band must rise over the background to count as speech, dB."""
    floor: float = 55.0
    """Frames weaker than this below the loudest frame are never speech, dB."""
    min_contrast: float = 12.0
    """Loudest frame over the background below which there is no speech, dB."""
    silent: float = -55.0
    """A recording whose loudest frame is weaker is silent, dB re full scale."""
    clipped_run: float = 0.0006
    """Time at full scale without a break that makes a recording clipped, seconds."""
    clipped_share: float = 0.003
    """Share of samples at full scale above which a recording is clipped."""
    min_speech: float = 0.08
    """Shortest speech, seconds."""
    min_syllable: float = 0.055
    """Least speech per syllable, seconds."""
    max_syllable: float = 1.2
    """Most speech per syllable (and half a second more for the whole), seconds."""
    longest: float = 60.0
    """Longest recording that is read as one utterance, seconds."""
    longest_whole: float = 1200.0
    """Longest recording that is cut at its pauses into utterances with their own text, seconds."""

    def __post_init__(self) -> None:
        if self.vad not in DETECTORS:
            raise ConfigError(f"clean.vad: unknown {self.vad!r}; allowed: {', '.join(DETECTORS)}")
