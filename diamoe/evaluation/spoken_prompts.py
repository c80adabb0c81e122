"""Recorded prompts: our phones beside the linguists'."""

from pathlib import Path

from diamoe.errors import TextError
from diamoe.text.dialect import available_dialects
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PAUSE, PUNCTUATION, SYLLABLE, PhoneSeq


def phone_tokens(phones: PhoneSeq) -> list[str]:
    """The tokens that are phones: no boundaries, no punctuation."""
    return [t for t in phones.tokens if t not in (SYLLABLE, PAUSE, *PUNCTUATION)]


def edit_distance(ours: list[str], theirs: list[str]) -> int:
    """Insertions, deletions and substitutions between two token lists.

    >>> edit_distance(["p", "u"], ["p", "o", "u"])
    1
    """
    row = list(range(len(theirs) + 1))
    for i, a in enumerate(ours, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(theirs, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def compare_prompts(folder: Path) -> dict[str, float | None]:
    """Print our phones beside the linguists'; the phone error rate, None without a front-end."""
    rates: dict[str, float | None] = {}
    for path in sorted(folder.glob("*_prompt.txt")):
        code = path.name.split("_")[0]
        _, text, phones = path.read_text("utf-8").strip().split("\t")
        if code not in available_dialects():
            rates[code] = None
            continue
        theirs = PhoneSeq.parse(phones, code)
        try:
            ours = Frontend(code)(text.replace("|", " "))  # `|` stands between their words
        except TextError as error:
            print(f"{code}: {error}")
            rates[code] = None
            continue
        wrong = edit_distance(phone_tokens(ours), phone_tokens(theirs))
        rates[code] = wrong / len(phone_tokens(theirs))
        print(f"{text}\n  ours   {ours}\n  theirs {theirs}")
    return rates
