"""Spreadsheets of one dialect: characters and words with romanisations, syllables with phones.

A sheet of characters has the columns hanzi (or word), standard_chinese_pinyin and
dialect_pinyin; a sheet of syllables pinyin, syllable, initial and final in IPA with raised tone
digits; a sheet of tones contour and mark. A folder may hold one of each (`hanzi.xlsx`,
`word.xlsx`, `syllable.xlsx`, `tone.xlsx`, also with a prefix such as `base_`).
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from diamoe.errors import DiamoeError, LexiconError, NotationError
from diamoe.text.lexicon import BY_RULE, MERGED, Lexicon
from diamoe.text.lexicon_files import Check, Fault, Imported, Row, import_rows
from diamoe.text.phones import TONE_MARKS, parse_phone
from diamoe.text.syllable import parse_pinyin
from diamoe.text.vocabulary import PhoneVocabulary

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TONE = re.compile(r"^(.*?)((?:[⁰¹²³⁴⁵]\u0332?)*)$")
_UNDERLINE = "\u0332"


def read_folder(path: Path, check: Check) -> Imported:
    """All tables of one folder, as one lexicon.

    Raises:
        LexiconError: the folder holds none of them, or one cannot be read.
    """
    files = {kind: _find(path, kind) for kind in ("tone", "syllable", "hanzi", "word")}
    if not any(files.values()):
        raise LexiconError(f"{path}: holds no hanzi.xlsx, word.xlsx, syllable.xlsx or tone.xlsx")
    marks = _marks(files["tone"]) if files["tone"] else {}
    phones: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    notes: list[Fault] = []
    if files["syllable"]:
        phones, faults, notes = _syllables(files["syllable"], marks)
    names = _names(phones, check)
    entries = []
    for kind in ("hanzi", "word"):
        file = files[kind]
        if file is not None:
            found = import_rows(file.name, _rows(file), lambda s: _known(s, names, check), True)
            faults += found.faults
            entries += [e for group in found.lexicon.entries.values() for e in group]
    table = {name: phones[s] for s, name in names.items() if not name.startswith("[")}
    return Imported(Lexicon.of(entries, table), tuple(faults), tuple(notes))


def read_words(path: Path, check: Check) -> Imported:
    """One sheet of characters or words."""
    return import_rows(path.name, _rows(path), check, alternatives=True)


def _find(folder: Path, kind: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"*{kind}.xlsx"))), None)


def _known(syllable: str, names: dict[str, str], check: Check) -> str:
    return names[syllable] if syllable in names else check(_plain(syllable))


def _names(phones: dict[str, tuple[str, ...]], check: Check) -> dict[str, str]:
    """Our name for every syllable of the table; where we have none, its phones in brackets."""
    names: dict[str, str] = {}
    taken: dict[str, tuple[str, ...]] = {}
    for spelled, tokens in phones.items():
        try:
            name = check(_respelled(spelled, tokens))
        except DiamoeError:
            name = ""
        if not name or taken.setdefault(name, tokens) != tokens:
            name = f"[{' '.join(tokens)}]"
        names[spelled] = name
    return names


def _respelled(spelled: str, tokens: tuple[str, ...]) -> str:
    """The table's spelling in ours; a syllable whose phones carry no tone is neutral."""
    body = spelled.rstrip("0123456789")
    tone = spelled[len(body) :]
    neutral = not any(parse_phone(t).is_nucleus for t in tokens)
    return _plain(body) + ("0" if neutral else tone)


def _plain(spelled: str) -> str:
    """The tables' marks for syllabic consonants and ʋ, in our spelling."""
    return re.sub("^wf", "v", spelled.removesuffix("_"))


def _marks(path: Path) -> dict[str, str]:
    return {
        unicodedata.normalize("NFD", str(c)).translate(_RAISED): str(m)
        for _, (c, m, *_rest) in _cells(path)
        if c and m
    }


