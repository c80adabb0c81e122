"""Written Chinese to what is said: numbers, dates, money, punctuation, scripts."""

import re
import unicodedata
from functools import lru_cache

from diamoe.errors import EmptyText, UnreadableText
from diamoe.text.phones import PUNCTUATION

DIGITS = "零一二三四五六七八九"
_MARKS = {
    ",": "，", ".": "。", "?": "？", "!": "！", ";": "；", ":": "：", "·": "", "•": "",
    "｡": "。", "､": "、", "․": "。", "‥": "…", "⋯": "…", "—": "，", "–": "，", "―": "，",
    "~": "，", "～": "，", "(": "，", ")": "，", "[": "，", "]": "，", "{": "，", "}": "，",
    "【": "，", "】": "，", "〔": "，", "〕": "，", "〈": "", "〉": "", "《": "", "》": "",
    "「": "", "」": "", "『": "", "』": "", "“": "", "”": "", "‘": "", "’": "", '"': "",
    "'": "", "`": "",
    "„": "", "‚": "", "‟": "", "«": "", "»": "", "‹": "", "›": "",
    "¿": "", "¡": "", "|": "，", "/": "，", "\\": "，", "_": "，", "*": "", "#": "",
    "\u200b": "", "\ufeff": "", "\u00ad": "", "-": "",
}  # fmt: skip
_STRENGTH = "、，：；…。！？"
_SPACE = re.compile(r"(?<=[A-Za-z0-9])\s+(?=[A-Za-z0-9])")


def is_han(character: str) -> bool:
    """Whether a character is Chinese (any script, any extension; 〇 too)."""
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFF
        or 0xF900 <= code <= 0xFAFF
        or character == "〇"
    )


def half_width(text: str) -> str:
    """Full-width letters, digits and signs made half-width; every character keeps its place.

    >>> half_width("Ａ１％，")
    'A1%，'
    """
    return "".join(map(_half_width, text))


def _half_width(c: str) -> str:
    if c == "\u3000":
        return " "
    if c == "￥":
        return "¥"
    narrow = 0xFF01 <= ord(c) <= 0xFF5E and (c.isalnum() or c in "％＄＋－．：／＝＆＠")
    return chr(ord(c) - 0xFEE0) if narrow else c


def punctuate(text: str) -> str:
    """Map every mark to the closed set of punctuation, merge runs, drop spaces.

    >>> punctuate("你好!!（真的）“是”……吗?!")
    '你好！真的，是…吗？'
    """
    mapped = "".join(map(_mark, text))
    merged: list[str] = []
    for c in mapped:
        if c in PUNCTUATION and merged and merged[-1] in PUNCTUATION:
            if _STRENGTH.index(c) > _STRENGTH.index(merged[-1]):
                merged[-1] = c
        elif c not in PUNCTUATION or merged:
            merged.append(c)
    return "".join(merged)


def _mark(c: str) -> str:
    if c in PUNCTUATION:
        return c
    narrow = chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c
    return "" if c.isspace() else _MARKS.get(narrow, c)


def spell_digits(digits: str) -> str:
    """Digits one by one.

    >>> spell_digits("102")
    '一零二'
    """
    return "".join(DIGITS[int(d)] if d.isdigit() else d for d in digits)


def _money(match: re.Match[str]) -> str:
    whole, part = match.group(1).replace(",", ""), match.group(2) or ""
    yuan = f"{whole}元" if int(whole) or not part.strip("0") else ""
    jiao, fen = tuple((part + "00")[:2])
    text = yuan
    text += f"{DIGITS[int(jiao)]}角" if jiao != "0" else ("零" if fen != "0" and yuan else "")
    return text + (f"{DIGITS[int(fen)]}分" if fen != "0" else "")


def _version(match: re.Match[str]) -> str:
    return match.group(1) + "点".join(spell_digits(p) for p in match.group(2).split("."))


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match.group(1)), int(match.group(2))
    said = "两点" if hour == 2 else f"{hour}点"
    if minute == 30:
        return said + "半"
    if minute == 0:
        return said + "整"
    return said + (f"零{minute}分" if minute < 10 else f"{minute}分")


_PRE_RULES = (
    (re.compile(r"[¥￥]\s*(\d+(?:,\d{3})*)(?:\.(\d{1,2}))?(?:元|块)?"), _money),
    (re.compile(r"(?<![A-Za-z])([vV])(\d+(?:\.\d+)+)"), _version),
    (re.compile(r"(?<!\d)()(\d+(?:\.\d+){2,})(?!\d)"), _version),
    (re.compile(r"(?<![\d:])([01]?\d|2[0-4]):([0-5]\d)(?![\d:])"), _time),
    (
        re.compile(r"(?<![A-Za-z])([A-Z]{1,3})-?(\d{2,5})(?!\d|\.\d)"),
        lambda m: m.group(1) + spell_digits(m.group(2)),
    ),
)


def expand(text: str) -> str:
    """Numbers, money, times, dates, units and percentages as they are said.

    >>> expand("60%的人3:30到")
    '百分之六十的人三点半到'
    >>> expand("￥48.50元")
    '四十八元五角'
    >>> expand("v2.1.3和G102")
    'v二点一点三和G一零二'
    """
    text = half_width(text)
    if not re.search(r"[0-9%¥$€£℃°+=²³½]", text):
        return text
    for pattern, said in _PRE_RULES:
        text = pattern.sub(said, text)
    if re.search(r"[0-9%¥$€£℃°+=²³½]", text):
        text = _wetext().normalize(text)
    return text


@lru_cache(maxsize=1)
def _wetext():  # type: ignore[no-untyped-def]
    from wetext import Normalizer

    return Normalizer(lang="zh", operator="tn")


@lru_cache(maxsize=4)
def _converter(config: str):  # type: ignore[no-untyped-def]
    from opencc import OpenCC

    return OpenCC(config)


def simplify(text: str) -> str:
    """Traditional characters made simplified, one for one.

    >>> simplify("漢語")
    '汉语'
    """
    return "".join(_simple(c) for c in text)


@lru_cache(maxsize=16384)
def _simple(character: str) -> str:
    if character.isascii():
        return character
    found = _converter("t2s").convert(character)
    return found if len(found) == 1 else character


def normalize(text: str, dialect: str) -> str:
    """A text as it is said: Chinese characters, letters and the closed set of punctuation.

    Raises:
        EmptyText: nothing in it can be spoken.
        UnreadableText: a character is neither; it is named with its place in the text as given.
    """
    said = punctuate(expand(_SPACE.sub("，", unicodedata.normalize("NFC", text))))
    for c in said:
        if not (is_han(c) or c in PUNCTUATION or (c.isascii() and c.isalpha())):
            raise unreadable(c, text, dialect)
    if not any(c not in PUNCTUATION for c in said):
        raise EmptyText(f"nothing to speak in {text!r}: it holds no character with a sound")
    return said


def unreadable(character: str, text: str, dialect: str, hint: str = "") -> UnreadableText:
    """The error for a character, placed where it (or a form of it) stands in the given text."""
    position = text.find(character)
    if position < 0:
        forms = (unicodedata.normalize("NFC", simplify(half_width(c))) for c in text)
        position = next((i for i, c in enumerate(forms) if character in c), 0)
    return UnreadableText(character, text, position, dialect, hint)
