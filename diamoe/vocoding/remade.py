"""Recordings' mels as an acoustic model makes them: half turned to noise, and made again.

What a model makes lacks the accidents of single bands and frames. A vocoder that was told mels of
recordings alone takes such mels for a voice's; one that hears here what they stand for mends them.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm

from diamoe import bundle as bundles
from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, TrainingError
from diamoe.flow.matching import AcousticModel, Batch
from diamoe.flow.sampling import Sampling, sample
from diamoe.model.dit import Conditioning
from diamoe.synthesis.options import bundle_sampling
from diamoe.training.batches import MelBatches
from diamoe.training.shards import ShardStore

LATE = (0.4, 0.6)
"""Shares of a solver's steps that are left out, one of them for every batch. Where fewer are, the
voice is no longer where it was in the recording; where more, the model has nothing left to do."""
FEWEST_STEPS = 2
"""Of a solver that can leave some out."""
PROMPT = 0.25
"""Share of an utterance that the model is told, its beginning or its end."""
TOGETHER = 4
"""Utterances that are made again at once."""


@dataclass(frozen=True)
class RemadeConfig:
    """Which mels are made again."""

    bundle: str = ""
    """Whose model makes them; empty for none."""
    utterances: int = 100
    """Of each corpus, drawn once."""
    longest: float = 9.0
    """Seconds of the longest of them."""
    share: float = 0.5
    """Share of a batch's crops."""

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ConfigError(f"remade.share must lie between 0 and 1, found {self.share}")
        if self.utterances < 1 or self.longest <= 0:
            raise ConfigError(
                f"remade: utterances {self.utterances} (allowed: 1 or more), longest "
                f"{self.longest} (above 0)"
            )


def remake(
    model: AcousticModel, sampling: Sampling, batch: Batch, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Make the mels of recordings again.

    Args:
        model: which makes them.
        sampling: its solver, whose first steps are left out.
        batch: recordings with their phones and times.
        generator: of the noise, of what is left out, and of what the model is told.

    Returns:
        (batch, frames, n_mels) log-mels, and (batch, frames) where they were made.
    """
    mask, scale, dit = batch.frame_mask, model.config.scale, model.dit
    real = scale.normalise(batch.mel) * mask.unsqueeze(-1)
    hidden, _ = dit.encode_text(batch.ids, batch.token_mask, batch.dialect)
    lengths = model.token_frames(batch.ids, batch.token_mask, batch.frames, batch.durations)
    told = (PROMPT * batch.frames).long()[:, None]
    place = torch.arange(mask.shape[1]).expand_as(mask)
    first = torch.rand((), generator=generator) < 0.5
    known = place < told if first else (place >= batch.frames[:, None] - told) & mask
    text = dit.frame_text(hidden, lengths, mask)
    conditioning = Conditioning(text, real * known.unsqueeze(-1), known, mask)
    begin = LATE[int(torch.randint(len(LATE), (), generator=generator))]
    times = sampling.times()[round(begin * sampling.steps) :]
    noise = torch.randn(real.shape, generator=generator)
    field = sampling.field(dit, conditioning)
    mel = sample(field, torch.lerp(noise, real, times[0]), times, sampling.solver)
    return scale.restore(sampling.finished(mel, mask)), mask & ~known


class RemadeMels:
    """The mels that were made again, by the number of their utterance."""

    def __init__(self, mels: dict[int, Tensor], spans: dict[int, tuple[int, int]]):
        """`mels`: (frames, n_mels) each, of whole utterances; `spans`: frame at which what was
        made begins, and the one behind it."""
        self.mels, self.spans = mels, spans

    @classmethod
    def read_or_make(
        cls, file: Path, config: RemadeConfig, store: ShardStore, seed: int
    ) -> "RemadeMels":
        """Those of a run: from its file, or made now and written there.

        Raises:
            BundleError: the bundle cannot be used.
            ConfigError: its solver has too few steps.
            TrainingError: the file is of other settings or corpora.
        """
        settings = json.dumps([config.bundle, config.utterances, config.longest])
        if not file.is_file():
            made = dict(_made(config, store, seed))
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".part")
            save_file(made, partial, {"settings": settings})
            partial.replace(file)
        with safe_open(file, "pt") as opened:
            found = (opened.metadata() or {}).get("settings")
        if found != settings:
            raise TrainingError(
                f"{file}: made with bundle, utterances, longest {found}, needed {settings}; give "
                "another out"
            )
        mels, spans = {}, {}
        for name, mel in load_file(file).items():
            number, begin, end, identity = name.split(" ", 3)
            if int(number) >= len(store) or store.manifest(int(number))["id"] != identity:
                raise TrainingError(f"{file}: made of other corpora ({identity}); give another out")
            mels[int(number)], spans[int(number)] = mel, (int(begin), int(end))
        return cls(mels, spans)

    def fitting(self, frames: int) -> list[int]:
        """Numbers of the utterances of which more than so many frames were made."""
        return [n for n, (begin, end) in sorted(self.spans.items()) if end - begin > frames]

    def crop(self, number: int, start: int, frames: int, gain: float) -> Tensor:
        """(frames + 1, n_mels) from frame `start` on, louder by `gain` (natural logarithm)."""
        return self.mels[number][start : start + frames + 1].float() + gain


def _made(config: RemadeConfig, store: ShardStore, seed: int) -> Iterator[tuple[str, Tensor]]:
    """Name and mel of every utterance that is made again, in half floats."""
    folder = Path(config.bundle)
    (model, vocabulary), sampling = bundles.load_own(folder), bundle_sampling(folder)
    if sampling.steps < FEWEST_STEPS:
        raise ConfigError(
            f"remade.bundle: {folder} speaks in {sampling.steps} steps, needed: {FEWEST_STEPS}"
        )
    model.eval()
    batches, generator = MelBatches(vocabulary, MelConfig()), torch.Generator().manual_seed(seed)
    chosen = _chosen(config, store, random.Random(seed))
    for start in tqdm(range(0, len(chosen), TOGETHER), desc="making mels again"):
        numbers = chosen[start : start + TOGETHER]
        batch = batches[[store.cut(number) for number in numbers]]
        with torch.inference_mode():
            mels, made = remake(model, sampling, batch, generator)
        for row, number in enumerate(numbers):
            frames = int(batch.frames[row])
            inside = made[row].nonzero()[:, 0]
            span = f"{int(inside[0])} {int(inside[-1]) + 1}"
            yield f"{number} {span} {batch.cuts[row]}", mels[row, :frames].half().clone()


def _chosen(config: RemadeConfig, store: ShardStore, draw: random.Random) -> Sequence[int]:
    """Numbers of utterances, those of about one length side by side."""
    chosen: list[int] = []
    for corpus in range(len(store.folders)):
        short = [
            number
            for number in range(len(store))
            if store.corpora[number] == corpus and store.seconds[number] <= config.longest
        ]
        chosen += draw.sample(short, min(config.utterances, len(short)))
    return sorted(chosen, key=lambda number: store.seconds[number])
