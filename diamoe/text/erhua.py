"""When 儿 is a rhotic ending of the syllable before it, and when it is a syllable of its own."""

_CHARACTERS = "儿兒"
_FULL_BEFORE = frozenset(
    "女婴嬰幼孤少胎健宠寵弃棄男患育产產混托乳生爱愛娇嬌娈孪孿侄血诸狗猪偿低德葫能丑曼"
)
_FULL_AFTER = frozenset("子童女科歌媳孙孫时時戏戲化韵韻郎皇臣")
_ALWAYS = frozenset("这這那哪点點会會玩事劲勁块塊味")


def is_rhotic(character: str, word: str, before: str, after: str) -> bool:
    """Whether `character` (儿) merges into the syllable before it.

    `word` is the word it stands in, `before` and `after` the text around it. A word that begins
    with 儿 (儿子, 儿童) is never rhotic, nor are the words for kinds of children (女儿, 婴儿).

    >>> is_rhotic("儿", "一半儿", "等于成功的一半", ""), is_rhotic("儿", "女儿", "女", "")
    (True, False)
    >>> [is_rhotic("儿", w, w[:-1], "") for w in ("一点儿", "花儿", "这儿", "小孩儿", "玩儿")]
    [True, True, True, True, True]
    >>> is_rhotic("儿", "儿子", "这", "子"), is_rhotic("兒", "嬰兒", "嬰", "")
    (False, False)
    """
    if character not in _CHARACTERS or not before or not "\u3400" <= before[-1] <= "\u9fff":
        return False
    if len(word) > 1 and word[0] in _CHARACTERS:
        return False
    last = before[-1]
    if last in _CHARACTERS or last in _FULL_BEFORE and not before.endswith(("孙女", "侄女")):
        return False
    if last == "孩":
        return before[-2:-1] in tuple("小男女")
    return last in _ALWAYS or after[:1] not in _FULL_AFTER
