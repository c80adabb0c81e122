"""Few-step students: a copy of a model learns where its teacher goes in many guided steps.

The teacher integrates from noise to mel in `jumps * substeps` guided steps. The student, which
begins as the teacher, learns for each of the `jumps` stretches of that path to go from its
beginning to its end in one unguided step (progressive distillation, Salimans & Ho 2022, arXiv
2202.00512, with the guidance folded in as by Meng et al. 2023, arXiv 2210.03142), along the
teacher's own path. Text encoder, experts and durations stay the teacher's.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from diamoe.flow.sampling import Sampling, VelocityModel, sample
from diamoe.model.dit import Conditioning


@dataclass(frozen=True)
class Path:
    """A teacher's way: `points` (jumps + 1, batch, frames, n_mels) from noise to mel at `times`
    (jumps + 1,), under `conditioning`; `sampling` is how its student goes it."""

    points: Tensor
    times: Tensor
    conditioning: Conditioning
    sampling: Sampling


def students(sampling: Sampling, jumps: int) -> Sampling:
    """How a student is sampled whose teacher is sampled so: a step a stretch, without guidance."""
    return replace(sampling, steps=jumps, guidance=0.0, schedule="sway", solver="euler")


def teacher_path(
    teacher: VelocityModel,
    conditioning: Conditioning,
    x0: Tensor,
    sampling: Sampling,
    jumps: int,
    substeps: int,
) -> Path:
    """Where the teacher is after each of `jumps` stretches of `substeps` steps."""
    times = replace(sampling, steps=jumps * substeps, schedule="sway").times()
    field = sampling.field(teacher, conditioning)
    points = [x0]
    for jump in range(jumps):
        stretch = times[jump * substeps : (jump + 1) * substeps + 1]
        points.append(sample(field, points[-1], stretch, sampling.solver))
    return Path(torch.stack(points), times[::substeps], conditioning, students(sampling, jumps))


def jump_loss(student: VelocityModel, path: Path, jump: int) -> Tensor:
    """How far the student's one step misses the end of stretch number `jump`, a scalar.

    The student is told the prompt from the flow time on at which it will be told it. The error of
    the mean velocity is weighted by (1 - t)^2: what it does to the mel that a step towards the end
    would give. The known frames count too, for the student's own next step sees where it left them;
    padding does not.
    """
    begin, end = path.points[jump], path.points[jump + 1]
    now, after = path.times[jump], path.times[jump + 1]
    found = path.sampling.field(student, path.conditioning)(begin, now)
    error = (found - (end - begin) / (after - now)).square().mean(dim=-1) * (1 - now).square()
    mask = path.conditioning.mask
    return (error * mask).sum() / mask.sum().clamp(min=1)
