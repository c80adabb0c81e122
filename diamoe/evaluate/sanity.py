"""Does each metric tell recordings from the bundle from rubbish?

`python -m diamoe.evaluate.sanity corpora=[FOLDER,...]` shows the order of each figure.
"""

from diamoe.extras import extra

with extra("evaluate", "python -m diamoe.evaluate.sanity"):
    from diamoe.hydra_command import run_command


def main() -> None:
    """Compose the settings, score, print."""
    from diamoe.evaluation.sanity import SanityConfig, lines, sanity

    def work(config: SanityConfig) -> None:
        print("\n".join(lines(sanity(config))))

    run_command("diamoe.evaluate.sanity", "sanity", SanityConfig, work)


if __name__ == "__main__":
    main()
