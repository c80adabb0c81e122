"""Simplified characters in traditional script."""

from functools import lru_cache


def traditional(text: str) -> str:
    """The text in traditional script; every character keeps its place.

    >>> traditional("一只猫"), traditional("放松")
    ('一隻貓', '放鬆')
    """
    converted = _opencc().convert(text)
    return converted if len(converted) == len(text) else "".join(map(_opencc().convert, text))


@lru_cache(maxsize=1)
def _opencc():  # type: ignore[no-untyped-def]
    from opencc import OpenCC

    return OpenCC("s2t")
