"""Written Chinese to what is said: characters, letters and the closed set of marks."""

import re
import unicodedata
from collections.abc import Container

from diamoe.errors import EmptyText, UnreadableText
from diamoe.text.dictionary import open_dictionary
from diamoe.text.phones import PUNCTUATION
from diamoe.text.written.characters import is_han, read_characters, usual_form
from diamoe.text.written.manner import manner_of
from diamoe.text.written.marks import punctuate, tidy

__all__ = ["is_han", "normalize", "punctuate", "refuse_cantonese", "simplify", "unreadable"]

_SILENT = "".join(PUNCTUATION) + " "
_EXPANDS = re.compile(
    r"[^\u3400-\u9fff\U00020000-\U0003ffff〇，。？！、；：…\s\"'(),.?!;:·—\[\]{}]"
)


def simplify(text: str) -> str:
    """Traditional characters made simplified, one for one.

    >>> simplify("漢語")
    '汉语'
    """
    return open_dictionary().simplify(text)


def normalize(text: str, dialect: str) -> str:
    """A text as the dialect says it.

    It holds Chinese characters, the closed set of marks, words in ASCII letters (a run in
    capitals is spelled letter by letter, any other is a word), and single spaces, which are the
    writer's word boundaries between characters and part words in letters.

    >>> normalize("我们 明天3:30用ppt，大约2个小时…", "putonghua")
    '我们 明天三点半用PPT，大约两个小时…'
    >>> normalize("佢畀咗$50", "cantonese")
    '佢畀咗五十元'

    Raises:
        EmptyText: nothing in it can be spoken.
        UnreadableText: a character is of no script read here; its place in the text is named.
    """
    said = tidy(_expand(read_characters(text, dialect), dialect))
    if not said.strip(_SILENT):
        raise EmptyText(f"nothing to speak in {text!r}: it holds no character with a sound")
    return said


def _expand(text: str, dialect: str) -> str:
    if not _EXPANDS.search(text):
        return text
    from diamoe.text.written.chinese import expand  # compiles a hundred patterns

    return expand(text, manner_of(dialect))


def unreadable(character: str, text: str, dialect: str, hint: str = "") -> UnreadableText:
    """The error for a character, placed where it (or a form of it) stands in the given text."""
    position = text.find(character)
    if position < 0:
        forms = (unicodedata.normalize("NFC", simplify(usual_form(c) or c)) for c in text)
        position = next((i for i, c in enumerate(forms) if character in c), 0)
    return UnreadableText(character, text, position, dialect, hint)


_CANTONESE = frozenset("佢哋嘅咗啲嘢喺嗰嚟瞓攰嘥")


def refuse_cantonese(said: str, text: str, dialect: str, *known: Container[str]) -> None:
    """Name a character of written Cantonese in a text that is to be read by way of Mandarin.

    Dictionaries list Mandarin readings for them, but nobody speaks these. `known` are
    lists of words that the dialect or the user's lexicon reads.

    Raises:
        UnreadableText: there is such a character.
    """
    for character in said:
        if character in _CANTONESE and not any(character in words for words in known):
            hint = "written Cantonese; --dialect cantonese reads it"
            raise unreadable(character, text, dialect, hint)
