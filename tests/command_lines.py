"""Would a command take these words? Found out without doing its work."""

import argparse
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import pytest

HYDRA = {
    "diamoe.train": ("conf", "train", "diamoe.training.run.TrainConfig"),
    "diamoe.export": ("conf", "export", "diamoe.export.ExportConfig"),
    "diamoe.distil": ("conf", "distil", "diamoe.distil.DistilConfig"),
    "diamoe.adapt": ("conf.adapter", "adapt", "diamoe.adaptation.settings.AdaptConfig"),
    "diamoe.adaptation.experiment": (
        "conf.adapter", "experiment", "diamoe.adaptation.experiment.ExperimentConfig",
    ),
    "diamoe.vocoding.train": ("conf.vocoder", "vocoder", "diamoe.vocoding.run.VocoderConfig"),
    "diamoe.evaluate": ("conf", "evaluate", "diamoe.evaluation.run.EvaluateConfig"),
    "diamoe.evaluate.sanity": ("conf", "sanity", "diamoe.evaluation.sanity.SanityConfig"),
    "diamoe.evaluation.intelligibility": (
        "conf", "intelligibility", "diamoe.evaluation.intelligibility.IntelligibilityConfig",
    ),
}  # fmt: skip
"""Commands of Hydra: where their YAML lies, its name, and the dataclass that it becomes."""
METRICS = r"diamoe\.evaluate\.(?!compare|sanity)\w+"
"""Commands that take the settings of `diamoe.evaluate`."""
NO_WORDS = {"diamoe.doctor"}
"""Commands that take no words at all."""


class Understood(Exception):
    """The words were read; the work is not done."""


def understand(line: str) -> None:
    """Raise whatever the command of a line would answer to its words; other programs pass."""
    if "…" in line:
        return
    if line.startswith("tts "):
        import_module("diamoe.cli").parser().parse_args(shlex.split(line)[1:])
        return
    found = re.search(r"-m ((?:diamoe|corpus_tools)[\w.]*)(.*)", line)
    if found:
        words = [w for w in shlex.split(found[2]) if w != "device=cuda"]  # not all have one
        if "--help" not in words:
            _reader(found[1])(words)


def _reader(module: str) -> Callable[[list[str]], object]:
    """What reads the words of `python -m MODULE`."""
    if module == "corpus_tools":
        return lambda words: import_module("corpus_tools.stages").read_settings(words[0], words[1:])
    if module == "diamoe.recogniser.train":
        return import_module(module).read_train_settings
    if module == "diamoe.inspect":
        return import_module("diamoe.inspect.__main__").parse
    if re.fullmatch(METRICS, module):
        return lambda words: compose("diamoe.evaluate", words)
    if module in HYDRA:
        return lambda words: compose(module, words)
    return lambda words: parse(module, words)


def compose(module: str, words: Sequence[str]) -> object:
    """The settings that a Hydra command would get; of several runs (`-m`), the common ones."""
    from diamoe.hydra_command import read_settings

    package, name, settings = HYDRA[module]
    overrides = [word for word in words if word != "-m" and "glob(" not in word]
    room, kind = settings.rsplit(".", 1)
    return read_settings(name, getattr(import_module(room), kind), overrides, package)


def parse(module: str, words: Sequence[str]) -> None:
    """Let the argument parser of a command read the words."""
    if module in NO_WORDS:
        assert not words, f"{module} takes no words, found {words}"
        return
    whole = argparse.ArgumentParser.parse_args

    def read(self, *given, **named):
        whole(self, *given, **named)
        raise Understood

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", read)
        patch.setattr(sys, "argv", [module, *words])
        with pytest.raises(Understood):
            import_module(module).main()
