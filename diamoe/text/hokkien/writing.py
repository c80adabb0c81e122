"""Taiwanese as it is written: Han characters, romanisation, and the two mixed.

A word in Tâi-lô or Pe̍h-ōe-jī is taken out of the text before it is normalised. A space between
characters is a word boundary, `#` the end of a tone group.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from diamoe.errors import EmptyText, NotationError, UnreadableText
from diamoe.text.hokkien.numerals import expand_counts
from diamoe.text.hokkien.tailo import parse_word
from diamoe.text.normalize import is_han, normalize, unreadable
from diamoe.text.phones import PUNCTUATION
from diamoe.text.traditional import traditional as traditional_script

# Unassigned code points that stand for a romanised word, a group's end and a word boundary while
# the text around them is normalised.
_WORD, _END, _SPACE = "\U0003fffd", "\U0003fffc", "\U0003fffb"
_WRITTEN = {"着": "著", "喫": "吃"}
"""Variants beside those that the dictionary lists."""
_LETTERS = r"(?:[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1effⁿᴺ][\u0300-\u036f·]*)"
_SYLLABLE = rf"{_LETTERS}+[0-9]?"
_ROMAN = re.compile(
    rf"(?<![0-9A-Za-z\u00c0-\u024f-])(?:--)?{_SYLLABLE}(?:--?{_SYLLABLE})*(?![0-9A-Za-z])"
)
_BOUNDARY = re.compile(r"(?<=[^\W\d_a-zA-Z])[ \u3000]+(?=[^\W\d_a-zA-Z])")
_RUNS = re.compile(f"([{''.join(PUNCTUATION)}{_WORD}{_END}{_SPACE}]|[A-Za-z][A-Za-z']*| )")


@dataclass(frozen=True)
class Run:
    """A stretch of text: `kind` is `han`, `roman` (Taiwanese), `latin`, `mark`, `end`."""

    kind: str
    text: str


def read_runs(text: str, dialect: str, measures: str) -> list[Run]:
    """Take a text apart; digits become numerals, marks the closed set.

    >>> [(r.kind, r.text) for r in read_runs("阮beh去tshit-thô！", "hokkien", "箍")][:3]
    [('han', '阮'), ('roman', 'beh'), ('han', '去')]

    Raises:
        EmptyText: nothing in it can be spoken.
        UnreadableText: a character is of no script read here.
    """
    words: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if not _is_taiwanese(match, composed):
            return match[0]
        words.append(match[0])
        return _WORD

    for reserved in (_WORD, _END, _SPACE):
        if reserved in text:
            raise unreadable(reserved, text, dialect)
    composed = unicodedata.normalize("NFC", text)
    marked = _ROMAN.sub(keep, composed).replace("#", _END)
    marked = expand_counts(_BOUNDARY.sub(_SPACE, marked), measures)
    try:
        said = normalize(marked, dialect)
    except UnreadableText as error:
        raise unreadable(error.character, text, dialect) from None
    if said.count(_WORD) != len(words):  # another character was written out as this sign
        raise unreadable(_WORD, text, dialect)
    runs = list(_runs(said, words))
    if all(run.kind in ("mark", "end") for run in runs):
        raise EmptyText(f"nothing to speak in {text!r}: it holds no character with a sound")
    return runs


def _runs(said: str, words: list[str]) -> Iterator[Run]:
    given = iter(words)
    for piece in _RUNS.split(said):
        if not piece.strip() or piece == _SPACE:
            continue
        if piece == _WORD:
            yield Run("roman", next(given))
        elif piece == _END:
            yield Run("end", piece)
        elif piece in PUNCTUATION:
            yield Run("mark", piece)
        else:
            yield Run("han" if is_han(piece[0]) else "latin", piece)


def _is_taiwanese(match: re.Match[str], text: str) -> bool:
    """Whether a run of Latin letters is read as Taiwanese: it must be spelled like it.

    Capitals are letters that are spelled out; so is one capital letter, unless it opens a text
    in romanisation.
    """
    word = match[0]
    if word.isupper() and word.isascii():
        after = text[match.end() :].lstrip()[:1]
        opens = len(word) == 1 and text[match.end() : match.end() + 1] == " " and after.isalpha()
        if not opens or is_han(after):
            return False
    try:
        parse_word(word)
    except NotationError:
        return False
    return True


def is_simplified(text: str) -> bool:
    """Whether a text has characters that only simplified script writes.

    >>> is_simplified("我们"), is_simplified("干焦一个")
    (True, False)
    """
    from taibun import taibun

    return any(c in taibun.trad_dict or c in "们么吗" for c in text)


def to_traditional(text: str, simplified: bool) -> str:
    """The characters that Taiwanese dictionaries write; every character keeps its place.

    >>> to_traditional("这里没有头发", simplified=True), to_traditional("臺北的里長", False)
    ('這裡沒有頭髮', '台北的里長')
    """
    from taibun import taibun

    if simplified:
        text = traditional_script(text)
    return "".join(_WRITTEN.get(c) or taibun.vars_dict.get(c, c) for c in text)
