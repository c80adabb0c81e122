"""Signs of units and currencies, and what Chinese calls them."""

import re

_LENGTHS = {
    "km": "公里", "m": "米", "dm": "分米", "cm": "厘米", "mm": "毫米", "μm": "微米", "um": "微米",
    "nm": "纳米", "mi": "英里", "ft": "英尺", "in": "英寸", "yd": "码",
}  # fmt: skip
_SQUARES = {
    "km": "平方公里", "m": "平方米", "cm": "平方厘米", "mm": "平方毫米", "dm": "平方分米",
}  # fmt: skip
_CUBES = {
    "m": "立方米", "cm": "立方厘米", "mm": "立方毫米", "dm": "立方分米", "km": "立方公里",
}  # fmt: skip
_OTHERS = {
    "kg": "公斤", "g": "克", "mg": "毫克", "μg": "微克", "ug": "微克", "ng": "纳克", "t": "吨",
    "lb": "磅", "lbs": "磅", "oz": "盎司", "l": "升", "ml": "毫升", "dl": "分升", "μl": "微升",
    "ul": "微升", "ha": "公顷", "°": "度", "s": "秒", "ms": "毫秒", "μs": "微秒", "ns": "纳秒",
    "h": "小时", "hr": "小时", "hrs": "小时", "min": "分钟", "mins": "分钟", "sec": "秒",
}  # fmt: skip
_EXACT = {
    "°C": "摄氏度", "°F": "华氏度", "L": "升", "mL": "毫升", "dL": "分升", "μL": "微升",
    "KG": "公斤", "Kg": "公斤", "KM": "公里", "Km": "公里", "CM": "厘米", "MM": "毫米",
    "ML": "毫升", "Hz": "赫兹", "kHz": "千赫", "KHz": "千赫", "MHz": "兆赫", "GHz": "吉赫",
    "THz": "太赫", "W": "瓦", "kW": "千瓦", "KW": "千瓦", "MW": "兆瓦", "GW": "吉瓦",
    "kWh": "千瓦时", "kW·h": "千瓦时", "KWH": "千瓦时", "MWh": "兆瓦时", "Wh": "瓦时", "V": "伏",
    "kV": "千伏", "KV": "千伏", "mV": "毫伏", "mA": "毫安", "mAh": "毫安时", "Ah": "安时",
    "Ω": "欧姆", "kΩ": "千欧", "MΩ": "兆欧", "dB": "分贝", "Pa": "帕", "hPa": "百帕",
    "kPa": "千帕", "MPa": "兆帕", "N": "牛", "J": "焦", "kJ": "千焦", "KJ": "千焦", "cal": "卡",
    "kcal": "千卡", "mol": "摩尔", "mmol": "毫摩尔", "lm": "流明", "lx": "勒克斯",
    "mph": "英里每小时", "MPH": "英里每小时", "rpm": "转每分钟", "fps": "帧每秒", "MB": "兆",
    "Mb": "兆", "Mbps": "兆每秒", "px": "像素", "mmHg": "毫米汞柱", "bpm": "次每分钟",
}  # fmt: skip


def _units() -> dict[str, str]:
    units = {**_LENGTHS, **_OTHERS, **_EXACT}
    for power, names in (("2", _SQUARES), ("3", _CUBES)):
        for sign, name in names.items():
            units |= {f"{sign}^{power}": name, f"{sign}{power}": name}
    return units


UNITS = _units()
"""Sign → name, in simplified characters."""


def _alternatives(signs: dict[str, str]) -> str:
    return "|".join(re.escape(s) for s in sorted(signs, key=len, reverse=True))


UNIT = rf"(?:{_alternatives(UNITS)})(?![A-Za-z0-9'^])"
_EACH = "[人天年月日次台臺套件个個小时時分秒晚位瓶盒箱吨噸升米斤克亩畝平]{1,2}"
PER = rf"(?:/({_alternatives(UNITS)}|{_EACH})(?![A-Za-z0-9]))"
"""What a price or a speed is reckoned by: `/斤`, `/h`."""

CURRENCIES = {
    "¥": "元", "CN¥": "元", "RMB": "元", "CNY": "元", "JP¥": "日元", "JPY": "日元", "US$": "美元",
    "USD": "美元", "HK$": "港元", "HKD": "港元", "NT$": "新台币", "TWD": "新台币",
    "MOP": "澳门元", "A$": "澳元", "AU$": "澳元", "AUD": "澳元", "C$": "加元", "CA$": "加元",
    "CAD": "加元", "S$": "新加坡元", "SGD": "新加坡元", "NZ$": "新西兰元", "$": "", "€": "欧元",
    "EUR": "欧元", "£": "英镑", "GBP": "英镑", "₩": "韩元", "KRW": "韩元", "₹": "卢比",
    "INR": "卢比", "₽": "卢布", "RUB": "卢布", "฿": "泰铢", "THB": "泰铢", "₫": "越南盾",
    "VND": "越南盾", "₱": "比索", "CHF": "瑞士法郎",
}  # fmt: skip
"""Sign or code → name; a bare `$` depends on the place."""
CURRENCY = rf"(?:{_alternatives(CURRENCIES)})"


def per(sign: str | None) -> str:
    """`/h` as it is said behind what is counted.

    >>> per("h"), per("斤"), per(None)
    ('每小时', '每斤', '')
    """
    return "每" + UNITS.get(sign, sign) if sign else ""
