"""Where 一 counts or orders (第一, 一楼, 二十一): there it keeps its tone."""

import re
from collections.abc import Sequence

_DIGITS = "一二三四五六七八九十零〇"
# Before 一 in the same word, or before 一 as a word of its own.
_BEFORE = frozenset("第零二三四五六七八九十百千万初统唯单专之")
# After 一: the first of its kind, whatever stands before.
_AFTER = re.compile(
    f"[{_DIGITS}月号级楼审]|年级|环路|等[奖功品舱座兵于]|[加减乘除]|把手|期工程|车间|食堂|路[车公]|中(?![午等心间秋])"
    "|日(?![三游之千不内夫为])"
)
_CLASS = re.compile("班|组|队|层|单元|栋")
_CLASS_AFTER = frozenset("级住在")
# After a number, 一 before a measure is its last digit: 二十一块, but 周五十一起.
_TENS = frozenset("十百千万")
_MEASURES = frozenset("个块条年天次本张岁里米点分秒元角度倍人家只头辆件位名套双斤周页楼班课")


def ordinal_places(words: Sequence[str]) -> frozenset[int]:
    """The places of every 一 that is a digit or an ordinal; `words` has a character a syllable.

    >>> [ordinal_places(w) for w in (["住", "在", "一楼"], ["第", "一课"], ["一", "天"])]
    [frozenset({2}), frozenset({1}), frozenset()]
    """
    text = "".join(words)
    found: set[int] = set()
    start = 0
    for word in words:
        for place in range(start, start + len(word)):
            if text[place] != "一":
                continue
            attached = place > start or len(word) == 1
            if _is_ordinal(text[:place], text[place + 1 :], attached):
                found.add(place)
        start += len(word)
    return frozenset(found)


def _is_ordinal(before: str, after: str, attached: bool) -> bool:
    last = before[-1:]
    if attached and last in _BEFORE or _AFTER.match(after):
        return True
    if last == after[:1] == "点" or last == "第" or last in _TENS and after[:1] in _MEASURES:
        return True
    return last in _CLASS_AFTER and _CLASS.match(after) is not None
