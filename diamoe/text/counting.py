"""Numbers as words of a language that counts as Dutch does: units before tens."""

from collections.abc import Mapping

from diamoe.errors import DialectFileError

_MOST = 999_999_999_999


def count(number: int, words: Mapping[str, str]) -> str:
    """A whole number in words; `words` names 0 to 12, the irregular ones, and the powers of ten.

    `and` joins units and tens (`een en twintig`); `teen` and `ty` are the endings for the rest.

    >>> words = {"1": "een", "2": "twee", "3": "drie", "20": "twintig", "100": "honderd",
    ...          "1000": "duizend", "and": "en"}
    >>> count(321, words), count(1002, words)
    ('drie honderd een en twintig', 'duizend twee')

    Raises:
        DialectFileError: a word that is needed is missing.
    """
    if number > _MOST:
        return " ".join(count(int(digit), words) for digit in str(number))
    name = words.get(str(number))
    if name is not None and number < 1000 and number != 100:
        return name
    for size in (1_000_000_000, 1_000_000, 1000, 100):
        if number >= size:
            head, rest = divmod(number, size)
            said = [count(head, words)] if head > 1 or size > 1000 else []
            said.append(_word(words, size))
            return " ".join(said + ([count(rest, words)] if rest else []))
    tens, units = divmod(number, 10)
    if units and tens > 1:
        return f"{_word(words, units)} {_word(words, 'and')} {_word(words, tens * 10)}"
    return _word(words, number)


def _word(words: Mapping[str, str], key: object) -> str:
    try:
        return words[str(key)]
    except KeyError:
        raise DialectFileError(f"numbers: there is no word for {key}") from None
