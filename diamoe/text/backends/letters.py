"""Runs of Latin letters in Chinese text: capitals are spelled, words are not guessed at."""

from diamoe.errors import UnreadableText
from diamoe.text.normalize import unreadable

LONGEST_SPELLED = 6


def letters_to_spell(run: str, text: str, dialect: str) -> str:
    """The letters of a run that is read letter by letter: capitals, or one letter alone.

    Raises:
        UnreadableText: the run is a word of another language.
    """
    if len(run) == 1 or (run.isupper() and len(run) <= LONGEST_SPELLED):
        return run.upper()
    raise word_error(run, text, dialect)


def word_error(run: str, text: str, dialect: str) -> UnreadableText:
    """The error for a foreign word."""
    hint = f"words in Latin letters are read only as capitals (up to {LONGEST_SPELLED} letters)"
    return unreadable(run, text, dialect, hint)
