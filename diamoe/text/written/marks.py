"""Marks: everything that stands for a pause becomes one of the closed set."""

import re

from diamoe.text.phones import PUNCTUATION
from diamoe.text.written.characters import usual_form

_MARKS = {
    **dict(zip(",.?!;:", "，。？！；：", strict=True)),
    **dict.fromkeys("()[]{}—–~|/⁄\\→←<>", "，"),
    **dict.fromkeys("·_#-", " "),
    **dict.fromkeys('*"`^@$+=&%', ""),
}
_STRENGTH = "、，：；…。！？"
_CLOSED = "".join(PUNCTUATION)
_APOSTROPHE = re.compile(r"(?<![A-Za-z])'+|'+(?![A-Za-z])")
_LINES = re.compile(r"\s*\n\s*")
_WIDE = str.maketrans(_MARKS)
_UNTIDY = re.compile(rf"[^\w{_CLOSED}]|_|[{_CLOSED}]{{2}}|^[{_CLOSED}]")
_SPACES = re.compile(rf" *([{_CLOSED}]) *|(?<![A-Za-z]) +(?=[A-Za-z])|(?<=[A-Za-z]) +(?![A-Za-z])")
_RUN = re.compile(rf"[{_CLOSED}]{{2,}}")


def punctuate(text: str) -> str:
    """Map every mark to the closed set, merge runs to the strongest, tidy the spaces.

    A space stays between two characters and between two words in letters; the end of a line is
    a full stop where no mark stands.

    >>> punctuate("你好!!（真的）“是”……吗?!")
    '你好！真的，是…吗？'
    >>> punctuate("第一行\\n第二行。\\n我们 明天 去")
    '第一行。第二行。我们 明天 去'
    """
    return tidy("".join([c if c.isalnum() else usual_form(c) or c for c in text]))


def tidy(text: str) -> str:
    """`punctuate` for a text whose characters are already in their usual form."""
    if not _UNTIDY.search(text):
        return text
    text = _LINES.sub("\n", text.strip()).replace("...", "…").replace("..", "…")
    text = _APOSTROPHE.sub("", text).translate(_WIDE)
    text = re.sub(rf"([{_CLOSED}]?) ?\n", _line_end, re.sub(" +", " ", text))
    text = _SPACES.sub(r"\1", text).strip()
    return _RUN.sub(_strongest, text).lstrip(_CLOSED).strip()


def _line_end(match: re.Match[str]) -> str:
    return match[1] or "。"


def _strongest(match: re.Match[str]) -> str:
    return max(match[0], key=_STRENGTH.index)
