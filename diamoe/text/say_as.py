"""What SSML's `say-as` asks for, written so that the normaliser reads it that way."""

from diamoe.text.phones import PUNCTUATION

_COMMA = PUNCTUATION[0]
_DIGITS = "零一二三四五六七八九"


def say_as(text: str, how: str, reads_han: bool) -> str:
    """The text rewritten for one of SSML's ways.

    >>> say_as("110", "digits", True), say_as("abc", "characters", True)
    ('一一零', 'A，B，C')
    >>> say_as("3", "ordinal", True), say_as("3", "ordinal", False)
    ('第3', '3rd')
    """
    if how in ("digits", "telephone", "characters", "spell-out"):
        return _spelled(text, how, reads_han)
    if how == "ordinal":
        return f"第{text}" if reads_han else text + _ending(text)
    if how in ("cardinal", "number"):
        return text.replace(" ", "")
    return text


def _spelled(text: str, how: str, reads_han: bool) -> str:
    if how in ("digits", "telephone") and reads_han:
        digits = _DIGITS if how == "digits" else _DIGITS.replace("一", "幺")
        return "".join(digits[int(c)] if c in "0123456789" else c for c in text if c not in " -")
    return _COMMA.join(c.upper() for c in text if not c.isspace())


def _ending(number: str) -> str:
    if number[-2:] in ("11", "12", "13"):
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(number[-1:], "th")
