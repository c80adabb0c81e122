"""Addresses, telephone numbers, versions, product codes: digits that count nothing."""

import re

from diamoe.text.written.manner import Manner
from diamoe.text.written.numbers import MEASURES, cardinal, number, spell
from diamoe.text.written.rule import ANY_DIGIT, rule, words

_SIGNS = {
    ".": "点", "@": "艾特", "/": "斜杠", "-": "杠", "_": "下划线", ":": "冒号", "?": "问号",
    "=": "等于", "&": "和", "#": "井号", "%": "百分号", "~": "波浪线", "+": "加", "!": "叹号",
    "$": "美元符", "*": "星号", ",": "逗号", ";": "分号", "'": "",
}  # fmt: skip
_PARTS = re.compile(r"[A-Za-z]+|\d+|.")
_DOMAINS = words(
    "com cn net org edu gov io hk tw mo top me app ai dev info xyz tv cc uk de fr nl jp us eu co"
)
_WORD = r"[A-Za-z0-9-]"
_PATH = r"(?:[/?#][A-Za-z0-9._~:/?#@!$&*+,;=%-]*[A-Za-z0-9/=])?/?"
_CALLED = words(
    "电话 電話 手机 手機 热线 熱線 拨打 撥打 拨 撥 致电 致電 传真 傳真 客服 尾号 尾號 号码 號碼 "
    "报警 報警 联系 聯繫 打 呼叫 call Call tel Tel TEL"
)
_NAMED = words(
    "密码 密碼 验证码 驗證碼 账号 帳號 账户 帳戶 卡号 卡號 编号 編號 学号 學號 工号 工號 邮编 "
    "郵編 QQ qq 微信 代码 代碼 证号 證號 单号 單號 房号 房號 房间 房間 车牌 車牌 门牌 門牌 ID id "
    "群号 口令 番号 航班 车次 車次"
)
_LINK = r"(?:号|號|码|碼|是|为|為|：|:|，|,|\s){0,3}"
_HOTLINES = words("10086 10010 10000 10099 12306 12315 12348 12320 12377 12333 95588 95533 95555")
_EMERGENCY = words("报警 報警 急救 电话 電話 指挥 指揮 火警 救护 救護 警察 接警 服务台 台")
_NUMBERED = (
    words("室 房间 房間 航班 次列车 次列車 次高铁 次高鐵 路公交 路巴士 路车 路車 国道 國道 高地")
    + r"|路(?=[^\u3400-\u9fff]|$)"
)
_NO_MORE = rf"(?!\d|[.,]\d|\s?{MEASURES}|[%℃])"


def _address(match: re.Match[str], manner: Manner) -> str:
    """A web or mail address, every sign named; the scheme stands apart."""
    scheme, _, rest = match[0].rpartition("://")
    said = "".join(_part(part, manner) for part in _PARTS.findall(rest.rstrip("/")))
    return f"{scheme.upper()}，{said}" if scheme else said


def _part(part: str, manner: Manner) -> str:
    if part.isdigit():
        return spell(part)
    return _SIGNS.get(part, part)


def _ip(match: re.Match[str], manner: Manner) -> str:
    groups = match[1].split(".")
    if any(int(g) > 255 for g in groups):
        return match[0]
    port = "冒号" + spell(match[2]) if match[2] else ""
    return "点".join(map(spell, groups)) + port


def _telephone(match: re.Match[str], manner: Manner) -> str:
    """Groups of digits, a pause where the writer parts them."""
    groups = re.findall(r"\d+", match[0])
    said = "，".join(spell(group, manner.one) for group in groups)
    return ("加" if match[0].lstrip("(").startswith("+") else "") + said


def _called(match: re.Match[str], manner: Manner) -> str:
    groups = re.findall(r"\d+", match[2])
    return match[1] + "，".join(spell(group, manner.one) for group in groups)


def _hotline(match: re.Match[str], manner: Manner) -> str:
    return spell(match[1], manner.one)


def _named(match: re.Match[str], manner: Manner) -> str:
    return match[1] + spell(match[2])


def _spelled(match: re.Match[str], manner: Manner) -> str:
    return spell(match[1])


def _version(match: re.Match[str], manner: Manner) -> str:
    """`v2.1.3`: groups of one or two digits are counted, longer ones spelled."""
    groups = match[2].split(".")
    return (match[1] or "").rstrip(".").upper() + "点".join(map(_group, groups))


def _group(digits: str) -> str:
    return cardinal(digits) if len(digits) < 3 else spell(digits)


def _code(match: re.Match[str], manner: Manner) -> str:
    """`G102`, `F-16`, `iPhone15`, `PM2.5`: the digits after letters."""
    letters, digits = match[1], match[2]
    return letters + (number(digits) if "." in digits else _group(digits))


