"""Lexicons from files: TSV, RIME dictionaries, and spreadsheets of characters and syllables."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from diamoe.errors import DiamoeError, LexiconError, NotationError
from diamoe.text.lexicon import BY_RULE, MERGED, Entry, Lexicon
from diamoe.text.normalize import is_han
from diamoe.text.phones import PhoneSeq
from diamoe.text.syllable import parse_pinyins, spellings
from diamoe.text.vocabulary import PhoneVocabulary

MAX_BYTES = 64 * 2**20
FORMATS = (".tsv", ".txt", ".dict.yaml", ".xlsx")


@dataclass(frozen=True)
class Row:
    """One row of a file: a word and how it is pronounced; `line` counts from 1."""

    line: int
    word: str
    pronunciation: str
    mandarin: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fault:
    """A row that was left out or mended, and why."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True)
class Imported:
    """What a file gave: the lexicon of its good rows, and the faults of the others.

    `notes` name rows that are used, but not as they are written.
    """

    lexicon: Lexicon
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()


Check = Callable[[str], str]
"""Takes one syllable as it is written; returns it as the dialect writes it, or raises."""


def read_lexicon(path: Path, check: Check, table_check: Check | None = None) -> Imported:
    """Read one file, or a folder that holds the spreadsheets of one dialect.

    `check` is the dialect's own test of a syllable (see `diamoe.text.user_lexicon.syllable_check`);
    `table_check` the one for spreadsheets, where these spell otherwise than the dialect does.

    Raises:
        LexiconError: there is no such file, it is too large, or it is of no known format.
    """
    path = Path(path)
    if path.is_dir():
        from diamoe.text.spreadsheets import read_folder

        return read_folder(path, table_check or check)
    if not path.is_file():
        raise LexiconError(f"{path}: there is no such file")
    if path.stat().st_size > MAX_BYTES:
        raise LexiconError(f"{path}: larger than {MAX_BYTES // 2**20} MB")
    if path.name.endswith(".xlsx"):
        from diamoe.text.spreadsheets import read_words

        return read_words(path, table_check or check)
    if path.name.endswith(".dict.yaml"):
        return import_rows(path.name, _rime(path), check)
    if path.suffix in (".tsv", ".txt"):
        return import_rows(path.name, _tsv(path), check)
    raise LexiconError(f"{path}: unknown kind of lexicon; allowed: {', '.join(FORMATS)}")


def import_rows(
    name: str, rows: Iterator[Row | Fault], check: Check, alternatives: bool = False
) -> Imported:
    """Check every row; the good ones become entries.

    The first of several pronunciations of a word stands; the others are faults, unless the file
    is one that lists `alternatives`.
    """
    entries: dict[tuple[str, str], Entry] = {}
    faults: list[Fault] = []
    for row in rows:
        if isinstance(row, Fault):
            faults.append(row)
            continue
        where = f"{name}:{row.line}"
        try:
            syllables = parse_pronunciation(row.word, row.pronunciation, check)
        except DiamoeError as error:
            faults.append(Fault(where, str(error)))
            continue
        for mandarin in row.mandarin or ("",):
            entry = Entry(row.word, syllables, mandarin, where)
            first = entries.setdefault((row.word, mandarin), entry)
            if first.syllables != syllables and not alternatives:
                faults.append(Fault(where, f"{row.word!r} is already pronounced at {first.where}"))
    return Imported(Lexicon.of(entries.values()), tuple(faults))


def parse_pronunciation(word: str, text: str, check: Check) -> tuple[str, ...]:
    """The syllables of a pronunciation, checked: one for each character of a Chinese word.

    Raises:
        DiamoeError: a syllable is wrong, or their number is.
    """
    parts = re.findall(r"\[[^\]]*\]|\S+", text)
    if not word or not parts:
        raise LexiconError("expected a word and its pronunciation")
    if len(parts) != len(word) and any(map(is_han, word)):
        raise LexiconError(
            f"{word!r} has {len(word)} characters, {text!r} has {len(parts)} syllables "
            f"({MERGED} joins a character to the syllable before, {BY_RULE} leaves it to the rules)"
        )
    if parts[0] == MERGED:
        raise LexiconError(f"{text!r} begins with {MERGED}: there is no syllable before it")
    return tuple(_checked(part, check) for part in parts)


def _checked(part: str, check: Check) -> str:
    if part in (MERGED, BY_RULE):
        return part
    if part.startswith("["):
        seq = PhoneSeq.parse(part.strip("[]"), "")
        PhoneVocabulary.default().encode(seq)
        if not seq.tokens:
            raise LexiconError("no phones between the brackets")
        return f"[{seq}]"
    return check(part)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise LexiconError(f"{path}:{line}: not UTF-8 text") from error
    yield from enumerate(text.splitlines(), 1)


def _tsv(path: Path) -> Iterator[Row | Fault]:
    """Rows of word, pronunciation and, where it matters, the Mandarin reading it is for."""
    for number, line in _lines(path):
        if not line.strip() or line.startswith("#"):
            continue
        columns = [column.strip() for column in line.split("\t")]
        if number == 1 and columns[0].lower() in ("word", "hanzi", "text"):
            continue
        if len(columns) < 2:
            found = "spaces" if " " in line.strip() else "one column"
            yield Fault(f"{path.name}:{number}", f"expected WORD TAB PRONUNCIATION, found {found}")
            continue
        try:
            mandarin = tuple(spellings(parse_pinyins(c)) for c in columns[2:3] if c)
        except NotationError as error:
            yield Fault(f"{path.name}:{number}", f"third column: {error}")
            continue
        yield Row(number, columns[0], columns[1], mandarin)


def _rime(path: Path) -> Iterator[Row | Fault]:
    """Rows of a RIME dictionary: a YAML header that ends with `...`, then text, code, weight."""
    lines = list(_lines(path))
    start, columns = _rime_header(path, lines)
    best: dict[str, tuple[float, Row]] = {}
    for number, line in lines[start:]:
        if not line.strip() or line.startswith("#"):
            continue
        cells = dict(zip(columns, line.split("\t"), strict=False))
        word, code = cells.get("text", "").strip(), cells.get("code", "").strip()
        if not code:
            yield Fault(f"{path.name}:{number}", "expected TEXT TAB CODE, found no code")
            continue
        weight = _weight(cells.get("weight", ""))
        if word not in best or weight > best[word][0]:
            best[word] = (weight, Row(number, word, code))
    yield from (row for _, row in best.values())


def _weight(text: str) -> float:
    match = re.match(r"[\d.]+", text.strip())
    return float(match.group()) if match and match.group().strip(".") else 1.0


def _rime_header(path: Path, lines: list[tuple[int, str]]) -> tuple[int, tuple[str, ...]]:
    import yaml

    end = next((i for i, (_, line) in enumerate(lines) if line.rstrip() == "..."), None)
    if end is None:
        raise LexiconError(f"{path}: no RIME dictionary: its header has to end with a line ...")
    try:
        header = yaml.safe_load("\n".join(line for _, line in lines[:end]))
    except yaml.YAMLError as error:
        raise LexiconError(f"{path}: the header is no YAML: {error}") from error
    columns = header.get("columns") if isinstance(header, Mapping) else None
    return end + 1, tuple(columns or ("text", "code", "weight"))
