"""What every command of this package does: compose conf/evaluate.yaml, run, print."""

import sys
from collections.abc import Sequence

from diamoe.config import build
from diamoe.errors import DiamoeError
from diamoe.extras import extra

with extra("evaluate", "python -m diamoe.evaluate"):
    import hydra
    from omegaconf import DictConfig, OmegaConf


def run(metrics: Sequence[str] = ()) -> None:
    """Evaluate as the command line says, with these metrics unless it names others."""

    @hydra.main(version_base=None, config_path="pkg://conf", config_name="evaluate")
    def main(settings: DictConfig) -> None:
        from diamoe.evaluation.run import EvaluateConfig, Evaluation, lines

        try:
            values = OmegaConf.to_container(settings, resolve=True)
            assert isinstance(values, dict)
            if metrics:
                values["metrics"] = list(metrics)
            summary = Evaluation(build(EvaluateConfig, values, "evaluate")).run()
        except DiamoeError as error:
            sys.exit(f"diamoe.evaluate: {error}")
        print("\n".join(lines(summary)))

    main()
