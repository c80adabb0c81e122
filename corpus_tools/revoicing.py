"""The revoice stage: the sentences of prepared corpora in the voice of a bundle.

A speaker who was recorded in one dialect only, or only word by word, is heard in sentences of
every dialect: the pronunciation is that of whoever said the sentence (the teacher, say), the
timbre the voice's own. Every sentence is heard by the recogniser and left out where that errs on
too many phones.
"""

import io
import logging
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from lhotse import AudioSource, Recording
from lhotse.cut import Cut
from lhotse.shar import SharWriter
from lhotse.utils import fastcopy
from torch import Tensor
from tqdm import tqdm

from corpus_tools.card import read_card, write_card
from corpus_tools.teacher.shard import FIELDS
from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.bundle import RECOGNISER
from diamoe.corpus import cut_speaker, open_corpus
from diamoe.errors import ConfigError, CorpusError
from diamoe.evaluation.ear import Ear
from diamoe.synthesis.conversion import convert
from diamoe.synthesis.synthesizer import Synthesizer
from diamoe.text.phones import SYLLABLE, PhoneSeq, parse_phone
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.batches import MelBatches
from diamoe.training.shards import find_corpora

log = logging.getLogger(__name__)

HEARD_OF_EACH = 150
"""Utterances of a speaker that are enough for the mean spectrum of each of the common phones."""


