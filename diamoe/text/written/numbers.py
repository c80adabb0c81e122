"""Digits as Chinese says them: one by one, as a cardinal, as a decimal."""

import re

DIGITS = "零一二三四五六七八九"
LONGEST = 16
"""Digits of the longest cardinal; what is longer is read digit by digit."""
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?)"
"""A number with or without separators of thousands and a decimal part."""
DASH = r" ?[-–—~]{1,2} ?"
"""Between the ends of a range."""

MEASURES = (
    r"(?:个|個|位|名(?!字)|只|隻|条|條|张|張|本|件|杯|瓶|碗|双|雙|对|對|辆|輛|台|臺|块|塊|片|根|支|枝|枚|颗|顆|粒|滴"
    r"|座|栋|棟|间|間|套|层|層|家|所|次|遍|趟|回|场|場|顿|頓|句|段|首|部|集|头|頭|匹|群|堆|批|种|種|类|類|样|樣"
    r"|份|封|幅|副|道|门|門|项|項|步|圈|天|年(?![级級生])|周(?!岁刊)|岁|歲|小时|小時|分钟|分鐘|秒|星期|礼拜|禮拜|世纪|世紀"
    r"|元|块|塊|毛|角|分(?!之)|厘|万|萬|千|亿|億|斤|公斤|克|吨|噸|米|里|公里|厘米|毫米|毫克|毫升|英|海里|尺|寸|升"
    r"|平方|立方|公顷|公頃|亩|畝|度|倍|成|人|口|桌|袋|包|盒|箱|筐|桶|罐|壶|壺|勺|串|束|朵|棵|株|团|團|页|頁"
    r"|把|盘|盤|轮|輪|股|届|屆|面|架|艘|餐|晚|夜|点|點|刻|蚊|仙|嚿|樽|摄氏|攝氏|大|美元|欧元|港"
    r"|款|扇|盏|盞|堂|句|声|聲|刀|拳|脚|腳|眼|季)"
)
"""What a number counts: a measure word or a unit, in both scripts."""
_TWO = re.compile(rf"\s?{MEASURES}")
_ORDINAL = re.compile(r"(?:第|初|星期|周|週|礼拜|禮拜|拜|农历|之|十|十月|腊月|No\.?|楼|樓)$")


def spell(digits: str, one: str = "一") -> str:
    """Digits one by one.

    >>> spell("102"), spell("110", "幺")
    ('一零二', '幺幺零')
    """
    return "".join(DIGITS[int(d)] for d in digits).replace("一", one)


def cardinal(digits: str) -> str:
    """A whole number; with a leading zero, or longer than anyone counts, digit by digit.

    >>> [cardinal(n) for n in ("0", "15", "115", "2200", "100500", "200000000", "007")]
    ['零', '十五', '一百一十五', '两千二百', '十万零五百', '两亿', '零零七']
    """
    if len(digits) > LONGEST or (digits[0] == "0" and len(digits) > 1):
        return spell(digits)
    said = _count(int(digits), leading=True)
    return said[1:] if said.startswith("一十") else said


def _count(n: int, leading: bool = False) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if n < size:
            continue
        high, low = divmod(n, size)
        two = high == 2 and leading and size > 10
        head = "两" if two else cardinal(str(high)) if size >= 10**4 and leading else _count(high)
        gap = "零" if 0 < low < size // 10 else ""
        return head + name + gap + (_count(low) if low else "")
    return DIGITS[n]


def number(written: str) -> str:
    """A number with separators, a decimal part, a sign.

    >>> number("1,234.50"), number("-0.5"), number("2")
    ('一千二百三十四点五零', '负零点五', '二')
    """
    sign = "负" if written.startswith("-") else ""
    whole, point, part = written.lstrip("-").replace(",", "").partition(".")
    if point:
        said = "零" if not whole.strip("0") else cardinal(whole.lstrip("0"))
        return f"{sign}{said}点{spell(part)}"
    return sign + cardinal(whole)


def counted(written: str, before: str, after: str) -> str:
    """A number in its place: 2 is 两 before what it counts, unless it is an ordinal.

    >>> counted("2", "有", "个"), counted("2", "第", "个"), counted("2", "", "月")
    ('两', '二', '二')
    """
    if written.lstrip("-") == "2" and not _ORDINAL.search(before) and _TWO.match(after):
        return "负两" if written.startswith("-") else "两"
    return number(written)
