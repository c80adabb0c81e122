"""Amounts of money."""

import re
from decimal import Decimal

from diamoe.text.written.manner import Manner
from diamoe.text.written.numbers import DASH, DIGITS, NUMBER, counted, number
from diamoe.text.written.rule import before, rule
from diamoe.text.written.units import CURRENCIES, CURRENCY, PER, per

_LARGE = r"[万萬亿億千仟百]*"
_POWERS = {"K": 3, "k": 3, "M": 6, "B": 9}
_FIRST = r"(?<![\d.])"
_LAST = r"(?!\d|\.\d)"
_SIGNS = "¥$€£₩₹₽฿₫₱BYDPRWKNUF"


def _name(sign: str, manner: Manner) -> str:
    return CURRENCIES[sign] or manner.dollar


def _yuan(written: str, name: str = "元") -> str:
    """An amount to the cent in 元, 角 and 分.

    >>> [_yuan(a) for a in ("48.50", "0.05", "3.05", "1,299", "2")]
    ['四十八元五角', '五分', '三元零五分', '一千二百九十九元', '两元']
    """
    whole, _, part = written.replace(",", "").partition(".")
    jiao, fen = tuple((part + "00")[:2])
    has_yuan = bool(whole.strip("0")) or not part.strip("0")
    said = counted(whole.lstrip("0") or "0", "", "元") + name if has_yuan else ""
    if jiao != "0":
        said += ("两" if jiao == "2" else DIGITS[int(jiao)]) + "角"
    elif fen != "0" and said:
        said += "零"
    return said + (
        ("两" if fen == "2" and not said else DIGITS[int(fen)]) + "分" if fen != "0" else ""
    )


def _price(match: re.Match[str], manner: Manner) -> str:
    """`¥48.50元`, `$3.5万`, `$1.2M`, `€10-20`, `¥5/斤`."""
    minus, sign, minus2, amount, end, power, large, name, each = match.groups()
    unit = name or _name(sign.strip(), manner)
    said = "负" if minus or minus2 else ""
    if power:
        whole = Decimal(amount.replace(",", "")).scaleb(_POWERS[power])
        return said + counted(f"{whole.normalize():f}", "", "元") + unit + per(each)
    if end:
        return said + number(amount) + manner.to + counted(end, "", "元") + large + unit
    if not large and unit in ("元", "块", "塊") and len(amount.partition(".")[2]) <= 2:
        return said + _yuan(amount, unit) + per(each)
    plain = amount.rstrip("0").rstrip(".") if "." in amount else amount
    return said + counted(plain, "", "元") + large + unit + per(each)


def _price_after(match: re.Match[str], manner: Manner) -> str:
    amount, large, sign = match.groups()
    return counted(amount, before(match), "元") + large + _name(sign, manner)


def _cents(match: re.Match[str], manner: Manner) -> str:
    return _yuan(match[1], match[2]) + per(match[3])


_NAMED = "元|块|塊|美元|美金|港元|港币|港幣|欧元|歐元|英镑|英鎊|日元"
MONEY = (
    rule(
        rf"(-?)((?<![A-Za-z]){CURRENCY} ?)(-?)({NUMBER}){_LAST}"
        rf"(?:{DASH}(?:[¥$€£])?({NUMBER}){_LAST})?(?:([KkMB])(?![A-Za-z\d]))?({_LARGE})({_NAMED})?{PER}?",
        _price, _SIGNS,
    ),
    rule(rf"{_FIRST}({NUMBER}) ?({_LARGE}) ?({CURRENCY})(?![A-Za-z\d])", _price_after, _SIGNS),
    rule(rf"{_FIRST}(\d[\d,]*\.\d\d)(元|块|塊){PER}?", _cents, "."),
    rule(rf"(?<=[元块塊角毛分]){PER}", lambda m, _: per(m[1]), "/"),
)  # fmt: skip
