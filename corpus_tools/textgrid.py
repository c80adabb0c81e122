"""Phone and word times as Praat's TextGrid, and as Lhotse's alignment items."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diamoe.errors import ConfigError, CorpusError

Timed = tuple[str, float, float]
"""A symbol or word, where it starts and how long it lasts, seconds."""
Tiers = Mapping[str, Sequence[Timed]]
"""Named rows of intervals."""
TIERS = ("phone", "word")
"""The tiers of a cut's alignment that are exported."""
_LEAST = 1e-6
"""Seconds; Praat knows no intervals of no length."""
_NUMBER = r"(-?[\d.]+(?:[eE][-+]?\d+)?)"
_FIELD = re.compile(
    rf'(class|name|text|xmin|xmax|intervals: size) = (?:"((?:[^"]|"")*)"|{_NUMBER})'
)


@dataclass(frozen=True)
class TextGridSettings:
    """Settings of `python -m corpus_tools textgrid`."""

    corpora: list[str] = field(default_factory=list)
    """Folders of built corpora."""
    out: str = "textgrids"
    """Folder that one folder a corpus is written to."""

    def __post_init__(self) -> None:
        if isinstance(self.corpora, str):  # corpora=FOLDER
            object.__setattr__(self, "corpora", [self.corpora])


def write_textgrids(settings: TextGridSettings) -> None:
    """Export every corpus named.

    Raises:
        ConfigError: no corpora are named.
        CorpusError: a folder holds no corpus, or no cut of it has times.
    """
    if not settings.corpora:
        raise ConfigError("corpora: name at least one folder of a built corpus")
    for corpus in map(Path, settings.corpora):
        target = Path(settings.out) / corpus.name
        print(f"{target}: {export_textgrids(corpus, target)} files")


def format_textgrid(tiers: Tiers, seconds: float) -> str:
    """A TextGrid in Praat's long text form; times without a symbol become empty intervals.

    Tokens that take no time (zero initials, marks without a pause) are left out: Praat knows no
    intervals of no length.
    """
    head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    head += ["xmin = 0", f"xmax = {_time(seconds)}", "tiers? <exists>", f"size = {len(tiers)}"]
    lines = [*head, "item []:"]
    for number, (name, items) in enumerate(tiers.items(), start=1):
        intervals = list(_fill(items, seconds))
        lines += [f"    item [{number}]:", '        class = "IntervalTier"']
        lines += [f'        name = "{_quoted(name)}"', "        xmin = 0"]
        lines += [f"        xmax = {_time(seconds)}"]
        lines += [f"        intervals: size = {len(intervals)}"]
        for index, (symbol, start, end) in enumerate(intervals, start=1):
            lines += [f"        intervals [{index}]:", f"            xmin = {_time(start)}"]
            lines += [f"            xmax = {_time(end)}"]
            lines += [f'            text = "{_quoted(symbol)}"']
    return "\n".join(lines) + "\n"


def _fill(items: Sequence[Timed], seconds: float) -> Iterable[tuple[str, float, float]]:
    """Intervals without gaps from 0 to the end: symbol, start and end."""
    position = 0.0
    for symbol, start, length in items:
        start, end = max(start, position), min(start + length, seconds)
        if end - start < _LEAST:
            continue
        if start - position > _LEAST:
            yield "", position, start
        else:
            start = position
        yield symbol, start, end
        position = end
    if seconds - position > _LEAST:
        yield "", position, seconds


def _time(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".") or "0"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def parse_textgrid(text: str) -> dict[str, list[Timed]]:
    """The interval tiers of a TextGrid in the long text form, empty intervals left out.

    Raises:
        CorpusError: it is not such a file.
    """
    if '"TextGrid"' not in text or "item []:" not in text:
        raise CorpusError('no TextGrid in Praat\'s long text form ("item []:" expected)')
    tiers: dict[str, list[Timed]] = {}
    items: list[Timed] | None = None
    kind = ""
    times = {"xmin": 0.0, "xmax": 0.0}
    for match in _FIELD.finditer(text, text.index("item []:")):
        key, string, number = match.groups()
        if key == "class":
            kind, items = string, None
        elif key == "name" and kind == "IntervalTier":
            items = tiers.setdefault(string.replace('""', '"'), [])
        elif key in times and number is not None:
            times[key] = float(number)
        elif key == "text" and items is not None and string:
            length = round(times["xmax"] - times["xmin"], 6)
            items.append((string.replace('""', '"'), times["xmin"], length))
    return tiers


def cut_tiers(cut: Any) -> dict[str, list[Timed]]:
    """The phone and word times of a Lhotse cut's first supervision.

    Raises:
        CorpusError: it has none.
    """
    alignment = cut.supervisions[0].alignment or {}
    tiers = {
        name: [(item.symbol, item.start, item.duration) for item in alignment[name]]
        for name in TIERS
        if name in alignment
    }
    if not tiers:
        raise CorpusError(f"{cut.id}: no phone times")
    return tiers


def alignment_items(tiers: Tiers) -> dict[str, list[Any]]:
    """The same as Lhotse keeps them in a supervision's `alignment`."""
    from lhotse.supervision import AlignmentItem

    return {
        name: [AlignmentItem(symbol, start, length) for symbol, start, length in items]
        for name, items in tiers.items()
    }


def export_textgrids(corpus: str | Path, out: str | Path) -> int:
    """Write a .TextGrid for every cut of a built corpus that has times; returns how many.

    Raises:
        CorpusError: the folder holds no corpus, or no cut of it has times.
    """
    from diamoe.corpus import open_corpus

    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for cut in open_corpus(corpus):
        if not cut.supervisions[0].alignment:
            continue
        text = format_textgrid(cut_tiers(cut), cut.duration)
        (folder / f"{file_name(cut.id)}.TextGrid").write_text(text, encoding="utf-8")
        count += 1
    if not count:
        raise CorpusError(f"{corpus}: no cut has phone times; build it with a recogniser")
    return count


def file_name(id: str) -> str:
    """An id as a file name inside one folder.

    >>> file_name("a/../b c")
    'a_.._b c'
    """
    return re.sub(r'[/\\\x00-\x1f:*?"<>|]', "_", id).lstrip(".") or "_"