@dataclass(frozen=True)
class RevoiceSettings:
    """Settings of `python -m corpus_tools revoice`."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpora whose sentences are to be said; patterns are welcome."""
    voice: str = ""
    """Voice of the bundle that is to say them."""
    recordings: str = ""
    """Prepared corpus with recordings of the voice: sentences get their mean spectrum first."""
    speaker: str = ""
    """The voice's speaker there; empty if it has no other."""
    out: str = "corpora"
    """Folder for the corpora, each named after the voice and the corpus it comes from."""
    bundle: str = str(bundles.SHIPPED)
    """Bundle folder."""
    speakers: list[str] = field(default_factory=list)
    """Say sentences of these speakers only, who may be near the voice in pitch; empty for all."""
    minutes: float = 5.0
    """Speech to make of each corpus."""
    starts: list[float] = field(default_factory=lambda: [0.2, 0.3])
    """Flow times to start from, tried in turn: the later, the surer the phones and the less of the
    voice."""
    more_errors: float = 0.1
    """By how much the phone error rate may be above that of the sentence as it was; beyond it the
    next start is tried, and the sentence left out at last."""
    steps: int = 8
    """Solver steps."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""

    def __post_init__(self) -> None:
        if not self.starts or not all(0 <= start < 1 for start in self.starts):
            raise ConfigError(f"starts: {self.starts}; allowed: one or more times from 0 to 1")
        if not self.minutes > 0 or not 0 <= self.more_errors <= 1:
            raise ConfigError(
                f"minutes {self.minutes} (allowed: above 0), more_errors {self.more_errors} "
                "(allowed: 0 to 1)"
            )


def revoice(settings: RevoiceSettings) -> None:
    """Write one corpus for every corpus of `settings`; finished ones are left as they are.

    Raises:
        ConfigError: the bundle has no such voice, or a pattern matches nothing.
        CorpusError: a folder to write holds something else, or a corpus has no usable sentence.
    """
    for name in ("corpora", "voice", "recordings"):
        if not getattr(settings, name):
            raise ConfigError(f"revoice: {name} is empty")
    if settings.threads:
        torch.set_num_threads(settings.threads)
    revoicer: Revoicer | None = None
    for source in find_corpora(settings.corpora):
        folder = Path(settings.out) / f"{settings.voice}_{Path(source).name}"
        made = asdict(replace(settings, corpora=[str(source)], out="", threads=0))
        card = read_card(folder)
        if card is not None:
            if card.get("made") != made:
                raise CorpusError(f"{folder} was made with other settings (see card.json): move it")
            continue
        revoicer = revoicer or Revoicer(settings)
        _write(folder, Path(source), made, revoicer)


def _write(folder: Path, source: Path, made: dict[str, Any], revoicer: "Revoicer") -> None:
    """Write one corpus: all of it or nothing."""
    scratch = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    wanted = 60 * revoicer.settings.minutes
    seconds, starts, left_out = 0.0, Counter[float](), 0
    with (
        SharWriter(str(scratch), fields={"recording": "flac"}, shard_size=None) as writer,
        tqdm(total=round(wanted), unit="s", desc=folder.name) as bar,
    ):
        for said in revoicer.sentences(source):
            if said is None:
                left_out += 1
                continue
            writer.write(said.cut)
            starts[said.start] += 1
            seconds += said.cut.duration
            bar.update(round(seconds) - bar.n)
            if seconds >= wanted:
                break
    if not starts:
        shutil.rmtree(scratch)
        raise CorpusError(
            f"{source}: none of {left_out} sentences is understood in the voice "
            f"{made['voice']}; try starts nearer to 1"
        )
    for field_name, ending in FIELDS.items():  # as shards are named
        os.replace(scratch / f"{field_name}.{ending}", scratch / f"{field_name}.000000.{ending}")
    origin, voices = read_card(source) or {}, read_card(Path(revoicer.settings.recordings)) or {}
    write_card(
        scratch,
        {
            "name": folder.name,
            "source": f"{source.name}, said in the voice {made['voice']}",
            "licence": f"{origin.get('licence')} (sentences), {voices.get('licence')} (voice)",
            "attribution": f"{origin.get('attribution')}; {voices.get('attribution')}",
            "hours": round(seconds / 3600, 4),
            "utterances": sum(starts.values()),
            "starts": {str(start): count for start, count in sorted(starts.items())},
            "left_out": left_out,
            "made": made,
            "speakers": [made["voice"]],
        },
    )
    os.replace(scratch, folder)
    log.info("%s: %d utterances, %d left out", folder, sum(starts.values()), left_out)


@dataclass(frozen=True)
class Said:
    """A sentence in the voice, and the flow time it was made from."""

    cut: Cut
    start: float


class Revoicer:
    """Says sentences in a voice."""

    def __init__(self, settings: RevoiceSettings):
        self.settings = settings
        self.synthesizer = Synthesizer.from_bundle(settings.bundle)
        bundle = self.synthesizer.bundle
        self.voice = self.synthesizer.voice(settings.voice, "")
        self.sampling = replace(self.synthesizer.sampling, steps=settings.steps)
        self.ear = Ear(RECOGNISER)
        if not isinstance(bundle.vocabulary, PhoneVocabulary):
            raise ConfigError(f"bundle: {settings.bundle} is an imported network; ours are needed")
        self.batches = MelBatches(bundle.vocabulary, bundle.mel)
        own = (
            cut
            for cut in open_corpus(settings.recordings)
            if cut_speaker(cut) == (settings.speaker or cut_speaker(cut))
        )
        self.spectrum = Spectrum(self.batches, own)

    def sentences(self, source: Path) -> Iterator[Said | None]:
        """Each sentence, None where it is left out."""
        wanted = set(self.settings.speakers)
        cuts = [c for c in open_corpus(source) if not wanted or cut_speaker(c) in wanted]
        if not cuts:
            raise CorpusError(f"{source}: no sentence by {', '.join(sorted(wanted))}")
        by_speaker: dict[str, list[Cut]] = {}
        for cut in cuts:
            by_speaker.setdefault(cut_speaker(cut), []).append(cut)
        shifts = {
            speaker: self.spectrum.beside(Spectrum(self.batches, own))
            for speaker, own in by_speaker.items()
        }
        for cut in cuts:
            yield self.said(cut, shifts[cut_speaker(cut)])

    def said(self, cut: Cut, shift: Tensor) -> Said | None:
        """The first try that is heard well enough."""
        batch = self.batches[[cut]]
        seq = PhoneSeq.parse(cut.supervisions[0].custom["phones"], cut.supervisions[0].language)
        planner, model = self.synthesizer.planner, self.synthesizer.bundle.model
        with torch.inference_mode():
            conditioning = planner.conditioning(seq, batch.durations, self.voice)
        mel = batch.mel[0, : int(batch.durations.sum())]
        most = self.ear.error_rate([mel.numpy()], [seq]) + self.settings.more_errors
        mel = mel + shift
        seed = zlib.crc32(cut.id.encode())
        for start in self.settings.starts:
            made = convert(
                model.dit, conditioning, mel, model.config.scale, self.sampling, start, seed
            )
            wave = self.synthesizer.vocoder.decode(made[None])[0].numpy()
            if self.ear.error_rate([self.ear.analyse(wave)], [seq]) <= most:
                return Said(self._cut(cut, wave), start)
        return None

    def _cut(self, cut: Cut, wave: np.ndarray) -> Cut:
        """The cut with another sound of the same length, and the voice as its speaker."""
        name, rate = f"{self.settings.voice}-{cut.id}", self.batches.log_mel.config.sample_rate
        samples = np.zeros(cut.num_samples, np.float32)
        samples[: len(wave)] = wave[: len(samples)]
        buffer = io.BytesIO()
        soundfile.write(buffer, samples, rate, "PCM_16", format="WAV")
        sources = [AudioSource(type="memory", channels=[0], source=buffer.getvalue())]
        recording = Recording(name, sources, rate, len(samples), cut.duration)
        (told,) = cut.supervisions
        told = fastcopy(told, id=name, recording_id=name, speaker=self.settings.voice)
        return fastcopy(cut, id=name, recording=recording, supervisions=[told])


class Spectrum:
    """Mean log-mel of every phone of a speaker."""

    def __init__(self, batches: MelBatches, cuts: Iterable[Cut]):
        size = len(batches.vocabulary.tokens)
        self.sums = torch.zeros(size, MelConfig().n_mels)
        self.counts = torch.zeros(size)
        sounding = [
            t != SYLLABLE and not parse_phone(t).is_pause for t in batches.vocabulary.tokens
        ]
        for _, cut in zip(range(HEARD_OF_EACH), cuts, strict=False):
            batch = batches[[cut]]
            ids = torch.repeat_interleave(batch.ids[0], batch.durations[0])
            self.sums.index_add_(0, ids, batch.mel[0, : len(ids)])
            self.counts.index_add_(0, ids, torch.ones(len(ids)))
        self.counts *= torch.tensor(sounding)

    def beside(self, other: "Spectrum") -> Tensor:
        """(n_mels,) what is to be added to the other's mels: the mean difference over the phones
        that both have."""
        weights = torch.minimum(self.counts, other.counts)
        if not weights.sum():
            raise CorpusError("the voice's recordings and the sentences have no phone in common")
        means = [s.sums / s.counts.clamp(min=1)[:, None] for s in (self, other)]
        return (weights[:, None] * (means[0] - means[1])).sum(0) / weights.sum()
