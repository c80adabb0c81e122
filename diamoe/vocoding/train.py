"""`python -m diamoe.vocoding.train crops.corpora=[...] out=FOLDER`: train a vocoder."""

import sys

from diamoe.config import build
from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("train", "python -m diamoe.vocoding.train"):
    import hydra
    from omegaconf import DictConfig, OmegaConf


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
