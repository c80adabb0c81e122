"""`python -m diamoe.train experiment=...`: train an acoustic model (Hydra, Lightning)."""

import errno
import sys
from typing import TYPE_CHECKING

from diamoe.extras import extra

with extra("train", "python -m diamoe.train"):
    from diamoe.hydra_command import run_command

if TYPE_CHECKING:
    from diamoe.training.settings import TrainConfig

AGAIN = "the last checkpoint is good, and the same command resumes from it"


def main() -> None:
    """Compose the settings and run."""
    from diamoe.training.settings import TrainConfig

    run_command("diamoe.train", "train", TrainConfig, train)


def train(config: "TrainConfig") -> None:
    """Carry out a run; what the machine does to it ends it in one line, too."""
    from diamoe.training.run import TrainingRun

    try:
        TrainingRun(config).start()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        sys.exit(f"diamoe.train: cannot write {error.filename or config.out}: {error}; {AGAIN}")
    except RuntimeError as error:
        if not any(name in str(error) for name in ("gloo", "NCCL", "ProcessGroup")):
            raise
        reason = str(error).splitlines()[0]
        sys.exit(f"diamoe.train: another process of this run is gone ({reason}); {AGAIN}")


if __name__ == "__main__":
    main()
