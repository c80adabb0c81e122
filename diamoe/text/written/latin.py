"""Letters in a Chinese text: which runs are spelled out and which are words."""

import re

from diamoe.text.written.manner import Manner
from diamoe.text.written.rule import rule

_READ = frozenset(
    "NASA NATO UNESCO UNICEF OPEC COVID SARS AIDS APEC ASEAN IKEA LEGO NIKE SONY JAVA VISA YAHOO "
    "WIFI SIM PIN RAM ROM OPPO VIVO ZARA PUMA BOSS FIFA UEFA GIF LOVE HELLO GOOD SALE OPEN STOP "
    "FREE NEW HOT YES THE AND FOR YOU ARE NOT BIG BAR SHOW LIVE HAPPY ONLY LINE ZOOM UBER CAD RAP "
    "SPA MINI PLUS MAX PRO AIR JAZZ POP ROCK DISCO ASAP TOEFL SWOT LED LASER RADAR SONAR".split()
)
"""Written in capitals and yet read as words."""
_NAMED = frozenset(
    "ai ip ui id io ok uk usb url uv gpu cpu api ios iso eu suv ceo cfo cto coo ufo ott iot ide aa "
    "ie ipo".split()
)
"""Written small, with vowels, and yet spelled."""
_MIXED = {"iOS": "IOS", "PhD": "PHD", "pH": "PH", "mRNA": "MRNA", "eSIM": "E SIM", "AIGC": "AIGC"}
_VOWELS = re.compile(r"[aeiouyAEIOUY]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z]{2,})")
_LONG = 5


def read_letters(run: str, alone: bool = True) -> str:
    """A run of letters, in capitals where it is spelled; `alone` without a word beside it.

    >>> [read_letters(w) for w in ("CCTV", "NASA", "iPhone", "ppt", "v", "OK", "ok", "SAMSUNG")]
    ['CCTV', 'Nasa', 'iPhone', 'PPT', 'V', 'OK', 'OK', 'Samsung']
    >>> read_letters("macOS"), read_letters("a", alone=False), read_letters("don't")
    ('mac OS', 'a', "don't")
    """
    if run in _MIXED:
        return _MIXED[run]
    if "'" in run or (run == "a" and not alone):
        return run
    if len(run) == 1 or run in _NAMED or not _VOWELS.search(run.replace("y", "") or "y"):
        return run.upper()
    if run.isupper():
        word = run in _READ or (len(run) >= _LONG and _is_word(run))
        return run.capitalize() if word else run
    return (
        " ".join(read_letters(part) for part in parts)
        if len(parts := _CAMEL.split(run)) > 1
        else run
    )


def _is_word(run: str) -> bool:
    """Whether capitals can be pronounced: vowels, and no more than three consonants in a row."""
    return len(_VOWELS.findall(run)) > 1 and not re.search(r"[^AEIOUY]{4}|[AEIOUY]{4}", run)


def _latin(match: re.Match[str], manner: Manner) -> str:
    left, right = match.string[: match.start()], match.string[match.end() :]
    neighbours = (left.rstrip(" ")[-1:] if left.endswith(" ") else "") + (
        right.lstrip(" ")[:1] if right.startswith(" ") else ""
    )
    return read_letters(match[0], not any(c.isascii() and c.isalpha() for c in neighbours))


_INITIALS = r"(?<=[A-Z])\.(?=[A-Z]\b|[A-Z]\.|[\u3400-\u9fff])|(?<=\b[A-Z]\.[A-Z])\."
LATIN = (
    rule(r"(?<=[A-Za-z])&(?=[A-Za-z])", lambda m, _: " and ", "&"),
    rule(
        r"(?<![A-Za-z])(?:[A-Za-z]\.){2,}(?![a-z])",
        lambda m, _: m[0].replace(".", "").upper(), ".",
    ),
    rule(_INITIALS, lambda m, _: "", "."),
    rule(r"(?<![A-Za-z])[Ww]i-?[Ff]i(?![A-Za-z])", lambda m, _: "Wifi", "Ww"),
    rule(r"[A-Za-z]+(?:'[A-Za-z]+)*", _latin),
)  # fmt: skip
