"""`python -m diamoe.vocoding.train crops.corpora=[...] out=FOLDER`: train a vocoder."""

from diamoe.extras import extra

with extra("train", "python -m diamoe.vocoding.train"):
    from diamoe.hydra_command import run_command


def main() -> None:
    """Compose the settings and train."""
    from diamoe.vocoding.run import VocoderConfig, VocoderRun

    run_command(
        "diamoe.vocoding.train",
        "vocoder",
        VocoderConfig,
        lambda config: VocoderRun(config).start(),
        "conf.vocoder",
    )


if __name__ == "__main__":
    main()
