"""Text in an alphabet: what may stand in it, its clauses and its written words."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from diamoe.errors import UnreadableText
from diamoe.text.lexicon import BY_RULE, MERGED, Lexicon
from diamoe.text.normalize import punctuate
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq
from diamoe.text.spoken import Reading

_SIGNS = frozenset("%‰$€£¥₹&+@#=°§½¼¾⅓⅔²³×÷±≈≤≥≠−№™®©'’‘´`\"-‐‑_/ªº~*^|<>\\")
_SPOKEN_SIGNS = frozenset("%$€£&+@=#°§½¼¾²³")
_MARKS = r"[,.;:!?…，。？！；：、\"“”„‚«»‹›()\[\]{}–—¿¡‥؟،؛।॥။၊]"
_STOPS = re.compile(rf"{_MARKS}+(?=\s|$)|(?:(?!\.|,|:){_MARKS})+")
_OWN_MARKS = str.maketrans(
    {"؟": "?", "،": ",", "؛": ";", "।": "。", "॥": "。", "။": "。", "၊": ","}
)
_APOSTROPHES = str.maketrans("’‘´`‐‑", "''''--")
_JOINERS = "\u200c\u200d"
LONGEST_WORD = 50
"""Letters of one written word; espeak-ng drops the end of longer ones without a word."""


@dataclass(frozen=True)
class Clause:
    """Text between two marks, with its place, or (`is_mark`) a mark of the closed set."""

    text: str
    start: int
    is_mark: bool = False


def check_alphabet(text: str, code: str, scripts: Collection[str]) -> None:
    """Refuse characters of other scripts than `scripts` (`LATIN`, `CYRILLIC`).

    Raises:
        UnreadableText: with the place of the first such character.
    """
    for position, character in enumerate(text):
        if not _readable(character, scripts):
            hint = f"it reads {', '.join(s.capitalize() for s in scripts)} letters"
            raise UnreadableText(character, text, position, code, hint)


def _readable(character: str, scripts: Collection[str]) -> bool:
    if character.isspace() or character in _SIGNS:
        return True
    category = unicodedata.category(character)
    if category[0] in "LM":
        name = unicodedata.name(character, "")
        return name.split(" ")[0] in (*scripts, "COMBINING") or name.startswith("MODIFIER LETTER")
    if category == "Nd":
        return character.isascii() or unicodedata.name(character).split(" ")[0] in scripts
    if character.isascii():
        return character.isprintable()
    return category in ("Ps", "Pe", "Pi", "Pf", "Pd", "Po") or category == "Cf"


def split_clauses(text: str, abbreviations: Collection[str] = ()) -> list[Clause]:
    """The clauses of a text and the marks between them; a point after an abbreviation is none.

    >>> [c.text for c in split_clauses("Hi, Mr. Smith!", {"Mr"})]
    ['Hi', '，', ' Mr. Smith', '！']
    """
    text = text.translate(_OWN_MARKS)
    clauses: list[Clause] = []
    start = 0
    for match in _STOPS.finditer(text):
        last_word = text[start : match.start()].split()[-1:]
        if match.group().startswith(".") and last_word and last_word[0] in abbreviations:
            continue
        mark = "".join(c for c in punctuate("x" + match.group()) if c in PUNCTUATION)
        clauses.append(Clause(text[start : match.start()], start))
        if mark:
            clauses.append(Clause(mark, match.start(), is_mark=True))
        start = match.end()
    clauses.append(Clause(text[start:], start))
    return [c for c in clauses if c.is_mark or any(map(_is_said, c.text))]


def written_words(clause: str, unspaced: bool = False) -> list[str]:
    """The words of a clause as they are written, with plain apostrophes and hyphens.

    A script without spaces is cut into pieces that are short enough.
    """
    visible = "".join(c for c in clause if unicodedata.category(c) != "Cf" or c in _JOINERS)
    words = [w for w in visible.translate(_APOSTROPHES).split() if any(map(_is_said, w))]
    return [piece for word in words for piece in _pieces(word)] if unspaced else words


def _is_said(character: str) -> bool:
    return character.isalnum() or character in _SPOKEN_SIGNS


def _pieces(word: str) -> Iterator[str]:
    start = 0
    while len(word) - start > LONGEST_WORD // 2:
        end = start + LONGEST_WORD // 2
        while end > start + 1 and unicodedata.category(word[end])[0] == "M":
            end -= 1
        yield word[start:end]
        start = end
    yield word[start:]


def given_word(word: str, lexicon: Lexicon) -> list[Reading] | None:
    """What a user's lexicon says about a whole written word: phones, or another spelling.

    >>> from diamoe.text.lexicon import Entry
    >>> given_word("gif", Lexicon.of([Entry("gif", ("[d͡ʒ ˈɪ f]",))]))[0].phones
    ('d͡ʒ', 'ˈɪ', 'f')
    """
    for form in dict.fromkeys((word, word.strip("'-"), word.lower())):
        for entry in lexicon.entries.get(form, ()):
            given = [_readings(word, s, entry.where) for s in entry.syllables if s != MERGED]
            return [reading for readings in given for reading in readings]
    return None


def _readings(word: str, pronunciation: str, where: str) -> Iterator[Reading]:
    if not pronunciation.startswith("["):
        yield Reading(word, word if pronunciation == BY_RULE else pronunciation, where)
        return
    for part in pronunciation.strip("[]").split(SYLLABLE):
        phones = PhoneSeq.parse(part, "").tokens
        yield Reading(word, " ".join(phones), where, True, phones)
