"""`python -m diamoe.distil`: a bundle that speaks in few steps, without guidance."""

import logging
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as File

import torch
from torch import Tensor

from diamoe import bundle as bundles
from diamoe.audio.mel import LogMel
from diamoe.audio.vocoder import carry_vocoder
from diamoe.bundle import SHIPPED, Bundle
from diamoe.errors import ConfigError
from diamoe.extras import extra
from diamoe.flow.distillation import Path, jump_loss, students, teacher_path
from diamoe.synthesis.making import Maker, Order, stacked
from diamoe.synthesis.options import bundle_sampling, save_sampling
from diamoe.synthesis.voices import Voice
from diamoe.text.phones import PhoneSeq

with extra("train", "python -m diamoe.distil"):
    from lhotse import CutSet

    from diamoe.corpus import corpus_shards, cut_durations, cut_phones, open_corpus
    from diamoe.hydra_command import run_command

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DistilConfig:
    """Settings of `python -m diamoe.distil`."""

    out: str = "runs/distil"
    """Folder for the student's bundle and the state to resume from."""
    bundle: str = str(SHIPPED)
    """The teacher."""
    corpora: list[str] = field(default_factory=list)
    """Prepared corpora; their phones, times and (as prompts) sound are used."""
    cuts: int = 400
    """Utterances taken of each corpus."""
    longest: float = 3.0
    """Longest utterance, seconds."""
    prompts: int = 200
    """Utterances that serve as prompts beside the bundle's voices."""
    rounds: int = 120
    """Rounds: the teacher goes its way for one batch, the student learns from it."""
    batch: int = 6
    """Utterances of one round."""
    passes: int = 2
    """How often the student sees each stretch of a way."""
    jumps: int = 4
    """The student's steps."""
    substeps: int = 4
    """The teacher's steps for one of them."""
    learning_rate: float = 3e-4
    """Peak; it falls to 0 along a cosine."""
    valid: int = 12
    """Utterances kept back to measure on."""
    save_every: int = 5
    """Rounds between savings."""
    resume: bool = True
    """Go on from the state in `out`."""
    threads: int = 0
    """CPU threads; 0 leaves torch's choice."""
    precision: str = "bf16"
    """bf16 or 32."""
    seed: int = 0
    """Seed of everything that is drawn."""

    def __post_init__(self) -> None:
        if not self.corpora:
            raise ConfigError("corpora is empty: name at least one prepared corpus folder")
        if self.precision not in ("bf16", "32"):
            raise ConfigError(f"precision must be bf16 or 32, found {self.precision!r}")
        for name in ("cuts", "rounds", "batch", "passes", "jumps", "substeps", "save_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be 1 or more, found {getattr(self, name)}")


@dataclass(frozen=True)
class Line:
    """What is to be said: phones without edges, and frames (tokens,) with them."""

    phones: PhoneSeq
    durations: Tensor


def read_lines(config: DistilConfig, bundle: Bundle) -> list[Line]:
    """Lines of all corpora, in a drawn order; only manifests are read."""
    draw, lines = random.Random(config.seed), []
    for folder in config.corpora:
        shards = corpus_shards(folder)
        manifests = [str(cuts) for cuts, _ in shards]
        cuts = [c for m in manifests for c in CutSet.from_jsonl_lazy(m)]
        fitting = [c for c in cuts if c.duration <= config.longest]
        for cut in draw.sample(fitting, min(config.cuts, len(fitting))):
            edged = cut_phones(cut)
            frames = 1 + int(cut.duration * bundle.mel.sample_rate) // bundle.mel.hop
            lengths = torch.tensor(cut_durations(cut, edged, frames, bundle.mel))
            lines.append(Line(PhoneSeq(edged.tokens[1:-1], edged.dialect), lengths))
    if len(lines) <= config.valid + config.batch:
        raise ConfigError(
            f"corpora: {len(lines)} utterances of at most {config.longest} s, more than "
            f"{config.valid + config.batch} are needed"
        )
    draw.shuffle(lines)
    return lines


