"""`python -m diamoe.export run=... out=...`: make a bundle of a training run's averaged weights."""

import json
import logging
import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from diamoe import bundle as bundles
from diamoe.audio.mel import LogMel, MelConfig
from diamoe.audio.vocoder import give_vocoder
from diamoe.bundle import Origin
from diamoe.config import build
from diamoe.errors import ConfigError, CorpusError
from diamoe.extras import extra
from diamoe.flow.matching import AcousticModel
from diamoe.flow.sampling import Sampling
from diamoe.synthesis.options import save_sampling
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import PhoneSeq

with extra("train", "python -m diamoe.export"):
    from diamoe.hydra_command import run_command

log = logging.getLogger(__name__)

LICENCE = "CC-BY-SA-4.0"
"""Licence of weights that were trained from scratch, unless another is given."""


@dataclass(frozen=True)
class VoiceSource:
    """Where a voice's prompt comes from."""

    name: str
    """What users call it."""
    corpus: str
    """Prepared corpus folder."""
    speaker: str
    """Speaker in that corpus."""
    description: str = ""
    """A line for `tts voices`."""
    cut: str = ""
    """The cut to use; empty takes the one nearest to `seconds` that is aligned best."""
    pace: float = 1.95
    """Mean log frames of a phone in running speech."""
    prompt_from: float = 0.0
    """Flow time from which on the model is told the prompt."""


@dataclass(frozen=True)
class ExportConfig:
    """Settings of `python -m diamoe.export`."""

    run: str = "runs/train"
    """Training run folder."""
    out: str = "runs/train/bundle"
    """Bundle folder to write."""
    licence: str = ""
    """Licence of the weights; empty takes the run's, or that of what it started from, or
    CC-BY-SA-4.0."""
    command: str = ""
    """The command that trained them; empty takes the one that started the run."""
    blend: str = ""
    """Bundle that the run started from, to keep some of: weights between those of a model and of
    its fine-tuned self do most of what either does (WiSE-FT, Wortsman et al. 2022,
    arXiv 2109.01903)."""
    blend_share: float = 0.3
    """How much of it."""
    seconds: float = 2.5
    """Length of a voice's prompt that is aimed at."""
    voices: list[dict[str, object]] = field(default_factory=list)
    """Voices, each a mapping of `VoiceSource`'s fields."""
    casting: dict[str, str] = field(default_factory=dict)
    """Voice of each dialect where none is asked for; the others' is the first that speaks them."""
    sampling: Sampling = field(default_factory=Sampling)
    """How the model is to be sampled."""
    vocoder: str = ""
    """Folder of a trained vocoder for the bundle; empty for the weight-free one."""


def export(config: ExportConfig) -> None:
    """Write the bundle.

    Raises:
        BundleError: `vocoder` holds none.
        ConfigError: the folder holds no run or no checkpoint, or `blend` another kind of model.
        CorpusError: a voice's corpus, speaker or cut is not there.
    """
    from diamoe.training.checkpoints import newest_checkpoint, read_checkpoint
    from diamoe.training.run import read_run, read_settings, run_vocabulary

    run = Path(config.run)
    acoustic, vocabulary, mel = read_run(run), run_vocabulary(run), MelConfig()
    file = newest_checkpoint(run / "checkpoints")
    if file is None:
        raise ConfigError(f"{run}: no checkpoint in {run / 'checkpoints'}")
    checkpoint = read_checkpoint(file)
    model = AcousticModel(acoustic, vocabulary)
    prefix = "model."
    state = {k.removeprefix(prefix): v for k, v in checkpoint["state_dict"].items()}
    model.load_state_dict(state)
    if config.blend:
        _blend(model, config)
    origin = build(Origin, read_settings(run)["origin"], "config.json origin")
    origin = replace(
        origin,
        licence=config.licence or origin.licence or LICENCE,
        command=config.command or origin.command,
    )
    sources = [build(VoiceSource, v, f"voices[{i}]") for i, v in enumerate(config.voices)]
    voices = [make_voice(source, config.seconds, mel) for source in sources]
    bundles.save(config.out, model, vocabulary, mel, voices, origin, casting=config.casting)
    save_sampling(Path(config.out), config.sampling)
    if config.vocoder:
        give_vocoder(Path(config.vocoder), Path(config.out))
    size = sum(f.stat().st_size for f in Path(config.out).rglob("*") if f.is_file())
    log.info("%s: %.1f MB after %d steps", config.out, size / 1e6, checkpoint["global_step"])


def _blend(model: AcousticModel, config: ExportConfig) -> None:
    """Move the model towards the one that it started from."""
    if not 0 <= config.blend_share <= 1:
        raise ConfigError(f"blend_share must lie between 0 and 1, found {config.blend_share!r}")
    other = bundles.load(config.blend).model.state_dict()
    own = model.state_dict()
    misfits = [k for k in own if k not in other or other[k].shape != own[k].shape]
    if misfits or len(own) != len(other):
        raise ConfigError(
            f"blend: {config.blend} is another kind of model or has other phones than the run: "
            f"{misfits[0] if misfits else 'it has more tensors'}"
        )
    for name, weights in own.items():  # state_dict shares its memory with the model
        if weights.is_floating_point():
            weights.lerp_(other[name], config.blend_share)


def make_voice(source: VoiceSource, seconds: float, mel: MelConfig) -> Voice:
    """A voice from a cut of a prepared, aligned corpus.

    Raises:
        CorpusError: no cut fits.
    """
    from diamoe.corpus import cut_durations, cut_speaker, open_corpus

    cuts = [c for c in open_corpus(source.corpus) if cut_speaker(c) == source.speaker]
    if source.cut:
        cuts = [c for c in cuts if c.id == source.cut]
    cuts = [c for c in cuts if source.cut or abs(c.duration - seconds) < 0.4]
    if not cuts:
        raise CorpusError(
            f"{source.corpus}: no cut of speaker {source.speaker!r} near {seconds} s"
            if not source.cut
            else f"{source.corpus}: no cut {source.cut!r} of speaker {source.speaker!r}"
        )
    random.Random(0).shuffle(cuts)
    best = max(cuts, key=lambda c: c.supervisions[0].custom.get("align_score", 0.0))
    supervision = best.supervisions[0]
    seq = PhoneSeq.parse(supervision.custom["phones"], supervision.language)
    features = LogMel(mel)(torch.from_numpy(best.load_audio()))[0]
    durations = cut_durations(best, seq.with_edges(), len(features), mel)
    card = json.loads((Path(source.corpus) / "card.json").read_text(encoding="utf-8"))
    return Voice(
        source.name,
        source.description,
        card["licence"],
        card["attribution"],
        seq,
        features,
        torch.tensor(durations),
        source.pace,
        source.prompt_from,
    )


def main() -> None:
    """Compose the settings and write the bundle."""
    run_command("diamoe.export", "export", ExportConfig, export)


if __name__ == "__main__":
    main()
