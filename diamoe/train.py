"""`python -m diamoe.train experiment=...`: train an acoustic model (Hydra, Lightning)."""

import errno
import sys

from diamoe.config import build
from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("train", "python -m diamoe.train"):
    import hydra
    from omegaconf import DictConfig, OmegaConf

AGAIN = "the last checkpoint is good, and the same command resumes from it"


@hydra.main(version_base=None, config_path="pkg://conf", config_name="train")
def main(settings: DictConfig) -> None:
    """Compose the settings and run."""
    from diamoe.training.run import TrainConfig, TrainingRun

    try:
        TrainingRun(build(TrainConfig, OmegaConf.to_container(settings, resolve=True))).start()
    except DiamoeError as error:
        sys.exit(f"diamoe.train: {error}")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        sys.exit(f"diamoe.train: cannot write {error.filename or settings.out}: {error}; {AGAIN}")
    except RuntimeError as error:
        if not any(name in str(error) for name in ("gloo", "NCCL", "ProcessGroup")):
            raise
        reason = str(error).splitlines()[0]
        sys.exit(f"diamoe.train: another process of this run is gone ({reason}); {AGAIN}")


if __name__ == "__main__":
    main()
