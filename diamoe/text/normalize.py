"""Written Chinese to what is said: characters, letters and the closed set of marks."""

import re
import unicodedata

from diamoe.errors import EmptyText, UnreadableText
from diamoe.text.dictionary import open_dictionary
from diamoe.text.phones import PUNCTUATION
from diamoe.text.written.characters import is_han, read_characters, usual_form
from diamoe.text.written.manner import manner_of
from diamoe.text.written.marks import punctuate, tidy

__all__ = ["is_han", "normalize", "punctuate", "simplify", "unreadable"]

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
