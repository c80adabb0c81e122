"""Single characters: what may stand in a Chinese text, each in one of the forms it comes in."""

import re
import unicodedata
from functools import lru_cache

from diamoe.errors import UnreadableText
from diamoe.text.phones import PUNCTUATION

GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρστυφχψω",
        "阿尔法 贝塔 伽马 德尔塔 伊普西龙 泽塔 伊塔 西塔 约塔 卡帕 兰姆达 缪 纽 克西 奥密克戎 派 "
        "柔 西格玛 陶 宇普西龙 斐 希 普西 欧米伽".split(),
        strict=True,
    )
)
"""Greek letters and their Chinese names."""
OPERATORS = "×÷±≈≠≤≥√∞→←↑↓°‰§€£₩₹₽฿₫₱Ω"
"""Signs that are said, beside those of ASCII."""

_GROUPS = {
    "-": "‐‑‒−﹣", "—": "—―⸺⸻", "–": "–", "~": "～〜∼", "'": "‘’‛ʼ′´‵", "·": "·•‧・∙⋅",
    '"': "“”„‟″〃「」『』《》〈〉«»‹›〝〞‚", "(": "【〔［｛〖", ")": "】〕］｝〗", "¥": "¥￥",
    "→": "→⇒➔", "…": "⋯︙‥", ":": "∶", "≤": "≤≦⩽", "≥": "≥≧⩾", "／": "", "〇": "○◯", "×": "⨯",
    "": "™®©℠†‡※¶¿¡‖˙", "Ω": "ΩΩ", "μ": "µμ", "*": "∗", "√": "√",
}  # fmt: skip
_FORMS = {c: form for form, group in _GROUPS.items() for c in group} | {c: c for c in OPERATORS}
_LETTERS = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d",
}  # fmt: skip
_LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
_REPEAT = "々〻"
_PLAIN = re.compile(rf"[\u3400-\u4dbf\u4e00-\u9fff{''.join(PUNCTUATION)}]*\Z")


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


def read_characters(text: str, dialect: str) -> str:
    """A text with every character in its usual form: digits, letters and signs in ASCII.

    What has no sound of its own (quotes become `"`, invisible characters nothing) goes.

    >>> read_characters("Ａ１％，②《书》㎡ⅻ½", "putonghua")
    'A1%，2、"书"m^212 1⁄2'
    >>> read_characters("café、人々、x²", "putonghua")
    'cafe、人人、x^2'

    Raises:
        UnreadableText: a character of another script, at its place in the text.
    """
    if _PLAIN.match(text):
        return text
    shown: list[str] = []
    for position, character in enumerate(text):
        form = usual_form(character)
        if form is None:
            form = _joined(character, shown)
        if form is None:
            raise UnreadableText(character, text, position, dialect)
        shown.append(form)
    return "".join(shown)


def _joined(character: str, shown: list[str]) -> str | None:
    """Characters that depend on the one before: accents of letters, the repeat mark."""
    last = next((form[-1] for form in reversed(shown) if form), "")
    if character in _REPEAT and last and is_han(last):
        return last
    if unicodedata.category(character) == "Mn" and last.isascii() and last.isalnum():
        return ""
    return None


@lru_cache(maxsize=16384)
def usual_form(c: str) -> str | None:
    """The form in which a character is read; empty without a sound, None of another script."""
    if c in _FORMS:
        return _FORMS[c]
    if c in _LINE_ENDS:
        return "\n"
    if c == "\t" or unicodedata.category(c) == "Zs":
        return " "
    if c in PUNCTUATION or (c.isascii() and c.isprintable()) or c in "⁄μ":
        return c
    if is_han(c):
        return unicodedata.normalize("NFC", c)
    if c.lower() in GREEK or c == "ς":
        return "σ" if c == "ς" else c if "Α" <= c <= "ω" else c.lower()
    return _foreign(c)


def _foreign(c: str) -> str | None:
    """Compatibility forms, other digits, letters with accents, invisible characters."""
    category, code = unicodedata.category(c), ord(c)
    if category == "Cf" or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return ""
    if category == "Nd":
        return str(unicodedata.digit(c))
    if 0x2160 <= code <= 0x2182:
        return str(int(unicodedata.numeric(c)))
    compatible = unicodedata.normalize("NFKC", c)
    if category == "No" and compatible.isdecimal():
        return _raised(c, compatible)
    if "⁄" in compatible:
        return " " + compatible
    if c in "⁺⁻":
        return "^-" if c == "⁻" else "^"
    if compatible.endswith(("2", "3")) and category == "So":
        compatible = f"{compatible[:-1]}^{compatible[-1]}"
    if compatible != c:
        forms = [usual_form(part) for part in compatible]
        return None if None in forms else "".join(filter(None, forms))
    return _latin(c)


def _raised(c: str, digits: str) -> str:
    """A superscript after `^`, a subscript as it is, a circled number as one of a list."""
    kind = unicodedata.decomposition(c).split(" ")[0]
    if kind == "<super>":
        return "^" + digits
    return digits + "、" if kind == "<circle>" else digits


def _latin(c: str) -> str | None:
    letters = _LETTERS.get(c)
    if letters is not None:
        return letters
    plain = unicodedata.normalize("NFKD", c)
    bare = "".join(p for p in plain if unicodedata.category(p) != "Mn")
    return bare if bare.isascii() and bare.isalpha() else None
