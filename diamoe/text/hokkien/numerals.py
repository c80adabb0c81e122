"""How numbers are read: counting, ordinals, dates, and digits one by one."""

import re

COUNTING = {
    "零": "khong3", "〇": "khong3", "空": "khong3", "一": "tsit8", "二": "ji7", "兩": "nng7",
    "三": "sann1", "四": "si3", "五": "goo7", "六": "lak8", "七": "tshit4", "八": "peh4",
    "九": "kau2", "十": "tsap8", "百": "pah4", "千": "tshing1", "萬": "ban7", "億": "ik4",
}  # fmt: skip
LITERARY = {
    **COUNTING, "一": "it4", "三": "sam1", "四": "su3", "五": "ngoo2", "六": "liok8", "八": "pat4",
    "九": "kiu2",
}  # fmt: skip
"""Digits as they are read one by one, in telephone numbers and years."""
NUMERALS = "零〇一二兩三四五六七八九十百千萬億"
_POWERS = tuple("百千萬億")
_ORDINAL_BEFORE = ("第", "初", "禮拜", "拜", "星期", "號碼", "點")
_ORDINAL_AFTER = ("月", "號", "樓", "級", "年級", "班")
_DIGITS = "零一二三四五六七八九"


def read_number(run: str, before: str, after: str) -> list[str]:
    """The syllables of a run of numerals between the text before and after it.

    >>> read_number("二百二十一", "", "个"), read_number("一", "", "个")
    (['nng7', 'pah4', 'ji7', 'tsap8', 'it4'], ['tsit8'])
    >>> read_number("二零二四", "", "年"), read_number("一", "第", "")
    (['ji7', 'khong3', 'ji7', 'su3'], ['it4'])
    """
    if len(run) > 1 and not any(c in "十百千萬億" for c in run):
        if len(run) > 2 or "零" in run:
            return [LITERARY[c] for c in run]
        if "兩" not in run and before.endswith(("點", "第")):
            return [LITERARY["一"] if c == "一" else COUNTING[c] for c in run]
    ordinal = before.endswith(_ORDINAL_BEFORE) or after.startswith(_ORDINAL_AFTER)
    return [_digit(run, i, ordinal, bool(after)) for i in range(len(run))]


def _digit(run: str, i: int, ordinal: bool, followed: bool) -> str:
    character, power = run[i], run[i + 1 : i + 2]
    if character == "一":
        first = i == 0 or run[i - 1] in "零〇萬億千"
        counts = power in _POWERS or (len(run) == 1 and followed and not ordinal)
        return COUNTING["一"] if first and counts else LITERARY["一"]
    if character == "二":
        counts = power in _POWERS or (len(run) == 1 and followed and not ordinal)
        return COUNTING["兩"] if counts else COUNTING["二"]
    return COUNTING[character]


def spell_count(number: int) -> str:
    """An integer below 10⁸ in Chinese numerals.

    >>> [spell_count(n) for n in (0, 10, 15, 120, 203, 12030)]
    ['零', '十', '十五', '一百二十', '二百零三', '一萬二千零三十']
    """
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        rest = spell_count(low) if low else ""
        return spell_count(high) + "萬" + ("零" if 0 < low < 1000 else "") + rest
    text, gap = "", False
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
        gap = not digit
    text = text.rstrip("零") or "零"
    return text[1:] if text.startswith("一十") else text


def expand_counts(text: str, measures: str) -> str:
    """Digits before a Taiwanese measure word, which the general normaliser takes for a code.

    >>> expand_counts("120箍", "箍粒")
    '一百二十箍'
    """
    if not any(c.isdigit() for c in text):
        return text
    pattern = rf"(?<![\d.,:/-])(\d{{1,8}})(?=[{measures}])"
    return re.sub(pattern, lambda m: spell_count(int(m[1])), text)