ADDRESSES = (
    rule(
        rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:{_WORD}+\.)+[A-Za-z]{{2,}}",
        _address, "@",
    ),
    rule(
        rf"(?<![A-Za-z0-9])(?:https?|ftp)://(?:{_WORD}+\.)*{_WORD}+(?::\d+)?{_PATH}", _address, ":"
    ),
    rule(
        rf"(?<![A-Za-z0-9@.-])(?:{_WORD}+\.)+{_DOMAINS}(?![A-Za-z0-9-]|\.[A-Za-z0-9]){_PATH}",
        _address, ".",
    ),
    rule(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5}))?(?!\d|\.\d)", _ip, "."),
)  # fmt: skip
TELEPHONES = (
    rule(
        r"(?<![\d.])(?:\(?\+?86\)?[ -]?)?1[3-9]\d([ -]?)\d{4}\1\d{4}(?![\d.]\d|\d)", _telephone, "1"
    ),
    rule(r"(?<![\dA-Za-z])\+\d{1,3}(?:[ -]?\(?\d{1,4}\)?){2,6}(?!\d)", _telephone, "+"),
    rule(r"(?<![\d.])(?:\(0\d{2,3}\) ?|0\d{2,3}[ -]?)\d{7,8}(?:-\d{1,5})?(?!\d)", _telephone, "0"),
    rule(r"(?<![\d.-])0\d{1,3}-\d{3,4}-\d{3,4}(?![\d-])", _telephone, "0"),
    rule(r"(?<![\d.-])[48]00[ -]?\d{3,4}[ -]?\d{3,4}(?![\d-])", _telephone, "0"),
    rule(r"(?<![\d.-])\d{3,4}-\d{3,4}-\d{4}(?![\d-])", _telephone, "-"),
    rule(rf"({_CALLED}{_LINK})(\d{{3,8}}(?:[ -]\d{{3,8}})?){_NO_MORE}", _called, ANY_DIGIT),
    rule(rf"(?<!\d)({_HOTLINES}){_NO_MORE}", _hotline, "19"),
    rule(rf"(?<!\d)(1(?:10|19|20|22|14))(?=\s?{_EMERGENCY})", _hotline, "1"),
)  # fmt: skip
CODES = (
    rule(
        r"(?<![\d.A-Za-z-])\d{1,4}(?:-\d{1,4}){2,}(?![\d-]|\.\d)",
        lambda m, _: "杠".join(_group(part) for part in m[0].split("-")), "-",
    ),
    rule(rf"({_NAMED}{_LINK})(\d{{3,}}){_NO_MORE}", _named, ANY_DIGIT),
    rule(rf"(?<![\d.A-Za-z])(\d{{3,4}})(?=\s?(?:{_NUMBERED}))", _spelled, ANY_DIGIT),
    rule(r"(?<![\d.])([5-9][05]|[01]0)(?=[后後](?![来來面的]))", _spelled, "后後"),
    rule(r"(?<=\d[米秒块塊])(\d\d)(?![\d.米厘秒分毛角元块塊个個])", _spelled, "米秒块塊"),
    rule(
        r"(?<![\d.])(\d{1,2})\.(\d{1,2})(?=假期|长假|長假|小长假|黄金周|黃金周|劳动节|国庆)",
        lambda m, _: cardinal(m[1]) + cardinal(m[2]), ".",
    ),
    rule(r"(?<!\d)(211|985)(?=\s?(?:大学|大學|高校|工程|院校|[、/和与]))", _spelled, "29"),
    rule(
        r"(?<![\dA-Za-z])([vV]\.?|[vV]er\.? ?)(\d+(?:\.\d+)*)(?!\d|\.\d)", _version, "vV"
    ),
    rule(r"(?<![\d.A-Za-z,])()(\d+(?:\.\d+){2,})(?!\d|\.\d)", _version, "."),
    rule(r"(?<![\d.])(\d{3,4})(?=[pP](?![A-Za-z]))", _spelled, "pP"),
    rule(r"(?<!\d)(\d{1,2})·(\d{1,2})(?!\d)", lambda m, _: spell(m[1] + m[2]), "·"),
    rule(
        r"(?<=第)[IVXL]+(?![A-Za-z])|(?<![A-Za-z])[IVX]{2,}(?=[型期级級世类類度号號])",
        lambda m, _: cardinal(str(roman(m[0]))), "IVX",
    ),
    rule(r"(?<![A-Za-z])(?:No|NO|no)\.? ?(\d+)", lambda m, _: "第" + cardinal(m[1]), "oO"),
    rule(
        r"#(\d{1,4})(?!\d)(?:号|號)?|(?<!\d)(\d{1,4})#(?!\d)",
        lambda m, _: cardinal(m[1] or m[2]) + "号", "#",
    ),
    rule(
        r"(?<=[A-Za-z]) (\d{4})(?!\d|[.,:/-]\d|\s?[年个個元人名台次])",
        lambda m, _: " " + spell(m[1]), " ",
    ),
    rule(r"([A-Za-z])-?(\d+(?:\.\d+)?)(?!\.?\d|[:%]|-\d)", _code, ANY_DIGIT),
)  # fmt: skip
FILES = (rule(r"(?<=[A-Za-z])\.(?=[a-z]{2,4}(?![A-Za-z.]))", lambda m, _: "点", "."),)


def roman(numeral: str) -> int:
    """The value of a Roman numeral.

    >>> roman("XIV"), roman("III")
    (14, 3)
    """
    values = [dict(I=1, V=5, X=10, L=50)[c] for c in numeral]
    return sum(-v if i + 1 < len(values) and v < values[i + 1] else v for i, v in enumerate(values))
