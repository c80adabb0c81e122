"""Percentages, units, ranges, fractions, sums and plain numbers."""

import re

from diamoe.text.written.calendar import is_score
from diamoe.text.written.characters import is_han
from diamoe.text.written.manner import Manner
from diamoe.text.written.numbers import DASH, DIGITS, MEASURES, NUMBER, counted, number, spell
from diamoe.text.written.rule import ANY_DIGIT, after, before, rule
from diamoe.text.written.units import PER, UNIT, UNITS, per

_SPELLED = re.compile(r"(?:211|985|996|618|520|911|315|404|360|007)\Z")
_OPERATORS = {
    "+": "加", "-": "减", "×": "乘以", "*": "乘以", "x": "乘以", "÷": "除以", "/": "除以",
    "=": "等于", "≈": "约等于", "≠": "不等于", "<": "小于", ">": "大于", "≤": "小于等于",
    "≥": "大于等于", "±": "加减",
}  # fmt: skip
_TERM = r"(?:\d+(?:\.\d+)?%?|\(?[A-Za-z](?![A-Za-z])|\d*[A-Za-z](?![A-Za-z]))(?:\^\d+)?\)?"
_SUM = re.compile(rf"((?<=\d) ?x ?(?=\d))|({_TERM})|( ?[-+×÷*/=≈≠<>≤≥±] ?)")
_STRONG = re.compile(r"[+×÷=≈≠≤≥±]|\d ?[*<>] ?\d")


def _percent(match: re.Match[str], manner: Manner) -> str:
    minus, first, end, sign = match.groups()
    base = "百分之" if sign == "%" else "千分之"
    said = (
        ("负" if minus else "")
        + base
        + ("百" if first == "100" and base == "百分之" else number(first))
    )
    if end is None:
        return said
    last = number(end) if end != "100" else "百" if base == "百分之" else "一百"
    return said + manner.to + base + last


def _measured(match: re.Match[str], manner: Manner) -> str:
    minus, first, end, unit, each = match.groups()
    said = "负" if minus and _is_negative(before(match, 1)) else ""
    if end:
        said += counted(first, "", "个") + manner.to
    return said + counted(end or first, before(match), "米") + UNITS[unit] + per(each)


def _fraction(match: re.Match[str], manner: Manner) -> str:
    """`3 1/2` and `1/2`."""
    whole, top, bottom = match.groups()
    if not int(bottom) or max(len(top), len(bottom)) > 16:
        return match[0]
    said = f"{number(bottom.lstrip('0'))}分之{number(top.lstrip('0') or '0')}"
    return f"{number(whole)}又{said}" if whole else said


def _range(match: re.Match[str], manner: Manner) -> str:
    """`3-5个`, `10~20`; a score is 比, and what falls is a difference."""
    first, dash, end = match.groups()
    if is_score(match) and "-" in dash:
        return f"{number(first)}比{number(end)}"
    follows = re.match(rf"\s?(?:{MEASURES}|[月日号號级級路楼樓人名%])", after(match))
    rises = len(first) < 5 and len(end) < 5 and float(_plain(first)) < float(_plain(end))
    if not follows and not rises and dash.strip() == "-":
        return f"{number(first)}减{number(end)}"
    return (
        counted(first, before(match), after(match)) + manner.to + _number_in(end, "", after(match))
    )


def _plain(written: str) -> str:
    return written.replace(",", "")


def _about(match: re.Match[str], manner: Manner) -> str:
    """`2、3个` is 两三个."""
    first, end = match.groups()
    return ("两" if first == "2" else DIGITS[int(first)]) + DIGITS[int(end)]


def _sum(match: re.Match[str], manner: Manner) -> str:
    written = match[0]
    if not _STRONG.search(written):
        return written
    multiplied = "=" in written
    said = ""
    for term in _SUM.finditer(written):
        if term[2]:
            said += term[2].replace("(", "").replace(")", "")
            continue
        sign = term[0].strip()
        digits = written[term.start() - 1].isdigit() and written[term.end() :][:1].isdigit()
        if sign == "/" and digits:
            said += "/"
        elif sign == "-" and not said:
            said += "负"
        else:
            said += "乘" if sign in "×*x" and not multiplied else _OPERATORS[sign]
    return said


