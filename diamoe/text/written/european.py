"""Written English, German, French and Dutch as they are said: digits and signs become words."""

import re
from collections.abc import Iterable
from functools import lru_cache

from diamoe.text.written.euro_dates import Say, date_rules
from diamoe.text.written.languages import LANGUAGES, Language
from diamoe.text.written.words import cardinal, counted, digits, number, ordinal, plain, year

Euro = tuple[re.Pattern[str], Say]
_NEEDS = re.compile(r"[\d&@#%+=×÷±≈≤≥≠°§$€£¥₹]")
_FORMS = {
    **dict.fromkeys("\u00a0\u202f\u2009\u2007\u3000\t", " "),
    **dict.fromkeys("\u00ad\u200b\ufeff\u2060™®©", ""),
    **dict.fromkeys("’‘ʼ´`", "'"),
    **dict.fromkeys("‐‑−", "-"),
    **{"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3", "№": "No. "},
}
_CLEAN = str.maketrans(_FORMS)
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASH = r" ?[-–—] ?"
_PARTS = ("1/2", "1/3", "2/3", "1/4", "3/4")
_FRACTIONS = {
    "en": ("one half", "one third", "two thirds", "one quarter", "three quarters"),
    "de": ("einhalb", "ein Drittel", "zwei Drittel", "ein Viertel", "drei Viertel"),
    "fr": ("un demi", "un tiers", "deux tiers", "un quart", "trois quarts"),
    "nl": ("een half", "een derde", "twee derde", "een kwart", "driekwart"),
}
_SCALES = {"k": "thousand", "m": "million", "bn": "billion"}
_ENDS = frozenset(("etc.", "usw.", "enz.", "Inc.", "Ltd.", "Jr.", "Sr.", "a.u.b."))


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; every character keeps its place.

    >>> half_width("Ａ１％")
    'A1%'
    """
    return text.translate(_HALF_WIDTH)


def expand_european(text: str, dialect: str) -> str:
    """A text with its numbers, amounts and signs in words; marks stay as they are.

    In any other language it stays as it is.

    >>> expand_european("Dr. Smith paid $5.50 at 3:30.", "english")
    'Doctor Smith paid five dollars fifty at three thirty.'
    >>> expand_european("60 % für 3,50 €", "german")
    'sechzig Prozent für drei Euro fünfzig'
    """
    language = LANGUAGES.get(dialect)
    if language is None:
        return text
    text = text.translate(_CLEAN)
    if "." in text or language.code == "fr":
        text = _abbreviations(language).sub(lambda m: _abbreviation(m, language), text)
    if not _NEEDS.search(text):
        return text
    for pattern, say in _rules(language):
        text = pattern.sub(lambda m, say=say: say(m, language), text)  # type: ignore[misc]
    return re.sub(r"  +", " ", text)


@lru_cache(maxsize=8)
def _abbreviations(language: Language) -> re.Pattern[str]:
    names = sorted(map(re.escape, language.abbreviations), key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?:{'|'.join(names)})(?!\w)")


def _abbreviation(match: re.Match[str], language: Language) -> str:
    """An abbreviation in full; its point stays where it also ends the sentence."""
    short, rest = match[0], match.string[match.end() :]
    before_name = re.match(r" ?[A-ZÀ-Ý]", rest)
    if short in ("M.", "MM.", "Fr.", "Hr.", "Dr", "St", "Ste", "Pr") and not before_name:
        return short
    if short in ("No.", "Nr.", "nr.", "n°", "N°") and not re.match(r" ?\d", rest):
        return short
    full = language.abbreviations[short]
    if short == "St." and language.code == "en" and not before_name:
        full = "Street"
    ends = short.endswith(".") and (not rest.strip() or (short in _ENDS and before_name))
    return full + ("." if ends else "")


def _address(match: re.Match[str], language: Language) -> str:
    words = language.words
    names = {"@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "underscore", ":": "colon"}
    said = [
        digits(p, language) if p.isdigit() else words[names[p]] if p in names else p
        for p in re.findall(r"[^\W\d_]+|\d+|[@./_:-]", match[0].split("://")[-1].rstrip("/"))
    ]
    return " ".join(said)


def _telephone(match: re.Match[str], language: Language) -> str:
    groups = re.findall(r"\d+", match[0])
    pairs = language.code == "fr" and all(len(g) == 2 for g in groups)
    said = ", ".join((cardinal if pairs else digits)(g, language) for g in groups)
    return (language.words["plus"] + " " if match[0].startswith("+") else "") + said


def _price(amount: str, scale: str | None, sign: str, language: Language) -> str:
    one, many = language.money[sign]
    whole, _, part = plain(amount, language).partition(".")
    if scale:
        return f"{counted(amount, language)} {_scaled(scale, many, language)}"
    if len(part) not in (0, 2):
        return f"{number(amount, language)} {many}"
    units = f"{counted(whole, language, sign)} {one if whole == '1' else many}"
    if not part.strip("0"):
        return units
    if not whole.strip("0"):
        cent = language.money["penny" if sign in ("£", "GBP") else "cent"]
        return f"{counted(str(int(part)), language)} {cent[0] if int(part) == 1 else cent[1]}"
    return f"{units} {cardinal(str(int(part)), language)}"


def _scaled(scale: str, many: str, language: Language) -> str:
    """`million dollars`, `millions d'euros`."""
    full = _SCALES.get(scale) or language.abbreviations.get(scale, scale)
    if language.code == "fr" and full.startswith("milli"):
        return f"{full} d'{many}" if many[0] in "aeiou" else f"{full} de {many}"
    return f"{full} {many}"


def _money_before(match: re.Match[str], language: Language) -> str:
    minus = language.words["minus"] + " " if match[1] else ""
    return minus + _price(match[3], match[4], match[2], language)


def _money_after(match: re.Match[str], language: Language) -> str:
    return _price(match[1], match[2], match[3], language)


def _measured(match: re.Match[str], language: Language) -> str:
    minus, first, end, unit = match.groups()
    one, many = language.units[unit]
    said = language.words["minus"] + " " if minus else ""
    if end:
        said += f"{number(first, language)} {language.words['to']} "
    amount = end or first
    return f"{said}{counted(amount, language, unit)} {one if amount == '1' else many}"


def _percent(match: re.Match[str], language: Language) -> str:
    minus, first, end, sign = match.groups()
    said = language.words["minus"] + " " if minus else ""
    if end:
        said += f"{number(first, language)} {language.words['to']} "
    name = language.words["percent" if sign == "%" else "permille"]
    return f"{said}{counted(end or first, language)} {name}"


def _ordinal(match: re.Match[str], language: Language) -> str:
    said = ordinal(match[1], language)
    return "première" if said == "premier" and match[2] in ("re", "ère") else said


def _range(match: re.Match[str], language: Language) -> str:
    first, end = match[1], match[2]
    say = year if len(first) == len(end) == 4 else cardinal
    word = language.words["to" if int(first) < int(end) else "ratio"]
    return f"{say(first, language)} {word} {say(end, language)}"


def _fraction(match: re.Match[str], language: Language) -> str:
    whole, top, bottom = match.groups()
    names = dict(zip(_PARTS, _FRACTIONS[language.code], strict=True))
    over = f"{cardinal(top, language)} {language.words['over']} {cardinal(bottom, language)}"
    said = names.get(f"{top}/{bottom}", over)
    link = {"en": " and ", "fr": " et ", "nl": " en ", "de": " "}[language.code]
    return f"{cardinal(whole, language)}{link}{said}" if whole else said


def _version(match: re.Match[str], language: Language) -> str:
    dot = f" {language.words['point' if language.code == 'en' else 'dot']} "
    said = dot.join(cardinal(group, language) for group in match[1].split("."))
    return f" {said}" if match.string[: match.start()][-1:].isalpha() else said


def _dotted(match: re.Match[str], language: Language) -> str:
    return match[0] if language.decimal == "." else _version(match, language)


def _code(match: re.Match[str], language: Language) -> str:
    letters, sign, written = match.groups()
    return f"{letters} {(cardinal if len(written) < 3 else digits)(written, language)}"


def _plain_number(match: re.Match[str], language: Language) -> str:
    minus, written = match.groups()
    said = language.words["minus"] + " " if minus else ""
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", written):
        return said + year(written, language)
    after = match.string[match.end() :]
    if written == "1" and language.code == "de" and (noun := re.match(r" ([^\W\d_]+)", after)):
        return f"{said}{language.one}{'e' if noun[1].endswith('e') else ''}"
    return said + number(written, language) + (" " if after[:1].isalpha() else "")


def _sign(match: re.Match[str], language: Language) -> str:
    return f" {language.signs.get(match[0], '')} "


def _hash(match: re.Match[str], language: Language) -> str:
    return f"{language.words['number']} {match[1]}"


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


_MAIL = r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}"
_SITE = (
    r"(?:https?://|www\.)[\w./_:-]*[\w/]"
    r"|(?<![\w@.])(?:[A-Za-z0-9-]+\.)+(?:com|org|net|de|fr|nl|eu|io|uk)(?!\w)(?:/[\w./_-]*\w)?"
)
_TELEPHONES = (
    r"\+\d[\d ()/-]{6,}\d|(?<![\w.])\(?\d{3}\)?[ .-]\d{3}[.-]\d{4}(?!\d)"
    r"|(?<![\w.,])0\d(?:[ .]\d\d){4}(?!\d)|(?<![\w.,])0\d{1,4}[ /-]\d[\d -]{4,}\d"
)
_ORDINALS = {
    "en": "(st|nd|rd|th)",
    "fr": "(er|re|ère|e|ème|nd|nde)",
    "nl": "(e|de|ste)",
    "de": r"(\.\b)",
}


@lru_cache(maxsize=8)
def _rules(language: Language) -> tuple[Euro, ...]:
    english = language.decimal == "."
    group = "," if english else "[. ']" if language.code == "fr" else "[.']"
    part = rf"(?:{re.escape(language.decimal)}\d+)?"
    num = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+(?!\d){part}|\d+{part})"
    units, money = map(_alternatives, (language.units, set(language.money) - {"cent", "penny"}))
    scale = rf"(?: ?({_alternatives(language.scales)})(?!\w))?"
    own = rf"(?<![\w.,])(-?)({num})"
    patterns: list[tuple[str, Say]] = [
        (_MAIL, _address),
        (_SITE, _address),
        *date_rules(language),
        (_TELEPHONES, _telephone),
        (rf"(-?)({money}) ?({num}){scale}", _money_before),
        (rf"(?<![\w.,])({num}){scale} ?({money})(?!\w)", _money_after),
        (rf"{own}(?: ?[%‰]?{_DASH}({num}))? ?([%‰])", _percent),
        (rf"{own}(?:{_DASH}({num}))? ?({units})(?![\w])", _measured),
        (r"(?<![\d.,])(\d{1,3}(?:\.\d{1,4}){2,})(?!\d)", _version),
        (r"(?<![\w.,])(\d+\.\d{1,2})(?![\d.]|,\d)", _dotted),
        (rf"(?<![\w.,])(\d+){_ORDINALS[language.code]}(?!\w)", _ordinal),
        (r"(?<![\w/.])(?:(\d{1,15}) )?(\d{1,15})/(\d{1,15})(?![\w/])", _fraction),
        (rf"(?<![\w.,-])(\d{{1,15}}){_DASH}(\d{{1,15}})(?![\w-]|[.,]\d)", _range),
        (r"#(\d)", _hash),
        (r"#(?=[^\W\d])", lambda m, _: "hashtag "),
        (r"([^\W\d_])(-?)(\d+)(?!\d|[.,]\d)", _code),
        (rf"(?<!\d)(?:(?<!\w)(-))?({num})", _plain_number),
        (f"[{''.join(map(re.escape, language.signs))}]", _sign),
    ]
    return tuple((re.compile(pattern), say) for pattern, say in patterns)