def _syllables(
    path: Path, marks: dict[str, str]
) -> tuple[dict[str, tuple[str, ...]], list[Fault], list[Fault]]:
    """Phones by spelling; bad rows; rows whose tone was moved to the nucleus."""
    phones: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    notes: list[Fault] = []
    known = PhoneVocabulary.default()
    for line, (spelled, _, initial, final, *_rest) in _cells(path):
        parts = [p for cell in (initial, final) for p in str(cell or "").split(",") if p]
        if not spelled or str(spelled).startswith("=") or not parts:
            continue
        try:
            written = tuple(_token(part, marks) for part in parts)
        except NotationError as error:
            faults.append(Fault(f"{path.name}:{line}", str(error)))
            continue
        tokens = tone_on_nucleus(written)
        if tokens != written:
            moved = f"{' '.join(written)} read as {' '.join(tokens)}: the nucleus has the tone"
            notes.append(Fault(f"{path.name}:{line}", moved))
        unknown = [t for t in tokens if t not in known]
        if unknown:
            faults.append(Fault(f"{path.name}:{line}", f"unknown phones {' '.join(unknown)}"))
        else:
            phones[str(spelled)] = tokens
    return phones, faults, notes


def tone_on_nucleus(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The tokens with the tone on the stressed vowel, where it stands on the off-glide behind it.

    >>> tone_on_nucleus(("f", "ˈe", "ɪ̯ᴹᴸ"))
    ('f', 'ˈeᴹᴸ', 'ɪ̯')
    """
    phones = [parse_phone(token) for token in tokens]
    stressed = [i for i, phone in enumerate(phones) if phone.stress]
    toned = [i for i, phone in enumerate(phones) if phone.tone]
    if len(stressed) != 1 or len(toned) != 1 or toned[0] <= stressed[0]:
        return tokens
    changed = list(tokens)
    changed[stressed[0]] += phones[toned[0]].tone
    changed[toned[0]] = changed[toned[0]].rstrip(TONE_MARKS)
    return tuple(changed)


def _token(part: str, marks: dict[str, str]) -> str:
    match = _TONE.match(unicodedata.normalize("NFD", part.strip()))
    assert match is not None
    body, raised = match.groups()
    contour = raised.translate(_RAISED)
    if contour and contour not in marks:
        allowed = ", ".join(marks)
        raise NotationError(f"{part!r} has the contour {contour}; the tone table has {allowed}")
    token = unicodedata.normalize("NFD", body + (marks[contour] if contour else ""))
    parse_phone(token)
    return token


def _rows(path: Path) -> Iterator[Row | Fault]:
    """Rows of a sheet of words; those it marks as blocked are left out."""
    for line, cells in _cells(path):
        word, standard, pronunciation = (str(c or "").strip() for c in cells[:3])
        is_blocked = str(cells[5]) == "True"
        if not word or not pronunciation or is_blocked:
            continue
        mandarin: list[str] = []
        try:
            mandarin = [str(parse_pinyin(p.strip())) for p in standard.split(",") if p.strip()]
        except NotationError as error:
            if len(word) == 1:
                yield Fault(f"{path.name}:{line}", str(error))
                continue
        yield Row(line, word.replace("#", ""), _spread(word, pronunciation), tuple(mandarin))


def _spread(word: str, pronunciation: str) -> str:
    """One thing a character: between two # characters may share a syllable.

    Where the syllables of the beginning only are given, the rest is left to the rules.

    >>> _spread("扣#扣儿#", "kou1 #kour1#"), _spread("侧过来", "ce4")
    ('kou1 kour1 -', 'ce4 * *')
    """
    if "#" not in pronunciation:
        word = word.replace("#", "") if len(word.strip("#")) == len(pronunciation.split()) else word
    words, spoken = word.split("#"), pronunciation.split("#")
    if len(words) != len(spoken):
        words, spoken = [word.replace("#", "")], [pronunciation.replace("#", " ")]
        merged = "#" in word
    else:
        merged = False
    parts: list[str] = []
    for i, (characters, text) in enumerate(zip(words, spoken, strict=True)):
        syllables = text.split()
        rest = len(characters) - len(syllables)
        parts += [*syllables, *[MERGED if merged or i % 2 else BY_RULE] * rest]
    return " ".join(parts)


def _cells(path: Path) -> Iterator[tuple[int, tuple]]:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise LexiconError(f"{path}: reading spreadsheets needs `pip install openpyxl`") from error
    try:
        sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True, min_row=2))
    except Exception as error:  # openpyxl raises many kinds on a broken file
        raise LexiconError(f"{path}: not a readable spreadsheet: {error}") from error
    for number, row in enumerate(rows, 2):
        yield number, (*row, *[None] * (6 - len(row)))