def _power(match: re.Match[str], manner: Manner) -> str:
    base, signs = match.groups()
    exponent = ("-" if "-" in signs else "") + re.sub(r"\D", "", signs)
    said = number(base) + "的" if base[0].isdigit() else base.upper()
    named = {"2": "平方", "3": "立方"}.get(exponent)
    return said + (named or number(exponent) + "次方")


def _minus(match: re.Match[str], manner: Manner) -> str:
    """`-5` after a word that leaves room for it; elsewhere the dash joins a name: `歼-20`."""
    return match[1] + ("负" if _is_negative(match[1]) else "")


def _is_negative(left: str) -> bool:
    return not left or not is_han(left) or left in "为是到至达達于約约等温溫在降比"


def _number_in(written: str, left: str, right: str) -> str:
    digits = written.replace(",", "")
    if "." in digits:
        return number(digits)
    measured = re.match(rf"\s?{MEASURES}", right)
    code = _SPELLED.match(digits) or (len(digits) >= 7 and not digits.endswith("000"))
    if code and not measured and "," not in written:
        return spell(digits)
    return counted(digits, left, right)


def _number(match: re.Match[str], manner: Manner) -> str:
    return _number_in(match[0], before(match), after(match))


_COUNTED_END = "年月日号號点點时時周天岁歲元块塊个個万萬亿億%‰层層楼樓级級人次"
QUANTITIES = (
    rule(
        r"(?<![\d.])(\d{1,2})['’′](\d{1,2})(?:[\"”″]|''|’’)(?!\d)",
        lambda m, _: f"{number(m[1])}英尺{number(m[2])}英寸", "'’′",
    ),
    rule(
        rf"(?<=\d[{_COUNTED_END}]){DASH}(?=\d)|(?<=\d(?:km|cm|mm|kg|ml|°C|°F)){DASH}(?=\d)"
        rf"|(?<=[周週期拜][一二三四五六日天]){DASH}(?=[周週星礼禮一二三四五六日天])"
        rf"|(?<=[月年日号號点點半分]){DASH}(?=[一二三四五六七八九十零两兩])",
        lambda m, manner: manner.to, "-–—~",
    ),
    rule(rf"(?<![\d.A-Za-z])(-?)({NUMBER})(?:[%‰]?{DASH}({NUMBER}))?([%‰])", _percent, "%‰"),
    rule(
        rf"(?<![\d.A-Za-z^])-?{_TERM}"
        rf"(?: ?[-+×÷*/=≈≠<>≤≥±] ?{_TERM}|(?<=\d) ?x ?(?=\d){_TERM})+(?![\d.]*[A-Za-z])",
        _sum, "+×÷=≈≠≤≥±*<>x",
    ),
    rule(r"(?<![\d./])(?:(\d+) )?(\d+)[/⁄](\d+)(?![\d/]|\.\d)", _fraction, "/⁄"),
    rule(
        rf"(?<![\d.A-Za-z])(-?)({NUMBER})(?:{DASH}({NUMBER}))? ?({UNIT}){PER}?",
        _measured, ANY_DIGIT,
    ),
    rule(rf"(?<![\d.A-Za-z])({NUMBER})({DASH})({NUMBER})(?![\d-]|\.\d)", _range, "-–—~"),
    rule(rf"(?<![\d.])([1-8])[、,，]([2-9])(?=十?[多几]?{MEASURES})", _about, "、,，"),
    rule(r"(\d+(?:\.\d+)?|(?<![A-Za-z])[A-Za-z])(\^-?\^?\d+(?:\^\d+)*)", _power, "^"),
    rule(r"(?<![\d.A-Za-z])([\u3400-\u9fff]?)-(?=\d)", _minus, "-"),
    rule(r"(?<![\d.])\.(?=\d)", lambda m, _: "0.", "."),
    rule(NUMBER, _number, ANY_DIGIT),
)  # fmt: skip
