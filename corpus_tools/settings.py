"""Settings of the build command: every default, one line each."""

from dataclasses import dataclass, field

from corpus_tools.audio.segmenting import Segmenting
from corpus_tools.audio.settings import CleanSettings
from corpus_tools.gates import GateSettings
from diamoe.errors import ConfigError


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
            value = getattr(self, key)
            if not isinstance(value, list | tuple) or len(value) != 2:
                raise ConfigError(f"join.{key}={value!r}; allowed: two numbers, [0.1,0.2]")
            object.__setattr__(self, key, tuple(map(float, value)))


@dataclass(frozen=True)
class AlignSettings:
    """How phone times are found."""

    recogniser: str = "auto"
    """`shipped` for the phone recogniser of the package, `train` for one that is trained on the
    corpus itself, from evenly spread phones on, `auto` for the shipped one where it knows the
    speech and else one that is trained, `none` to leave times out, or a folder."""
    batch: int = 8
    """Utterances the recogniser hears at once."""
    steps: int = 600
    """Batches that a recogniser of the corpus' own is trained for."""
    shards: int = 4
    """Shards of the corpus that it is trained on at most, so that they fit in memory."""
    least_minutes: float = 10.0
    """With `auto` none is trained on less speech than this, minutes."""
    rounds: int = 6
    """Turns in which the boundaries of phones are set right by the corpus' own sound; 0 leaves
    them where the recogniser hears them."""


@dataclass(frozen=True)
class SplitSettings:
    """What is held out for evaluation: of neither its texts nor its speakers is any trained on."""

    texts: float = 0.03
    """Share of texts held out, chosen by a hash of the text."""
    speakers: float = 0.0
    """Share of speakers held out, chosen by a hash of the speaker's name."""


@dataclass(frozen=True)
class AugmentSettings:
    """Perturbed copies of the training utterances, written out; tones keep their contours."""

    copies: int = 0
    """Copies of every utterance; 0 for none."""
    speed: float = 0.1
    """Largest change of speed either way: 0.1 is from 1 / 1.1 to 1.1."""
    semitones: float = 2.0
    """Largest change of pitch either way."""


@dataclass(frozen=True)
class BuildSettings:
    """Settings of `python -m corpus_tools build`."""

    corpus: list[str] = field(default_factory=list)
    """Names of the corpora to build; empty for all known ones found under `source`."""
    source: str = "../shared/data"
    """Folder that holds the corpora's folders."""
    out: str = "corpora"
    """Folder that the finished corpora are written to."""
    table: str = ""
    """A YAML table of further corpora, in the form of conf/corpus/known.yaml."""
    executor: str = "local"
    """local (processes of this machine) or ray (a cluster whose machines share their files)."""
    address: str = ""
    """Address of the Ray cluster; empty for one on this machine."""
    workers: int = 0
    """Processes of the local executor; 0 for all cores."""
    part: int = 500
    """Rows that are worked on, kept and taken up again together."""
    shard_size: int = 1000
    """Utterances in a shard."""
    limit: int = 0
    """Use only the first so many recordings of each corpus; 0 for all."""
    seed: int = 1
    """Seed of everything drawn: order, lengths, pauses."""
    parquet: bool = True
    """Write Parquet files, too."""
    keep: bool = True
    """Keep the parts of finished corpora in `out`/.parts, so that other settings cost less."""
    clean: CleanSettings = field(default_factory=CleanSettings)
    cut: Segmenting = field(default_factory=Segmenting)
    join: JoinSettings = field(default_factory=JoinSettings)
    align: AlignSettings = field(default_factory=AlignSettings)
    gates: GateSettings = field(default_factory=GateSettings)
    split: SplitSettings = field(default_factory=SplitSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)

    def __post_init__(self) -> None:
        if isinstance(self.corpus, str):  # corpus=NAME
            object.__setattr__(self, "corpus", [self.corpus])
