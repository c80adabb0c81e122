"""Settings of the prepare stage: every default, one line each."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CleanSettings:
    """What happens to the sound of one recording, and what is refused."""

    margin: float = 0.1
    """Sound kept before and after the speech, seconds."""
    level: float = -23.0
    """RMS of the speech after levelling, dB re full scale."""
    peak: float = 0.94
    """Largest sample allowed after levelling; the level gives way."""
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


@dataclass(frozen=True)
class JoinSettings:
    """How words and syllables become longer utterances."""

    seconds: tuple[float, float] = (2.0, 8.0)
    """Length aimed at, drawn evenly, seconds."""
    passes: int = 1
    """How often every recording is used."""
    single: float = 0.1
    """Share of recordings left alone in each pass."""
    pause: tuple[float, float] = (0.12, 0.45)
    """Pauses between words, seconds."""
    close: tuple[float, float] = (0.04, 0.1)
    """Pauses of words joined almost directly, seconds."""
    close_share: float = 0.3
    """Share of words joined almost directly."""
    comma: float = 0.15
    """A pause at least this long is written as a comma, seconds."""

    def __post_init__(self) -> None:
        for key in ("seconds", "pause", "close"):  # YAML knows only lists
            object.__setattr__(self, key, tuple(getattr(self, key)))


@dataclass(frozen=True)
class PrepareSettings:
    """Settings of `python -m corpus_tools prepare`."""

    source: str = "../shared/data"
    """Folder that holds the corpora's folders."""
    out: str = "corpora"
    """Folder that the prepared corpora are written to."""
    corpora: list[str] = field(default_factory=list)
    """Names of the corpora to prepare; empty for all known ones found under `source`."""
    table: str = ""
    """A YAML table of further corpora, in the form of conf/corpus/known.yaml."""
    workers: int = 2
    """Processes."""
    seed: int = 1
    """Seed of everything drawn: order, lengths, pauses."""
    heldout: float = 0.03
    """Share of texts held out for evaluation, chosen by a hash of the text."""
    shard_size: int = 1000
    """Utterances in a shard."""
    limit: int = 0
    """Use only the first so many recordings of each corpus; 0 for all."""
    clean: CleanSettings = field(default_factory=CleanSettings)
    join: JoinSettings = field(default_factory=JoinSettings)
