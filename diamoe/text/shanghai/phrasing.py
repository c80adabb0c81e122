"""Prosodic words: which words of a phrase share one tone pattern.

Particles, complements and measure words lean on what stands before them, negations on what
follows; a pronoun, an object and every full word begin a prosodic word of their own.
"""

import re
from collections.abc import Sequence

NUMERALS = "零〇一二两三四五六七八九十百千万亿廿半几"
_PARTICLES = frozenset("个额呃的地得了哉𠲎伐呀啊咾嘛嚜哦噢呢喽啦咯唻咪过脱仔着们里浪上头吗吧么") | {
    *("里向", "里厢", "浪向", "高头", "下头", "下底", "辣海", "勒海", "之后"),
}
_FINAL_PARTICLES = frozenset("勒辣嘞")
_COMPLEMENTS = frozenset("到好完来去出进起开牢见住掉成光走死错满破断醒懂") | {
    *("起来", "出来", "进来", "上来", "下来", "过来", "回来", "转来", "出去", "进去", "上去"),
    *("下去", "过去", "回去", "清爽"),
}
_MEASURES = frozenset(
    "个只条张把本块件位次趟遍点分秒年月日天号岁楼层间家部辆场杯瓶碗盘盆双对套种样封段句声口顿斤"
    "里米元角毛钱度倍埭桩根支枝棵朵座排组班届页首名代票步记歇眼些钟"
) | {"点钟", "分钟", "个月", "小时", "礼拜", "公里", "公斤", "块洋钿", "块钱", "星期"}
_POINTING = frozenset("搿迭这那哪埃伊每几第") | {"阿里"}
_NEGATIONS = frozenset("勿弗不覅")
_DEGREES = frozenset("蛮老忒")
_NO_VERBS = frozenset(
    "我侬伊你您他她它倷㑚佢也又还就再才都侪勿弗不没很蛮老忒太最更要会想能可该应敢肯是有在辣勒拨搭跟和同对从"
    "拿把被让用为因向往朝搿迭这那哪啥每第只但或与及而并" + NUMERALS
)
_GROUP = re.compile(
    "[一二两三四五六七八九廿几]?十[一二三四五六七八九几]?|廿[一二三四五六七八九几]?"
    f"|[一二两三四五六七八九十几半][百千万亿]+|[{NUMERALS}]{{1,2}}"
)
_ALL_NUMERALS = re.compile(f"[{NUMERALS}]+")
_COUNTED_NOUN = re.compile(f"([{NUMERALS}]+)([个只本条张把件块位])(.+)")
_NUMERAL_OR_NOT = re.compile(f"[{NUMERALS}]+|[^{NUMERALS}]+")


def prosodic_words(words: Sequence[str]) -> list[str]:
    """The words of one phrase joined to prosodic words.

    >>> prosodic_words("我 勿 晓得 倷 有 碰到 过 搿 情况 𠲎".split())
    ['我', '勿晓得', '倷', '有', '碰到过', '搿', '情况𠲎']
    >>> prosodic_words("举 两 只 例子".split())
    ['举', '两只', '例子']
    """
    parts = _numerals_apart(words)
    joined: list[list[str]] = []
    for i, word in enumerate(parts):
        follows = parts[i + 1] if i + 1 < len(parts) else ""
        if joined and _leans(joined[-1], word, follows):
            joined[-1].append(word)
        else:
            joined.append([word])
    return ["".join(group) for group in joined]


def _numerals_apart(words: Sequence[str]) -> list[str]:
    """Runs of numerals regrouped as they are counted: 三百五十六 as 三百 and 五十六."""
    parts: list[str] = []
    run = ""
    for word in (*(piece for w in words for piece in _pieces(w)), ""):
        if _ALL_NUMERALS.fullmatch(word):
            run += word
            continue
        parts += _GROUP.findall(run) if run else []
        run = ""
        if word:
            parts.append(word)
    return parts


def _pieces(word: str) -> list[str]:
    """A numeral and its measure word apart (六年, 两本书); any other word as it is."""
    counted_noun = _COUNTED_NOUN.fullmatch(word)
    if counted_noun:
        return list(counted_noun.groups())
    pieces = _NUMERAL_OR_NOT.findall(word)
    counted = all(p in _MEASURES or _ALL_NUMERALS.fullmatch(p) for p in pieces)
    return pieces if counted else [word]


def follows_number(before: str) -> bool:
    """Whether the character after `before` counts something: 两, 搿, 几."""
    return before[-1:] in _POINTING or bool(_ALL_NUMERALS.fullmatch(before[-1:]))


def _leans(group: list[str], word: str, follows: str) -> bool:
    """Whether `word` belongs to the prosodic word that `group` begins."""
    last, text = group[-1], "".join(group)
    if word in _PARTICLES or (word in _FINAL_PARTICLES and not follows):
        return word not in ("上", "里") or text not in _NO_VERBS
    if _counts(last) and word in _MEASURES:
        return True
    if last == "第" and _ALL_NUMERALS.fullmatch(word):
        return True
    if len(group) == 1 and last in _NEGATIONS:
        return len(word) < 3
    if len(group) == 1 and last in _DEGREES:
        return len(word) == 1 and word not in _NO_VERBS
    return _completes(text, word, follows)


def _counts(word: str) -> bool:
    return word in _POINTING or bool(_ALL_NUMERALS.fullmatch(word))


def _completes(text: str, word: str, follows: str) -> bool:
    """A complement of a verb of one syllable, the verb again, or 点 after an adjective."""
    if len(text) == 2 and text[1] in _NEGATIONS:
        return word == text[0]
    if len(text) != 1 or text in _NO_VERBS:
        return False
    if word in _NEGATIONS:
        return follows == text
    return word == text or word in _COMPLEMENTS or word in ("点", "眼", "一点", "一眼")


def holds_tone(word: str) -> bool:
    """Whether a prosodic word keeps the tone of its first syllable: 看看, 快点.

    >>> holds_tone("看看"), holds_tone("快点"), holds_tone("情况")
    (True, True, False)
    """
    return len(word) == 2 and (word[0] == word[1] or word[1] in "点眼") and word[0] not in _NO_VERBS


def is_negated(word: str) -> bool:
    """Whether a prosodic word begins with a negation."""
    return word[:1] in _NEGATIONS
