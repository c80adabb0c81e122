"""`python -m diamoe.vocoding.train crops.corpora=[...] out=FOLDER`: train a vocoder."""

import sys

import hydra
from omegaconf import DictConfig, OmegaConf

from diamoe.config import build
from diamoe.errors import DiamoeError


@hydra.main(version_base=None, config_path="pkg://conf", config_name="vocoder")
def main(settings: DictConfig) -> None:
    """Compose the settings and train."""
    from diamoe.vocoding.run import VocoderConfig, VocoderRun

    try:
        config = build(VocoderConfig, OmegaConf.to_container(settings, resolve=True), "vocoder")
        VocoderRun(config).start()
    except DiamoeError as error:
        sys.exit(f"diamoe.vocoding.train: {error}")


if __name__ == "__main__":
    main()
