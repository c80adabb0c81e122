"""`python -m diamoe.adapt dialect=nanjing data=FOLDER base=BUNDLE`: an adapter from minutes of
speech (Hydra; settings in diamoe/adaptation/settings.py)."""

import logging
from typing import TYPE_CHECKING

from diamoe.extras import extra

with extra("train", "python -m diamoe.adapt"):
    from diamoe.hydra_command import run_command

if TYPE_CHECKING:
    from diamoe.adaptation.settings import AdaptConfig


def main() -> None:
    """Compose the settings and adapt."""
    from diamoe.adaptation.settings import AdaptConfig

    run_command("diamoe.adapt", "adapt", AdaptConfig, adapt, "conf.adapter")


def adapt(config: "AdaptConfig") -> None:
    """Make the adapter and say what it gained."""
    from diamoe.adaptation.run import Adaptation

    flow = Adaptation(config).run().figures["flow"]
    logging.getLogger(__name__).info(
        "%s: held-out flow loss %.4f -> %.4f; speak with: tts synthesize ... --adapter %s",
        config.out, flow["before"], flow["after"], config.out,
    )  # fmt: skip


if __name__ == "__main__":
    main()
