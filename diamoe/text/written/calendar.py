"""Dates, years and times of day."""

import re

from diamoe.text.written.manner import Manner
from diamoe.text.written.numbers import DASH, cardinal, number, spell
from diamoe.text.written.rule import after, before, rule, words

_YEAR = r"(?:1[0-9]|2[01])\d\d"
_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:[12]\d|3[01]|0?[1-9])"
_DATE_WORDS = re.compile(r"\s?[日号號(（周週星前后後起止至到]")
_RESULTS = words(
    "比分 战胜 戰勝 击败 擊敗 领先 領先 落后 落後 大胜 大勝 险胜 險勝 完胜 完勝 胜 勝 负 負 赢 "
    "贏 输 輸 战平 戰平 打平 平局 取胜 取勝 获胜 獲勝 逆转 逆轉 惨败 慘敗 比例 配比 混合 得分 "
    "总分 總分 打成 赔率 汇率 匯率 队 隊"
)
_SCORE_BEFORE = re.compile(rf"(?:{_RESULTS}|以)[^，。！？；]{{0,6}}$")
_SCORE_AFTER = re.compile(rf"\s?的?{_RESULTS}")
_PERIODS = words(
    "凌晨 清晨 早上 早晨 上午 中午 下午 傍晚 晚上 半夜 深夜 夜里 夜裡 朝早 晏晝 下晝 今晚 晚"
)
_PERIOD = re.compile(rf"{_PERIODS}\s?$")
_SPAN = re.compile(
    "的?" + words("前 以前 之前 来 來 历史 歷史 以上 以来 以來 之久 时间 時間 后 後 之后 之後 多")
)
_EPOCH = re.compile(
    r"\s?"
    + words(
        "出生 出世 生 毕业 畢業 入学 入學 入职 建 成立 的 春 夏 秋 冬 初 底 末 款 版 世 奥 产 產 "
        "代 份"
    )
)
_BEFORE_CHRIST = re.compile(r"(?:公元|西元|纪元|紀元)前?$")


def is_score(match: re.Match[str]) -> bool:
    """Whether what stands around two numbers says that they are a score or a proportion."""
    return bool(_SCORE_BEFORE.search(before(match)) or _SCORE_AFTER.match(after(match)))


def _month(written: str) -> str:
    return cardinal(written.lstrip("0"))


def _date(match: re.Match[str], manner: Manner) -> str:
    year, month, day = match[1], match[3], match[4]
    return f"{spell(year)}年{_month(month)}月{_month(day)}日"


def _year_month(match: re.Match[str], manner: Manner) -> str:
    return f"{spell(match[1])}年{_month(match[2])}月"


def _day_first(match: re.Match[str], manner: Manner) -> str:
    first, second = int(match[1]), int(match[2])
    day, month = (first, second) if manner.day_first else (second, first)
    if month > 12:
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return f"{spell(match[3])}年{cardinal(str(month))}月{cardinal(str(day))}日"


def _month_day(match: re.Match[str], manner: Manner) -> str:
    month, day = int(match[1]), int(match[2])
    certain = _DATE_WORDS.match(after(match)) or (month > day and month != day)
    if not certain or not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    given = after(match).lstrip()[:1] in ("日", "号", "號")
    return f"{cardinal(str(month))}月{cardinal(str(day))}" + ("" if given else "日")


def _years(match: re.Match[str], manner: Manner) -> str:
    return spell(match[1]) + match[2] + manner.to + spell(match[3])


def _year(match: re.Match[str], manner: Manner) -> str:
    digits, rest = match[1], after(match)[1:]
    if len(digits) == 4 and (digits[0] not in "12" or digits[1:] == "000") and digits != "2000":
        return match[0]
    if len(digits) == 4:
        return match[0] if _SPAN.match(rest) and digits.endswith("00") else spell(digits)
    if len(digits) == 3:
        return spell(digits) if _BEFORE_CHRIST.search(before(match)) else match[0]
    if digits[0] == "0":
        return spell(digits)
    born = digits[0] in "56789" and digits[1] != "0" and _EPOCH.match(rest)
    return spell(digits) if born and not rest.startswith("的历史") else match[0]


def _decade(match: re.Match[str], manner: Manner) -> str:
    return spell(match[1]) + "年代"


def _until(match: re.Match[str], manner: Manner) -> str:
    return (match[1] or "") + manner.to


