"""One text normalisation per dialect for error rates of words and characters.

Published figures cannot be compared because each paper cleans texts its own way. Ours, for text
and transcript alike:

1. NFKC, small letters;
2. numbers, dates, units and signs are written out as the dialect says them (the front-end's own
   normaliser), so that "3点" is "三点";
3. Chinese characters become simplified ones, one for one;
4. everything that is neither letter, digit nor mark of a letter goes.

A word is one Chinese character, or a run of other letters: a "word" error rate in a Chinese
dialect is therefore one of characters, as in the papers. Characters are those of the words.
"""

import re
import unicodedata

from diamoe.errors import TextError
from diamoe.text.dialect import load_dialect
from diamoe.text.normalize import is_han, normalize, simplify
from diamoe.text.written.european import expand_european
from diamoe.text.written.languages import LANGUAGES

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words(text: str, dialect: str) -> list[str]:
    """The words of a text or transcript that count.

    >>> words("我們今日3點去，OK？", "cantonese")
    ['我', '们', '今', '日', '三', '点', '去', 'ok']
    >>> words("It's 5 o'clock!", "english")
    ["it's", 'five', "o'clock"]
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    try:
        said = _written_out(text, dialect)
    except TextError:
        said = text  # a transcript may hold anything; what cannot be read counts as it stands
    said = simplify(unicodedata.normalize("NFC", said)).lower()
    found: list[str] = []
    for run in _WORD.findall(said):
        latin = ""
        for character in run:
            if not is_han(character):
                latin += character
                continue
            found += [latin] if latin else []
            found.append(character)
            latin = ""
        found += [latin] if latin else []
    return found


def _written_out(text: str, dialect: str) -> str:
    if load_dialect(dialect).reads_han:
        return normalize(text, dialect)
    return expand_european(text, dialect) if dialect in LANGUAGES else text


def characters(text: str, dialect: str) -> list[str]:
    """The characters of `words`.

    >>> characters("Ja, 2!", "german")
    ['j', 'a', 'z', 'w', 'e', 'i']
    """
    return list("".join(words(text, dialect)))
