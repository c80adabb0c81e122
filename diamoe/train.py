"""`python -m diamoe.train experiment=...`: train an acoustic model (Hydra, Lightning)."""

import sys

import hydra
from omegaconf import DictConfig, OmegaConf

from diamoe.config import build
from diamoe.errors import DiamoeError


@hydra.main(version_base=None, config_path="pkg://conf", config_name="train")
def main(settings: DictConfig) -> None:
    """Compose the settings and run."""
    from diamoe.training.run import TrainConfig, TrainingRun

    try:
        TrainingRun(build(TrainConfig, OmegaConf.to_container(settings, resolve=True))).start()
    except DiamoeError as error:
        sys.exit(f"diamoe.train: {error}")


if __name__ == "__main__":
    main()
