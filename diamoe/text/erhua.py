"""When 儿 is a rhotic ending of the syllable before it, and when it is a syllable of its own."""

_FULL_BEFORE = frozenset("女婴幼孤少胎健宠弃男患育产混托乳生爱娇娈侄孩血诸狗猪偿低德葫")
_FULL_AFTER = frozenset("子童女科歌媳孙时戏化韵郎皇臣")


def is_rhotic(character: str, word: str, before: str, after: str) -> bool:
    """Whether `character` (儿) merges into the syllable before it.

    `word` is the word it stands in, `before` and `after` the text around it.

    >>> is_rhotic("儿", "一半儿", "等于成功的一半", ""), is_rhotic("儿", "女儿", "女", "")
    (True, False)
    """
    if character not in "儿兒" or not before or not "\u3400" <= before[-1] <= "\u9fff":
        return False
    if before[-1] in "儿兒" or word in ("儿子", "儿童", "儿女"):
        return False
    return before[-1] not in _FULL_BEFORE and after[:1] not in _FULL_AFTER
