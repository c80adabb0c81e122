"""From prepared corpora (Lhotse Shar) to batches of mel frames and phones."""

import fnmatch
import logging
import random
from collections import Counter
from pathlib import Path
from typing import Any, cast

from lhotse.cut import Cut
from lightning import LightningDataModule
from torch.utils.data import DataLoader, Dataset

from diamoe.audio.mel import MelConfig
from diamoe.errors import ConfigError, CorpusError, DiamoeError
from diamoe.text.vocabulary import PhoneVocabulary
from diamoe.training.batches import CHANGE, MelBatches, NamedBatch
from diamoe.training.sampling import DialectOrder, Draw, Draws, EndlessBatches, bucketed
from diamoe.training.settings import DataConfig
from diamoe.training.shards import REPAIR, ShardStore, find_corpora

log = logging.getLogger(__name__)


class ShardBatches(Dataset[Any]):
    """`Draws` -> `NamedBatch`, the sound read from the shards.

    An error that this package raises on purpose is returned in the batch's place: raised in a
    worker process it would reach the user as a traceback.
    """

    def __init__(self, store: ShardStore, batches: MelBatches):
        self.store, self.batches = store, batches

    def __getitem__(self, draws: Draws) -> NamedBatch | DiamoeError:
        try:
            return self.batches[[self._cut(draw) for draw in draws.utterances]]
        except DiamoeError as error:
            return error
        except Exception as error:  # whatever the decoders raise
            return CorpusError(f"{self._culprit(draws, error)}; {REPAIR}")

    def _cut(self, draw: Draw) -> Cut:
        cut = self.store.cut(draw.number)
        return cut if draw.change.is_none else cut.with_custom(CHANGE, draw.change)

    def _culprit(self, draws: Draws, error: Exception) -> str:
        for draw in draws.utterances:
            cut = self.store.cut(draw.number)
            try:
                cut.load_audio()
            except Exception as fault:
                reason = str(fault).strip().splitlines()[0]
                return f"{self.store.tar_of(draw.number)}: the sound of {cut.id}: {reason}"
        names = ", ".join(self.store.manifest(d.number)["id"] for d in draws.utterances)
        return f"{type(error).__name__}: {error} (one of {names})"


