"""What every command of this package does: compose conf/evaluate.yaml, run, print."""

from collections.abc import Sequence
from dataclasses import replace

from diamoe.extras import extra

with extra("evaluate", "python -m diamoe.evaluate"):
    from diamoe.hydra_command import run_command


def run(metrics: Sequence[str] = ()) -> None:
    """Evaluate as the command line says, with these metrics alone where some are given."""
    from diamoe.evaluation.run import EvaluateConfig, Evaluation, lines

    def work(config: EvaluateConfig) -> None:
        asked = replace(config, metrics=list(metrics) or config.metrics)
        print("\n".join(lines(Evaluation(asked).run())))

    run_command("diamoe.evaluate", "evaluate", EvaluateConfig, work)
