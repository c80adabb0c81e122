"""A whole evaluation: speak a test set or take given sound, score it, write one folder."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from diamoe import bundle as bundles
from diamoe.errors import ConfigError
from diamoe.evaluation.casting import casting
from diamoe.evaluation.ear import Ear
from diamoe.evaluation.items import Item, corpus_items, match_audio, read_items
from diamoe.evaluation.metric import Row
from diamoe.evaluation.page import write_page
from diamoe.evaluation.published import Published
from diamoe.evaluation.results import write_results
from diamoe.evaluation.scoring import Backends, make_metrics, score, summarise
from diamoe.evaluation.speaking import SPEED, Speaking, cost, with_extremes
from diamoe.evaluation.testset import is_set_name, read_set
from diamoe.synthesis.synthesizer import SynthesisOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvaluateConfig:
    """Settings of `python -m diamoe.evaluate` and of every metric's own command."""

    bundle: str = str(bundles.SHIPPED)
    """Bundle that speaks the set; unused where `audio` is given."""
    audio: str = ""
    """Folder of sound files that another system made, named by the ids of the set."""
    set: list[str] = field(default_factory=list)
    """Shipped sets (`xian@1`, `dialects@1`, `hard@1`), tables of texts (TSV, CSV, JSON lines: `id`,
    `text`, `dialect`, ...) or prepared corpora, whose recordings are the references. One may stand
    without brackets."""
    dialect: str = ""
    """Dialect of the rows that name none."""
    limit: int = 0
    """Utterances of each dialect (of each corpus) at most; 0 for all."""
    extremes: bool = False
    """Also one syllable and 500 characters in every dialect, summed up apart."""
    metrics: list[str] = field(default_factory=list)
    """Names of metrics."""
    recogniser: str = str(bundles.RECOGNISER)
    """Folder of the built-in recogniser."""
    backends: Backends = field(default_factory=Backends)
    """Weights, recognisers and models of those who have them."""
    synthesis: SynthesisOptions = field(default_factory=SynthesisOptions)
    """How the bundle speaks."""
    voices: list[str] = field(default_factory=list)
    """Voices of the bundle that each say every text (`[all]`: all of them), so that the figures say
    which suits each dialect; empty: each text in its own, or in the dialect's default. Unused
    where `audio` is given."""
    published: Published = field(default_factory=Published)
    """Figures of others, to stand beside these in the report."""
    name: str = ""
    """Of the system, in reports; empty: the bundle's or the folder's."""
    out: str = "runs/evaluate"
    """Folder for audio/, utterances.parquet, utterances.csv, summary.json and report.html."""


class Evaluation:
    """One system on one test set."""

    def __init__(self, config: EvaluateConfig):
        self.config, self.out = config, Path(config.out)
        self.ear = Ear(config.recogniser)
        self.metrics, self.unavailable = make_metrics(config.metrics, self.ear, config.backends)

    def run(self) -> dict[str, Any]:
        """Score everything and write the folder; returns the summary.

        Raises:
            CorpusError: the set cannot be read, or no file in `audio` belongs to it.
            ConfigError: there is no set.
        """
        items = self.items()
        speed: dict[str, Any] = {}
        strangers: list[str] = []
        columns: dict[str, Row] = {}
        if self.config.audio:
            audio, strangers = match_audio(items, self.config.audio)
            for name in strangers:
                log.warning("%s: no text has the id %r", self.config.audio, name)
        else:
            speaking = Speaking(self.config.bundle, self.config.synthesis)
            items = speaking.in_voices(items, self.config.voices)
            items = speaking.with_prompts(items, self.out / "prompts")
            audio, columns = speaking.speak(items, self.out / "audio")
            speed = cost(columns)
        rows = score(items, audio, self.ear, self.metrics, columns)
        summary = self._summary(rows, strangers, speed)
        write_results(self.out, rows, summary)
        page = write_page(self.out, rows, summary)
        log.info("%s", page)
        return summary

    def items(self) -> list[Item]:
        """The texts of the set."""
        config = self.config
        found: list[Item] = []
        for name in [config.set] if isinstance(config.set, str) else config.set:
            if is_set_name(name):
                found += read_set(name, config.dialect, config.limit)
            elif Path(name).is_dir():
                found += corpus_items(name, self.out / "reference", config.limit)
            else:
                found += read_items(name, config.dialect, config.limit)
        if not found:
            raise ConfigError("set: name a shipped set (dialects@1), a table of texts or a corpus")
        twice = [name for name, count in Counter(item.id for item in found).items() if count > 1]
        if twice:
            raise ConfigError(f"set: the id {twice[0]!r} is in two of {config.set}")
        return with_extremes(found) if config.extremes and not config.audio else found

    def _summary(
        self, rows: Sequence[Row], strangers: Sequence[str], speed: dict[str, Any]
    ) -> dict[str, Any]:
        config = self.config
        figures = [f for metric in self.metrics for f in metric.figures]
        figures += [] if config.audio else SPEED
        details: dict[str, Any] = {}
        for metric in self.metrics:
            details |= metric.details()
        return {
            "system": config.name or config.audio or config.bundle,
            "set": config.set,
            "dialects": list(dict.fromkeys(row["dialect"] for row in rows)),
            "utterances": len(rows),
            "with_problems": sum(bool(row["problems"]) for row in rows),
            "casting": casting(rows),
            "figures": summarise(rows, figures),
            "published": asdict(config.published),
            "recogniser": self.ear.facts,
            "unavailable": self.unavailable,
            "files_without_text": list(strangers),
            "speed": speed,
            "details": details,
        }


def lines(summary: dict[str, Any]) -> list[str]:
    """The summary in lines for a terminal, the recogniser's own error among them."""
    found = [f"{summary['system']}: {summary['utterances']} utterances"]
    for name, figure in summary["figures"].items():
        if figure["all"]:
            a = figure["all"]
            found.append(
                f"  {name:18} {a['value']:8.3f}  ({a['low']:.3f} to {a['high']:.3f}, "
                f"{a['utterances']} utterances)  {figure['meaning']}"
            )
    errors = [
        f"{name} {quality['phone_error_rate']:.2f}"
        for name, quality in summary["recogniser"].get("heldout", {}).items()
    ]
    found.append(f"  the recogniser's own phone error rate, held out: {', '.join(errors)}")
    found += [f"  left out: {line}" for line in summary["unavailable"].values()]
    if summary["with_problems"]:
        found.append(f"  {summary['with_problems']} utterances with problems, see utterances.csv")
    return found
