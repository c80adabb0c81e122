"""`python -m diamoe.recogniser.train corpora=[...] out=FOLDER`: train the phone recogniser."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from diamoe.errors import ConfigError, DiamoeError
from diamoe.recogniser.augment import AugmentConfig, augment
from diamoe.recogniser.data import (
    Batch,
    Utterance,
    corpus_name,
    iterate_batches,
    read_corpora,
    speaker_frames,
)
from diamoe.recogniser.decode import Recogniser
from diamoe.recogniser.labels import SegmentLabels
from diamoe.recogniser.loss import LossWeights, recogniser_loss
from diamoe.recogniser.measure import Quality, measure
from diamoe.recogniser.model import Bands, PhoneRecogniser, RecogniserConfig
from diamoe.recogniser.phonotactics import Phonotactics
from diamoe.recogniser.storage import load_recogniser, save_recogniser
from diamoe.text.vocabulary import PhoneVocabulary

SPEAKER_FRAMES = 256
"""Mel frames that a speaker is known from in training."""


@dataclass(frozen=True)
class TrainSettings:
    """Settings of a training run."""

    corpora: list[str] = field(default_factory=list)
    """Prepared corpus folders to train on."""
    heldout: list[str] = field(default_factory=list)
    """Prepared corpus folders that the recogniser is measured on at the end."""
    out: str = "runs/recogniser"
    """Folder of the recogniser and its checkpoint; a run found there goes on."""
    start: str = ""
    """Folder of a recogniser whose weights a new run starts from; empty for random ones."""
    steps: int = 3000
    """Batches."""
    max_frames: int = 5000
    """Mel frames in a batch, padding included."""
    limit: int = 0
    """Use only so many utterances of each corpus; 0 for all."""
    learning_rate: float = 2.5e-3
    """Peak of the one-cycle schedule."""
    weight_decay: float = 0.01
    """Of AdamW."""
    weights: LossWeights = field(default_factory=LossWeights)
    """Of the parts of the objective."""
    realign_from: float = 0.2
    """Share of the steps after which utterances without times are aligned by the model; before,
    phones spread evenly over each member stand in."""
    known: float = 0.5
    """Share of the batches in which the speakers are known from more speech (`Bands`)."""
    bf16: bool = True
    """Compute in bfloat16 where that is safe."""
    threads: int = 2
    """CPU threads."""
    save_every: int = 100
    """Steps between checkpoints."""
    seed: int = 0
    """Seed of everything drawn."""
    model: RecogniserConfig = field(default_factory=RecogniserConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)


class Trainer:
    """A run: model, optimizer, schedule, and the step it is at."""

    def __init__(self, settings: TrainSettings, labels: SegmentLabels):
        torch.manual_seed(settings.seed)
        self.settings, self.labels, self.step = settings, labels, 0
        self.phonotactics = Phonotactics({}, len(labels))
        self.model = PhoneRecogniser(
            replace(settings.model, classes=len(labels), tones=labels.tone_classes)
        )
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, settings.learning_rate, settings.steps, pct_start=0.15
        )

    @property
    def checkpoint(self) -> Path:
        """File that a run goes on from."""
        return Path(self.settings.out) / "checkpoint.pt"

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        parts = (self.model, self.optimizer, self.schedule)
        partial = self.checkpoint.with_suffix(".partial")
        states = [p.state_dict() for p in parts]
        torch.save([self.step, self.phonotactics.pairs, *states], partial)
        partial.replace(self.checkpoint)

    def resume(self) -> None:
        """Go on from the checkpoint if there is one, else from the recogniser `start`.

        Raises:
            ConfigError: `start` has other sizes or classes, or the checkpoint other parts.
        """
        if not self.checkpoint.is_file():
            if self.settings.start:
                self._start_from(self.settings.start)
            return
        kept = torch.load(self.checkpoint, weights_only=True)
        if len(kept) != 5:
            raise ConfigError(
                f"{self.checkpoint}: holds {len(kept)} parts, needed 5; it is of another version: "
                "train in another folder"
            )
        self.step, pairs, *states = kept
        self.phonotactics = Phonotactics(pairs, len(self.labels))
        self.model.load_state_dict(states[0])
        self.optimizer.load_state_dict(states[1])
        self.schedule.load_state_dict(states[2])

    def _start_from(self, folder: str) -> None:
        """Take over the weights of a recogniser; classes it has not heard of keep random ones."""
        other = load_recogniser(folder)
        model, labels = other.model, other.labels
        mine, theirs = self.model.config, model.config
        if replace(theirs, classes=mine.classes, tones=mine.tones) != mine:
            raise ConfigError(f"start: {folder} has {theirs}, needed {mine}")
        state = self.model.state_dict()
        heads = {
            "head": (self.labels.segments, labels.segments),
            "tone_head": (self.labels.tones, labels.tones),
        }
        for name, value in model.state_dict().items():
            head = name.split(".")[0]
            if head not in heads:
                state[name] = value
                continue
            own, others = heads[head]
            for old, label in enumerate(("", *others)):
                if label in ("", *own):
                    state[name][("", *own).index(label)] = value[old]
        self.model.load_state_dict(state)

    def fit(self, utterances: Sequence[Utterance]) -> None:
        """Train to the last step."""
        settings = self.settings
        self.phonotactics = Phonotactics.count((u.seq for u in utterances), self.labels)
        speakers = speaker_frames(utterances, SPEAKER_FRAMES, settings.seed)
        batches = iterate_batches(
            utterances, settings.max_frames, settings.seed, self.step, settings.augment.speed
        )
        self.model.train()
        progress = tqdm(total=settings.steps, initial=self.step, desc="recogniser")
        means: dict[str, float] = {}
        while self.step < settings.steps:
            for name, value in self._update(next(batches), speakers).items():
                means[name] = 0.95 * means.get(name, value) + 0.05 * value
            progress.set_postfix({k: f"{v:.3f}" for k, v in means.items()}, refresh=False)
            progress.update()
            self.step += 1
            if self.step % settings.save_every == 0 or self.step == settings.steps:
                self.save()
        progress.close()

    def _update(self, batch: Batch, speakers: Mapping[str, Tensor]) -> dict[str, float]:
        settings = self.settings
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + self.step)
        mel, known = batch.mel, None
        whose = [utterance.speaker for utterance in batch.utterances]
        if float(torch.rand(1, generator=generator)) < settings.known and all(whose):
            # A warped or noisy voice is warped and noisy in all that it says.
            mel = torch.cat([mel, torch.stack([speakers[who] for who in whose])], 1)
        mel = augment(mel, batch.frames, settings.augment, generator)
        mel, around = mel.split([batch.mel.shape[1], mel.shape[1] - batch.mel.shape[1]], 1)
        if around.shape[1]:
            known = Bands(around.mean(1), around.var(1, correction=0))
        with torch.autocast("cpu", torch.bfloat16) if settings.bf16 else nullcontext():
            heard = self.model.hear(mel, batch.frames, known)
        realign = self.step >= settings.realign_from * settings.steps
        loss = recogniser_loss(*heard, batch, self.labels, settings.weights, realign)
        self.optimizer.zero_grad(set_to_none=True)
        loss.total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        parts = {"ctc": loss.ctc, "frames": loss.frames, "tones": loss.tones}
        return {name: float(value.detach()) for name, value in parts.items()}


def train(settings: TrainSettings) -> dict[str, Quality]:
    """Train, save and measure; returns the figures of every held-out corpus.

    Raises:
        ConfigError: no corpora, or settings that cannot work.
    """
    if not settings.corpora or settings.steps < 1 or settings.model.kernel % 2 == 0:
        raise ConfigError(
            f"corpora {settings.corpora} (allowed: one folder or more), steps {settings.steps} "
            f"(1 or more), model.kernel {settings.model.kernel} (odd)"
        )
    torch.set_num_threads(settings.threads)
    labels = SegmentLabels.of(PhoneVocabulary.default())
    trainer = Trainer(settings, labels)
    trainer.resume()
    if trainer.step < settings.steps:
        codec = settings.augment.codec
        trainer.fit(read_corpora(settings.corpora, settings.limit, codec=codec))
    recogniser = Recogniser(trainer.model.eval(), labels, trainer.phonotactics)
    measured = {
        corpus_name(folder): measure(recogniser, read_corpora([folder]))
        for folder in settings.heldout
    }
    facts = {
        "corpora": list(dict.fromkeys(corpus_name(f) for f in settings.corpora)),
        "heldout": {name: asdict(quality) for name, quality in measured.items()},
    }
    save_recogniser(settings.out, recogniser, facts)
    return measured


def read_train_settings(overrides: Sequence[str]) -> TrainSettings:
    """conf/recogniser.yaml with `key=value` overrides.

    Raises:
        ConfigError: an unknown key or a wrong value; the allowed keys are listed.
    """
    from diamoe.hydra_command import read_settings

    return read_settings("recogniser", TrainSettings, overrides)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train; 0 if all went well, 2 if something in the input or the settings is wrong."""
    try:
        measured = train(read_train_settings(sys.argv[1:] if arguments is None else arguments))
    except DiamoeError as error:
        print(f"recogniser: {error}", file=sys.stderr)
        return 2
    print(json.dumps({name: asdict(quality) for name, quality in measured.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
