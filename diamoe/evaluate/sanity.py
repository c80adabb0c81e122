"""Does each metric tell recordings from the bundle from rubbish?

`python -m diamoe.evaluate.sanity corpora=[FOLDER,...]` shows the order of each figure.
"""

import sys

from diamoe.config import build
from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("evaluate", "python -m diamoe.evaluate.sanity"):
    import hydra
    from omegaconf import DictConfig, OmegaConf


@hydra.main(version_base=None, config_path="pkg://conf", config_name="sanity")
def main(settings: DictConfig) -> None:
    """Compose the settings, score, print."""
    from diamoe.evaluation.sanity import SanityConfig, lines, sanity

    try:
        config = build(SanityConfig, OmegaConf.to_container(settings, resolve=True), "sanity")
        print("\n".join(lines(sanity(config))))
    except DiamoeError as error:
        sys.exit(f"diamoe.evaluate.sanity: {error}")


if __name__ == "__main__":
    main()
