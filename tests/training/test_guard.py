"""Leaps of the loss are skipped or end the run; a loss that is no number always ends it."""

import logging
import math
from pathlib import Path

import pytest
import torch
from lightning import LightningModule
from torch.utils.data import DataLoader

from diamoe.errors import TrainingError
from diamoe.training.checkpoints import newest_checkpoint, read_checkpoint
from diamoe.training.optimiser import OptimiserConfig
from diamoe.training.settings import GuardConfig, TrainerConfig
from diamoe.training.trainer import make_trainer


class Named(torch.Tensor):
    """A batch with the names of its cuts."""

    cuts: tuple[str, ...] = ()


class Line(LightningModule):
    """A regression whose data are wrong at some steps."""

    def __init__(self, rate: float = 0.01):
        super().__init__()
        self.net = torch.nn.Linear(1, 1)
        self.rate = rate
        self.weights: list[float] = []

    def training_step(self, batch, index):
        self.weights.append(float(self.net.weight.detach()))
        return (self.net(batch[:, :1].as_subclass(torch.Tensor)) - batch[:, 1:]).square().mean()

    def configure_optimizers(self):
        return OptimiserConfig(learning_rate=self.rate).make(self)


def batch(step: int, wrong: dict[int, float]) -> torch.Tensor:
    x = torch.linspace(-1, 1, 8).unsqueeze(1)
    made = torch.cat((x, 2 * x + wrong.get(step, 0.0) + 0.5), dim=1).as_subclass(Named)
    made.cuts = (f"cut{step}",)
    return made


def run(folder: Path, wrong: dict[int, float], steps: int = 20, **guard: object) -> Line:
    config = TrainerConfig(
        steps=steps, precision="32-true", accelerator="cpu", save_every=1, ema=0.0,
        guard=GuardConfig(window=20, **guard), accumulate=1,
    )  # fmt: skip
    torch.manual_seed(0)
    module = Line()
    data = DataLoader([batch(i, wrong) for i in range(steps)], batch_size=None)
    make_trainer(config, folder).fit(module, data)
    return module


def test_a_leap_is_skipped_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        module = run(tmp_path, {10: 100.0})
    before, after = module.weights[10], module.weights[11]
    assert before == after != module.weights[12]
    assert "step 11: loss" in caplog.text and "cut10" in caplog.text and "skipped" in caplog.text


def test_without_the_guard_the_leap_is_learned(tmp_path: Path):
    module = run(tmp_path, {10: 100.0}, action="ignore")
    assert module.weights[10] != module.weights[11]


def test_a_leap_may_stop_the_run(tmp_path: Path):
    with pytest.raises(TrainingError, match=r"step 11: loss .* times the median.*cut10"):
        run(tmp_path, {10: 100.0}, action="stop")
    last = newest_checkpoint(tmp_path / "checkpoints")
    assert last is not None and last.name == "step=10.ckpt"


def test_many_leaps_in_a_row_stop_the_run(tmp_path: Path):
    with pytest.raises(TrainingError, match="3 steps in a row"):
        run(tmp_path, {step: 100.0 for step in range(8, 20)}, patience=3)


@pytest.mark.parametrize("action", ["skip", "ignore"])
def test_a_loss_that_is_no_number_ends_the_run_before_it_does_harm(tmp_path: Path, action: str):
    with pytest.raises(TrainingError, match=r"step 6: the loss is nan; cuts cut5\."):
        run(tmp_path, {5: math.nan}, action=action)
    last = newest_checkpoint(tmp_path / "checkpoints")
    assert last is not None and last.name == "step=5.ckpt"
    assert all(t.isfinite().all() for t in read_checkpoint(last)["state_dict"].values())
