"""Numbers in words of a European language."""

import re

from diamoe.text.written.languages import Language

LONGEST = 15
"""Digits of the longest number that is counted; longer ones are read digit by digit."""


def _spoken(n: int, language: Language, kind: str = "cardinal") -> str:
    from num2words import num2words

    said: str = num2words(n, lang=language.code, to=kind)
    said = said.replace(",", "").replace("\u00ad", "")
    return re.sub(r"(tausend|duizend)(?=\w)", r"\1 ", said) if kind == "cardinal" else said


def digits(written: str, language: Language) -> str:
    """Digits one by one."""
    return " ".join(_spoken(int(d), language) if language.counts else d for d in written)


def cardinal(written: str, language: Language) -> str:
    """A whole number.

    >>> from diamoe.text.written.languages import LANGUAGES
    >>> [cardinal("1021", LANGUAGES[c]) for c in ("english", "german", "bildts")]
    ['one thousand and twenty-one', 'eintausend einundzwanzig', '1021']
    """
    if len(written) > LONGEST or (written[0] == "0" and len(written) > 1):
        return digits(written, language)
    return _spoken(int(written), language) if language.counts else written


def year(written: str, language: Language) -> str:
    """A year, by hundreds where the language counts them so.

    >>> from diamoe.text.written.languages import LANGUAGES
    >>> year("1998", LANGUAGES["english"]), year("2005", LANGUAGES["english"])
    ('nineteen ninety-eight', 'two thousand and five')
    """
    n = int(written)
    hundreds = 1100 <= n < 2000 or (language.code == "en" and 2010 <= n < 2100)
    if not hundreds or language.code == "fr" or not language.counts:
        return cardinal(written, language)
    said = _spoken(n, language, "year")
    return said.replace(" honderd", "honderd")


def ordinal(written: str, language: Language) -> str:
    """First, second, third."""
    if not language.counts or len(written) > LONGEST:
        return cardinal(written, language)
    return _spoken(int(written), language, "ordinal")


def plain(written: str, language: Language) -> str:
    """A written number without its separators, the decimal part after a point.

    >>> from diamoe.text.written.languages import LANGUAGES
    >>> plain("1.234,5", LANGUAGES["german"]), plain("1,234.5", LANGUAGES["english"])
    ('1234.5', '1234.5')
    """
    whole, _, part = written.partition(language.decimal)
    whole = "".join(c for c in whole if c.isdigit())
    return f"{whole}.{part}" if part else whole


def number(written: str, language: Language) -> str:
    """A number as it is written, with its decimal part."""
    whole, _, part = plain(written, language).partition(".")
    if not part:
        return cardinal(whole, language)
    pair = language.code == "fr" and len(part) == 2 and part[0] != "0"
    said = cardinal(part, language) if pair else digits(part, language)
    return f"{cardinal(whole, language)} {language.words['point']} {said}"


def counted(written: str, language: Language, sign: str = "") -> str:
    """A number before what it counts: one is `ein`, `eine`, `une`."""
    if written != "1" or not language.counts:
        return number(written, language)
    return language.one + ("e" if sign in language.feminine else "")
