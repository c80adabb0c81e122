"""Settings of an adaptation; the defaults suit minutes of speech and need no tuning."""

from dataclasses import dataclass, field

from diamoe import bundle as bundles
from diamoe.adaptation.attaching import Route
from diamoe.audio.augment import PerturbConfig
from diamoe.errors import ConfigError


@dataclass(frozen=True)
class FitConfig:
    """How the trainable parameters are fitted."""

    learning_rate: float = 5e-3
    """Peak learning rate of AdamW; it falls along a cosine."""
    floor: float = 0.05
    """Last learning rate, as a share of the peak."""
    warmup: float = 0.025
    """Share of the steps in which the learning rate rises to its peak."""
    weight_decay: float = 0.01
    """Decoupled weight decay."""
    passes: float = 80.0
    """How often the data is heard; `least` and `most` bound the steps that follow from it."""
    least: int = 150
    """Fewest optimiser steps."""
    most: int = 3000
    """Most optimiser steps."""
    steps: int = 0
    """Optimiser steps; 0 takes those that follow from `passes`."""
    batch_seconds: float = 16.0
    """Speech in one batch, padding counted."""
    check_every: int = 50
    """Steps between measurements of the held-out loss."""
    patience: int = 12
    """Measurements without a better held-out loss after which it stops."""
    draws: int = 2
    """How often each held-out utterance is measured, each with its own fixed noise and time."""
    clip: float = 1.0
    """Largest gradient norm."""
    bfloat16: bool = False
    """Compute in bfloat16 where that is faster (GPUs, CPUs with AMX); slower on others."""
    perturbed: float = 0.6
    """Share of the steps that hear perturbed speech; the rest hear it as it is."""
    seed: int = 0
    """Seed of the batches' order, the noise and the perturbation."""

    def __post_init__(self) -> None:
        positive = ("learning_rate", "passes", "least", "batch_seconds", "check_every", "patience")
        for name in (*positive, "draws", "clip"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"fit.{name} must be above 0, found {getattr(self, name)!r}")
        for name in ("warmup", "perturbed"):
            if not 0 <= (share := getattr(self, name)) <= 1:
                raise ConfigError(f"fit.{name} must lie between 0 and 1, found {share!r}")
        if self.steps < 0 or self.most < self.least:
            raise ConfigError(
                f"fit: steps {self.steps} (allowed: 0 or more), least {self.least}, "
                f"most {self.most} (allowed: least <= most)"
            )


FULL_FIT = FitConfig(learning_rate=4e-4, passes=40.0)
"""How all parameters of a base are fitted, for comparison with an adapter."""


@dataclass(frozen=True)
class AdaptConfig:
    """Settings of `python -m diamoe.adapt`."""

    dialect: str = ""
    """Code of the dialect; a file of the user's own counts (DIAMOE_DIALECTS)."""
    data: list[str] = field(default_factory=list)
    """Prepared corpus folders, or folders with a .txt beside each recording."""
    base: str = ""
    """Bundle folder that the adapter is for; empty: the shipped one."""
    out: str = "adapters/new"
    """Adapter folder to write; its name is the adapter's."""
    valid: list[str] = field(default_factory=list)
    """Prepared corpora held out for measuring; without them a tenth of `data` is held out."""
    others: list[str] = field(default_factory=list)
    """Prepared corpora of other dialects on which forgetting is measured."""
    parent: str = ""
    """Related dialect whose id, and with it whose routing, is borrowed."""
    route: Route = "id"
    """`id`, or `expert` for a copied expert besides; a `parent` makes it `parent`."""
    rank: int = 0
    """Rank of LoRA; 0 takes the largest up to 16 that keeps the adapter within 1% of the base."""
    bottleneck: int = 0
    """Width inside the conditioning adapters; 0 takes a sixteenth of each block's width."""
    minutes: float = 0.0
    """Use only so much of the data; 0 takes all."""
    speaker: str = ""
    """Use only this speaker of the data."""
    longest: float = 12.0
    """Longest utterance, seconds; longer ones are left out and counted."""
    licence: str = ""
    """Licence of the adapter; empty takes the data's."""
    attribution: str = ""
    """Whose recordings they are; needed where `data` is a folder of recordings."""
    resume: bool = True
    """Go on from where an interrupted adaptation of the same settings stopped."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""
    perturb: PerturbConfig = field(default_factory=lambda: PerturbConfig(0.0, 0.1, 2.0))
    """Speed and pitch changed on the fly, for as long as `fit.perturbed` says; `share` 0 turns it
    off, with which the held-out loss was lower for every dialect and amount that was tried."""
    fit: FitConfig = field(default_factory=FitConfig)
    """How it is fitted."""

    def __post_init__(self) -> None:
        for name in ("data", "valid", "others"):  # one folder may be named without brackets
            if isinstance(getattr(self, name), str):
                object.__setattr__(self, name, [getattr(self, name)])
        if not self.base:
            object.__setattr__(self, "base", str(bundles.SHIPPED))
        if not self.dialect or not self.data:
            raise ConfigError("name a dialect and its data: dialect=nanjing data=FOLDER")
        if not 0 <= self.rank <= 256:
            raise ConfigError(f"rank must lie between 0 and 256, found {self.rank}")
        if self.route not in ("id", "expert", "parent"):
            raise ConfigError(f"route must be id, expert or parent, found {self.route!r}")
        if self.route == "parent" and not self.parent:
            raise ConfigError("route=parent needs a parent: parent=chengdu")