class SpeechData(LightningDataModule):
    """Training and validation batches of one run; its state is where the run has got to."""

    def __init__(self, config: DataConfig, vocabulary: PhoneVocabulary, mel: MelConfig):
        super().__init__()
        if not config.corpora:
            raise ConfigError("data.corpora is empty: name at least one prepared corpus folder")
        self.config = config
        self.store, self.valid_store = ShardStore(), ShardStore()
        self.batches = MelBatches(vocabulary, mel)
        self.fit: list[int] = []
        self.valid: list[int] = []
        self.sampler: EndlessBatches | None = None
        self.mark = (0, 0)

    def setup(self, stage: str | None = None) -> None:
        """Read the manifests, once.

        Raises:
            CorpusError: a corpus or a shard cannot be read, or nothing in them can be used.
            ConfigError: a pattern matches nothing.
        """
        if self.fit:
            return
        for folder in find_corpora(self.config.corpora):
            self.store.add(folder)
        self.fit = self._usable()
        if not self.fit:
            raise CorpusError(f"no cut of {', '.join(self.config.corpora)} can be used")
        for folder in find_corpora(self.config.valid):
            self.valid_store.add(folder)
        self.valid = self._spread(self.valid_store, self.config.valid_cuts)

    def _usable(self) -> list[int]:
        """Numbers of the cuts to train on, repeated as the settings say."""
        left_out: Counter[str] = Counter()
        numbers: list[int] = []
        names = [Path(folder).name for folder in self.store.folders]
        for pattern in self.config.repeat:
            if not fnmatch.filter(names, pattern):
                raise ConfigError(f"data.repeat: no corpus {pattern!r} among {', '.join(names)}")
        times = [
            next((n for p, n in self.config.repeat.items() if fnmatch.fnmatchcase(name, p)), 1)
            for name in names
        ]
        for number in range(len(self.store)):
            reason = self.unfit(number)
            if reason:
                left_out[reason] += 1
            else:
                numbers += [number] * times[self.store.corpora[number]]
        for reason, count in left_out.items():
            log.warning("%d cuts left out: %s", count, reason)
        return numbers

    def unfit(self, number: int) -> str:
        """Why a cut is not trained on; empty if it is."""
        if self.store.seconds[number] > self.config.longest:
            return f"longer than {self.config.longest} s"
        custom = self.store.manifest(number)["supervisions"][0].get("custom") or {}
        if custom.get("align_score", 0.0) < self.config.worst_alignment:
            return f"alignment score below {self.config.worst_alignment}"
        return ""

    @staticmethod
    def _spread(store: ShardStore, count: int) -> list[int]:
        """Up to `count` cuts, as many of each dialect as there are."""
        turns: list[tuple[int, int, int]] = []
        seen: Counter[int] = Counter()
        numbers = list(range(len(store)))
        random.Random(0).shuffle(numbers)
        for number in numbers:
            dialect = store.dialects[number]
            turns.append((seen[dialect], dialect, number))
            seen[dialect] += 1
        return [number for _, _, number in sorted(turns)[:count]]

    def one_per_dialect(self, most: int, longest: float = 6.0) -> NamedBatch | None:
        """A validation cut of up to so many dialects; None where there are none."""
        chosen: dict[int, int] = {}
        for number in self.valid:
            if self.valid_store.seconds[number] <= longest:
                chosen.setdefault(self.valid_store.dialects[number], number)
        if not chosen:
            return None
        return self.batches[[self.valid_store.cut(n) for _, n in sorted(chosen.items())[:most]]]

    def loaded(self, draws: Draws) -> NamedBatch:
        """One training batch, at once."""
        return self.on_before_batch_transfer(ShardBatches(self.store, self.batches)[draws], 0)

    def sampled(self, start: int = 0, rank: int = 0, world: int = 1) -> EndlessBatches:
        """The run's training batches from number `start` on."""
        store, config = self.store, self.config
        order = DialectOrder(
            self.fit, store.seconds, store.dialects, config.temperature, config.seed
        )
        return EndlessBatches(
            order, config.max_seconds, config.perturb, start, self.mark, rank, world
        )

    def train_dataloader(self) -> DataLoader[Any]:
        trainer = self.trainer
        start = self._next_batch() if trainer else 0
        rank, world = (trainer.global_rank, trainer.world_size) if trainer else (0, 1)
        self.sampler = self.sampled(start, rank, world)
        return DataLoader(
            ShardBatches(self.store, self.batches),
            sampler=self.sampler,
            batch_size=None,
            num_workers=self.config.workers,
            persistent_workers=self.config.workers > 0,
        )

    def _next_batch(self) -> int:
        """Number of the run's next batch, as its module counts them."""
        assert self.trainer is not None
        return cast(int, self.trainer.lightning_module.batches)

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        if not self.valid:
            return []
        store = self.valid_store
        sampler = bucketed(self.valid, store.seconds, self.config.max_seconds, buckets=4)
        draws = [Draws(i, tuple(Draw(int(c.id)) for c in cuts)) for i, cuts in enumerate(sampler)]
        return DataLoader(ShardBatches(store, self.batches), sampler=draws, batch_size=None)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> NamedBatch:
        """Raise what a loader process could not."""
        if isinstance(batch, DiamoeError):
            raise batch
        return cast(NamedBatch, batch)

    def state_dict(self) -> dict[str, Any]:
        """The epoch that the next batch belongs to and where that began, and the data."""
        assert self.sampler is not None
        self.mark = self.sampler.mark_of(self._next_batch())
        return {"mark": list(self.mark), "data": self.store.fingerprint()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on in the same epoch.

        Raises:
            ConfigError: the corpora are not those of the run.
        """
        now = self.store.fingerprint()
        changed = [p["name"] for p in now if p not in state["data"]]
        changed += [p["name"] for p in state["data"] if p["name"] not in {q["name"] for q in now}]
        if changed:
            raise ConfigError(
                f"the run was begun with other data ({', '.join(map(str, changed))} differ): give "
                "back those, or begin a new run with init=RUN/bundle"
            )
        epoch, first = state["mark"]
        self.mark = (epoch, first)