def _colon(match: re.Match[str], manner: Manner) -> str:
    """`3:30` is a time, or a score; what cannot be a time is a proportion."""
    parts = match[1].split(":")
    time = _is_time(parts) and not (is_score(match) and not match[2])
    if not time:
        if match[2]:
            return match[0]
        return "比".join(map(number, parts))
    hour, minute = int(parts[0]), parts[1]
    period, hour = _period(match, hour)
    said = period + ("两" if hour == 2 else cardinal(str(hour))) + "点"
    if len(parts) == 3:
        return said + f"{cardinal(minute)}分" + f"{cardinal(parts[2])}秒"
    if minute == "30":
        return said + "半"
    return said + ("" if minute == "00" else f"{cardinal(minute)}分")


def _is_time(parts: list[str]) -> bool:
    return (
        len(parts) in (2, 3)
        and all(p.isdigit() and len(p) <= 2 for p in parts)
        and int(parts[0]) <= 24
        and all(len(p) == 2 and int(p) < 60 for p in parts[1:])
    )


def _period(match: re.Match[str], hour: int) -> tuple[str, int]:
    """The part of the day for `am` and `pm`, where the text does not name it."""
    half = (match[2] or "").lower()[:1]
    if not half or _PERIOD.search(before(match)):
        return "", hour
    if half == "a":
        return ("凌晨" if hour < 6 or hour == 12 else "上午"), hour
    return ("中午" if hour == 12 else "下午" if hour < 6 else "晚上"), hour


def _hour(match: re.Match[str], manner: Manner) -> str:
    period, hour = _period(match, int(match[1]))
    return f"{period}{'两' if hour == 2 else cardinal(str(hour))}点" if hour <= 24 else match[0]


_SEASON = words(
    "春 夏 秋 冬 届 屆 款 版 赛季 賽季 世界 奥运 奧運 欧洲杯 上半 下半 财年 財年 Q1 Q2 Q3 Q4 "
    "第一季 第二季 第三季 第四季"
)
_AM = r"([aApP]\.?[mM]\.?)(?![A-Za-z])"
_TWICE = r"(?<![\d-])((?:1[6-9]|20)\d\d)()" + DASH + r"((?:1[6-9]|20)\d\d)(?![\d年.-])"
CALENDAR = (
    rule(
        rf"(?<!\d)({_YEAR})([-/.])({_MONTH})\2({_DAY})(?!\d|[-/.]\d)(?:T(?=\d\d:))?",
        _date, "-/.",
    ),
    rule(r"(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)(?![\d/])", _day_first, "/"),
    rule(
        r"(?<![\d.])((?:19|20)\d\d)[-/.](0[1-9]|1[0-2])(?![\d年%.]|[-–~—/:]\d|\s?[万亿元])",
        _year_month, "-/.",
    ),
    rule(r"(?<![\d/.])(\d{1,2})/(\d{1,2})(?![\d/.]|%)", _month_day, "/"),
    rule(rf"(?<!\d)(\d{{4}})(年?){DASH}(\d{{4}})(?=年)", _years, "-–—~"),
    rule(_TWICE, _years, "-–—~"),
    rule(r"(?<!\d)((?:1[6-9]|20)\d0)(?:s|年代)(?![A-Za-z])", _decade, "s代"),
    rule(r"(?<![\d.,])(\d{2,4})(?=年(?!级|級|生))", _year, "年"),
    rule(rf"(?<![\d.,¥$-])((?:19|20)\d\d)(?= ?{_SEASON})", lambda m, _: spell(m[1]), "12"),
    rule(rf"(?<![\d:])(\d\d?){DASH}(?=\d\d? ?{_AM})", lambda m, manner: m[1] + m[2] + manner.to),
    rule(rf"(?<=\d:\d\d)( ?[aApP][mM])?{DASH}(?=\d\d?:\d\d)", _until, ":"),
    rule(
        rf"(?<![\d:.])(\d+(?:\.\d+)?(?::\d+(?:\.\d+)?)+)(?![\d:]) ?(?:{_AM})?", _colon, ":"
    ),
    rule(rf"(?<![\d:.A-Za-z])(\d\d?) ?{_AM}", _hour, "mM"),
    rule(r"(?<!\d)0(\d)(?=[月日号號点點时時])", lambda m, _: m[1], "0"),
    rule(r"(?<=[点點])(\d)(?=分(?!之))", lambda m, _: "零" + cardinal(m[1]), "分"),
)  # fmt: skip
