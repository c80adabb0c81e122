"""`python -m corpus_tools report`: the page of some built corpora."""

from dataclasses import dataclass, field
from pathlib import Path

from corpus_tools.card import read_card
from corpus_tools.report.left_out import LeftOut, read_left_out
from corpus_tools.report.listening import listen
from corpus_tools.report.page import page
from corpus_tools.report.sections import (
    corpora_section,
    coverage_section,
    distributions_section,
    hours_section,
    left_out_section,
    pitch_section,
    rescue_section,
    summary,
    worst_section,
)
from corpus_tools.report.tally import tally_corpora
from diamoe.errors import ConfigError, CorpusError


@dataclass(frozen=True)
class ReportSettings:
    """Settings of `python -m corpus_tools report`."""

    corpora: list[str] = field(default_factory=list)
    """Folders of built corpora."""
    out: str = "report.html"
    """The page."""
    worst: int = 20
    """Utterances shown with players."""
    sample: int = 250
    """Utterances of every dialect that are listened to for F0."""

    def __post_init__(self) -> None:
        if isinstance(self.corpora, str):  # corpora=FOLDER
            object.__setattr__(self, "corpora", [self.corpora])
        if self.worst < 0 or self.sample < 0:
            raise ConfigError(f"worst {self.worst}, sample {self.sample}: allowed: 0 or more")


def write_report(settings: ReportSettings) -> None:
    """Read built corpora and write the page.

    Raises:
        ConfigError: no corpora are named.
        CorpusError: a folder holds no built corpus.
    """
    if not settings.corpora:
        raise ConfigError("corpora: name at least one folder of a built corpus")
    folders = [Path(name) for name in settings.corpora]
    cards = []
    for folder in folders:
        card = read_card(folder)
        if card is None:
            raise CorpusError(f"{folder}: no such corpus")
        cards.append(card)
    left_out: list[LeftOut] = [row for folder in folders for row in read_left_out(folder)]
    tally = tally_corpora(folders, settings.worst, settings.sample)
    heard = listen(folders, tally)
    html = page(
        _title([card["name"] for card in cards]),
        [
            ("Corpora", summary(cards, tally) + corpora_section(cards)),
            ("Hours", hours_section(tally)),
            ("Left out", left_out_section(left_out)),
            ("Lexicon entries to add", rescue_section(left_out)),
            ("Distributions", distributions_section(tally)),
            ("Coverage", coverage_section(tally)),
            ("Tones", pitch_section(list(tally.dialects), heard.pitch)),
            ("Worst utterances", worst_section(tally, heard)),
        ],
    )
    out = Path(settings.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(html, encoding="utf-8")
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def _title(names: list[str]) -> str:
    """
    >>> _title(["a", "b", "c", "d", "e"])
    'Corpora: a, b, c and 2 more'
    """
    more = f" and {len(names) - 3} more" if len(names) > 4 else ""
    return f"Corpora: {', '.join(names[:3] if more else names)}{more}"
