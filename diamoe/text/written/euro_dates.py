"""Dates and times of day in European languages."""

import re
from collections.abc import Callable

from diamoe.text.written.languages import Language
from diamoe.text.written.words import cardinal, counted, ordinal, year

Say = Callable[["re.Match[str]", Language], str]
_INFLECTED = re.compile(
    r"(?:\bam|\bvom|\bzum|\bdem|\bden|\bim|\bab|\bbis|\bbeim|\bseit|,)\s?$", re.IGNORECASE
)


def day(written: str, language: Language, before: str = "") -> str:
    """The day of a month: an ordinal in English and German, in French for the first only."""
    written = written.lstrip("0")
    if language.code == "nl" or (language.code == "fr" and written != "1"):
        return cardinal(written, language)
    said = ordinal(written, language)
    if language.code == "de":
        return said + ("n" if _INFLECTED.search(before) else "r")
    return said


def _date(match: re.Match[str], d: str, m: str, y: str, language: Language) -> str:
    if not (1 <= int(m) <= 12 and 1 <= int(d) <= 31):
        return match[0]
    month = language.months[int(m) - 1]
    said_day = day(d, language, match.string[: match.start()])
    said_year = f" {year(y, language)}" if y else ""
    return (
        f"{month} {said_day}{said_year}"
        if language.code == "en"
        else f"{said_day} {month}{said_year}"
    )


def _iso(match: re.Match[str], language: Language) -> str:
    return _date(match, match[3], match[2], match[1], language)


def _numeric(match: re.Match[str], language: Language) -> str:
    first, second = match[1], match[2]
    if language.month_first and int(first) <= 12:
        first, second = second, first
    return _date(match, first, second, match[3], language)


def _named(match: re.Match[str], language: Language) -> str:
    """`5 May 2024`, `5. Mai`."""
    said = day(match[1], language, match.string[: match.start()])
    if language.code == "en":
        before = match.string[: match.start()].rstrip().lower()
        said = ("" if before.endswith("the") else "the ") + said + " of"
    return f"{said} {match[2]}" + (f" {year(match[3], language)}" if match[3] else "")


def _month_first(match: re.Match[str], language: Language) -> str:
    """`May 5, 2024`."""
    said = f"{match[1]} {day(match[2], language)}"
    return said + (f" {year(match[3], language)}" if match[3] else "")


def _time(match: re.Match[str], language: Language) -> str:
    hour, minute, rest = int(match[1]), match[2], match[3] or ""
    if hour > 24 or int(minute) > 59:
        ratio = language.words["ratio"]
        return f"{cardinal(match[1], language)} {ratio} {cardinal(minute, language)}{rest}"
    if language.code == "en":
        return _english_time(hour, minute, rest)
    name = language.words["hour"]
    said = f"{counted(str(hour), language)} {name}"
    if language.code == "fr" and hour < 2:
        said = f"{'une' if hour else 'zéro'} heure"
    return said + (f" {cardinal(minute.lstrip('0'), language)}" if minute != "00" else "")


def _english_time(hour: int, minute: str, rest: str) -> str:
    from diamoe.text.written.languages import LANGUAGES

    english = LANGUAGES["english"]
    half = " A M" if rest.strip().lower().startswith("a") else " P M" if rest.strip() else ""
    said = cardinal(str(hour), english)
    if minute == "00":
        return said + (half or " o'clock")
    zero = "oh " if minute[0] == "0" else ""
    return f"{said} {zero}{cardinal(minute.lstrip('0'), english)}{half}"


def _hour(match: re.Match[str], language: Language) -> str:
    if language.code == "en":
        half = " A M" if match[2].lower().startswith("a") else " P M"
        return cardinal(match[1], language) + half
    if language.code == "fr" and match[1] == "1":
        return "une heure"
    return f"{counted(match[1], language)} {language.words['hour']}"


def _proportion(match: re.Match[str], language: Language) -> str:
    return (
        f"{cardinal(match[1], language)} {language.words['ratio']} {cardinal(match[2], language)}"
    )


def _decade(match: re.Match[str], language: Language) -> str:
    said = year(match[1], language)
    if match[2] == "er":
        return said + "er"
    return said[:-1] + "ies" if said.endswith("y") else said + "s"


def date_rules(language: Language) -> list[tuple[str, Say]]:
    """Patterns and how they are said, in the order in which they apply."""
    months = "|".join(language.months)
    code = language.code
    half = r"( ?[aApP](?:[mM]\b|\.[mM]\.))"
    after = {"en": half, "de": "( ?Uhr)", "fr": "( ?heures?)", "nl": "( ?uur)"}[code]
    colon = {"en": ":", "de": ":", "fr": "[:hH]| h ", "nl": ":"}[code]
    hour = {"en": half, "de": r"( ?Uhr)\b", "fr": r"( ?h)\b", "nl": r"( ?uur)\b"}[code]
    rules: list[tuple[str, Say]] = [
        (r"(?<![\w-])(\d{4})-(0\d|1[0-2])-([0-2]\d|3[01])(?![\d-])", _iso),
        (r"(?<![\w./-])(\d{1,2})[./-](\d{1,2})[./-]((?:1\d|20)\d\d)(?!\d|[./-]\d)", _numeric),
        (
            rf"(?<![\w.,])(\d{{1,2}})(?:\.|st|nd|rd|th|er)? ({months})\b(?:,? ((?:1\d|20)\d\d)\b)?",
            _named,
        ),
        (rf"(?<![\w:.,])(\d{{1,2}})(?:{colon})(\d\d)(?::\d\d)?(?![\d:]){after}?", _time),
        (rf"(?<![\w.,:])(\d{{1,2}}){hour}", _hour),
        (r"(?<![\w:.,])(\d+):(\d+)(?![\d:])", _proportion),
        (r"(?<!\d)((?:1[1-9]|20)\d0)('?s|er)\b", _decade),
    ]
    if code == "en":
        rules.insert(
            2,
            (
                rf"\b({months}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? ((?:1\d|20)\d\d)\b)?",
                _month_first,
            ),
        )
    if code in ("de", "nl"):
        rules.insert(3, (rf"(?<![\w:.,])(\d{{1,2}})\.(\d\d){after}", _time))
    return rules
