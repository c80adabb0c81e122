"""Written Chinese as it is said: the order in which the rules for its forms apply."""

import re

from diamoe.text.written.calendar import CALENDAR
from diamoe.text.written.characters import GREEK
from diamoe.text.written.codes import ADDRESSES, CODES, FILES, TELEPHONES
from diamoe.text.written.latin import LATIN
from diamoe.text.written.manner import Manner
from diamoe.text.written.money import MONEY
from diamoe.text.written.quantities import QUANTITIES
from diamoe.text.written.rule import apply, rule

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff〇"
_SAID = r"A-Za-z0-9"
_TIGHT = re.compile(rf"(?<=[{_HAN}]) (?=[{_SAID}¥$€£#@+-])|(?<=[{_SAID}%°]) (?=[{_HAN}])")
_COLON = re.compile(r"(?<=\d)：(?=\d)")
_NAMES = {
    "%": "百分号", "‰": "千分号", "°": "度", "×": "乘", "÷": "除以", "=": "等于", "≈": "约等于",
    "≠": "不等于", "≤": "小于等于", "≥": "大于等于", "±": "正负", "√": "根号", "∞": "无穷大",
    "↑": "上升", "↓": "下降", "§": "第", "¥": "元", "€": "欧元", "£": "英镑", "$": "美元",
    "₩": "韩元", "₹": "卢比", "₽": "卢布", "฿": "泰铢", "₫": "越南盾", "₱": "比索", "Ω": "欧姆",
}  # fmt: skip
SIGNS = (
    rule(r"√(?![\da-z零一二三四五六七八九十百两])", lambda m, _: "对", "√"),
    rule(rf"(?<=[{_HAN}{_SAID}])→(?=[{_HAN}{_SAID}])", lambda m, manner: manner.to, "→"),
    rule(r"(?<![A-Za-z])([CF])#(?![\w#])", lambda m, _: m[1] + " sharp", "#"),
    rule(r"(?<![A-Za-z])C\+\+", lambda m, _: "C加加", "+"),
    rule(rf"(?<=[{_HAN}{_SAID})])\+", lambda m, _: "加", "+"),
    rule(r"(?<=[A-Z])-(?![\w-])", lambda m, _: "减", "-"),
    rule(r"(?<=\w)&(?=\w)|(?<=\w) & (?=\w)", lambda m, _: "和", "&"),
    rule(r"@(?=\w)", lambda m, _: "艾特", "@"),
    rule(r"(?<=\w)<(?=\d)|(?<=\d)<", lambda m, _: "小于", "<"),
    rule(r"(?<=\w)>(?=\d)|(?<=\d)>(?=\w)", lambda m, _: "大于", ">"),
    rule(r"(?<=[A-Za-z])/(?=[A-Za-z])", lambda m, _: " ", "/"),
    rule("[" + "".join(_NAMES) + "]", lambda m, _: _NAMES[m[0]]),
)
LETTERS = (rule("[Α-Ωα-ωμ]", lambda m, _: GREEK[m[0].lower()]),)
RULES = (
    *ADDRESSES, *TELEPHONES, *CALENDAR, *MONEY, *CODES, *QUANTITIES, *FILES, *SIGNS, *LETTERS,
    *LATIN,
)  # fmt: skip
"""Forms that are certain come first: what one rule has said no later rule sees in digits."""


def expand(text: str, manner: Manner) -> str:
    """Everything but marks as it is said; the characters are in their usual form.

    >>> expand("60%的人3:30到", Manner())
    '百分之六十的人三点半到'
    >>> expand("¥48.50元", Manner()), expand("v2.1.3和G102", Manner())
    ('四十八元五角', 'V二点一点三和G一零二')
    """
    text = re.sub(r"[ \t]+", " ", text)
    return apply(RULES, _COLON.sub(":", _TIGHT.sub("", text)), manner)