def read_prompts(config: DistilConfig, bundle: Bundle) -> list[Voice]:
    """The bundle's voices, and utterances of the corpora as voices of their own."""
    voices = list(bundle.voices.values())
    log_mel, share = LogMel(bundle.mel), max(1, config.prompts // len(config.corpora))
    for folder in config.corpora if config.prompts else ():
        taken = 0
        for cut in open_corpus(folder):
            if taken == share:
                break
            if not 1.0 <= cut.duration <= config.longest:
                continue
            mel = log_mel(torch.from_numpy(cut.load_audio()))[0]
            edged = cut_phones(cut)
            durations = torch.tensor(cut_durations(cut, edged, len(mel), bundle.mel))
            phones = PhoneSeq(edged.tokens[1:-1], edged.dialect)
            voices.append(Voice(cut.id, "", "", "", phones, mel, durations, 0.0))
            taken += 1
    return voices


class Distillation:
    """One run: a teacher, its student, and what they say."""

    def __init__(self, config: DistilConfig):
        self.config, self.folder = config, File(config.out)
        if config.threads:
            torch.set_num_threads(config.threads)
        self.bundle = bundles.load(config.bundle)
        self.sampling = bundle_sampling(self.bundle.folder)
        if not self.sampling.guidance:
            raise ConfigError(
                f"{config.bundle}: sampled without guidance, so it is a student itself"
            )
        bundles.load_own(config.bundle)  # an imported network is no teacher: said by name
        self.maker = Maker(self.bundle)
        self.student = bundles.load(config.bundle).model
        self.learned = [p for n, p in self.student.dit.named_parameters() if not _frozen(n)]
        self.optimiser = torch.optim.AdamW(self.learned, config.learning_rate, weight_decay=0.0)
        lines = read_lines(config, self.bundle)
        self.held, self.lines = lines[: config.valid], lines[config.valid :]
        self.prompts = read_prompts(config, self.bundle)
        log.info("%d lines, %d prompts", len(self.lines), len(self.prompts))

    def run(self) -> None:
        """All rounds, from the saved state where there is one; the bundle is saved on the way."""
        config = self.config
        begin = self._restore()
        if begin == 0:
            self._report(0)
        for number in range(begin, config.rounds):
            losses = self._round(number)
            log.info("round %d of %d: %.4f", number + 1, config.rounds, sum(losses) / len(losses))
            if (number + 1) % config.save_every == 0 or number + 1 == config.rounds:
                self._save(number + 1)
            if (number + 1) % (4 * config.save_every) == 0 or number + 1 == config.rounds:
                self._report(number + 1)

    def _round(self, number: int) -> list[float]:
        config = self.config
        draw = random.Random(f"{config.seed} {number}")
        middle = draw.choice(self.lines)
        size = int(middle.durations.sum())
        close = sorted(
            draw.sample(self.lines, min(len(self.lines), 20 * config.batch)),
            key=lambda line: abs(int(line.durations.sum()) - size),
        )
        path = self._path(close[: config.batch], number, draw)
        losses = []
        jumps = [*range(config.jumps)] * config.passes
        for jump in draw.sample(jumps, len(jumps)):
            self._set_rate(number)
            with self._precision():
                loss = jump_loss(self.student.dit, path, jump)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.learned, 1.0)
            self.optimiser.step()
            losses.append(float(loss.detach()))
        return losses

    def _path(self, lines: Sequence[Line], number: int, draw: random.Random) -> Path:
        own = len(self.bundle.voices)
        of = self.prompts[:own] if own and draw.random() < 0.5 else self.prompts
        first = draw.choice(of) if of else None
        late = first.prompt_from if first else self.sampling.prompt_from
        sampling = replace(self.sampling, prompt_from=late or self.sampling.prompt_from)
        alike = [voice for voice in of if voice.prompt_from == late]
        orders = []
        for i, line in enumerate(lines):
            seed = hash((self.config.seed, number, i)) % 2**62
            voice = draw.choice(alike) if alike else None
            orders.append(Order(line.phones, voice, sampling, seed=seed, durations=line.durations))
        with torch.no_grad(), self._precision():
            conditioning, noise = stacked([self.maker.plan(order) for order in orders])
            return teacher_path(
                self.bundle.model.dit,
                conditioning,
                noise,
                sampling,
                self.config.jumps,
                self.config.substeps,
            )

    def _precision(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.config.precision == "bf16")

    def _set_rate(self, number: int) -> None:
        warm = min(1.0, (number + 1) / 4)
        cosine = 0.5 * (1 + math.cos(math.pi * number / self.config.rounds))
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.learning_rate * warm * cosine

    def _report(self, number: int) -> None:
        """Log how far from the teacher's mels the student's and the teacher's own few steps are,
        mean absolute difference of the normalised mel."""
        path = self._path(self.held, -1, random.Random(self.config.seed))
        made = path.conditioning.mask & ~path.conditioning.known
        alone = replace(path.sampling, smoothing=1, contrast=0.0)
        few = replace(alone, guidance=self.sampling.guidance)
        with torch.no_grad(), self._precision():
            own = few.solve(self.bundle.model.dit, path.conditioning, path.points[0])
            student = alone.solve(self.student.dit, path.conditioning, path.points[0])
        away = [float((mel - path.points[-1]).abs()[made].mean()) for mel in (student, own)]
        log.info("after %d rounds: student %.4f, teacher in as few steps %.4f", number, *away)

    def _save(self, number: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        origin = replace(
            self.bundle.origin,
            command=f"{self.bundle.origin.command}; python -m diamoe.distil",
        )
        voices, mel = list(self.bundle.voices.values()), self.bundle.mel
        bundles.save(
            self.folder / "bundle",
            self.student,
            self.bundle.vocabulary,
            mel,
            voices,
            origin,
            casting=self.bundle.casting,
        )
        save_sampling(self.folder / "bundle", students(self.sampling, self.config.jumps))
        carry_vocoder(self.bundle.folder, self.folder / "bundle")
        state = {
            "round": number,
            "student": self.student.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        temporary = self.folder / "state.pt.part"
        torch.save(state, temporary)
        temporary.replace(self.folder / "state.pt")

    def _restore(self) -> int:
        """Rounds that are done."""
        file = self.folder / "state.pt"
        if not (self.config.resume and file.is_file()):
            return 0
        state = torch.load(file, weights_only=True)
        self.student.load_state_dict(state["student"])
        self.optimiser.load_state_dict(state["optimiser"])
        return int(state["round"])


def _frozen(name: str) -> bool:
    """Whether a parameter belongs to the text, which is encoded before the flow begins."""
    return name.startswith(("text_encoder.", "moe.", "frame_layout.", "frame_blocks."))


def main() -> None:
    """Compose the settings and distil."""
    run_command("diamoe.distil", "distil", DistilConfig, lambda c: Distillation(c).run())


if __name__ == "__main__":
    main()
