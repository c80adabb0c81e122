"""`python -m diamoe.adapt dialect=nanjing data=FOLDER base=BUNDLE`: an adapter from minutes of
speech (Hydra; settings in diamoe/adaptation/settings.py)."""

import logging
import sys

from diamoe.config import build
from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("train", "python -m diamoe.adapt"):
    import hydra
    from omegaconf import DictConfig, OmegaConf


@hydra.main(version_base=None, config_path="pkg://conf.adapter", config_name="adapt")
def main(settings: DictConfig) -> None:
    """Compose the settings and adapt."""
    from diamoe.adaptation.run import Adaptation
    from diamoe.adaptation.settings import AdaptConfig

    try:
        values = OmegaConf.to_container(settings, resolve=True)
        config = build(AdaptConfig, values)
        card = Adaptation(config).run()
    except DiamoeError as error:
        sys.exit(f"diamoe.adapt: {error}")
    flow = card.figures["flow"]
    logging.getLogger(__name__).info(
        "%s: held-out flow loss %.4f -> %.4f; speak with: tts synthesize ... --adapter %s",
        config.out, flow["before"], flow["after"], config.out,
    )  # fmt: skip


if __name__ == "__main__":
    main()
