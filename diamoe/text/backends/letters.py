"""Latin letters inside Chinese: capitals are spelled, everything else is read as English."""

from collections.abc import Callable

from diamoe.text.backends.clauses import given_word
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.spoken import Reading


def read_latin(
    run: str, letter: Callable[[str], tuple[Reading, ...]], lexicon: Lexicon = NO_LEXICON
) -> tuple[Reading, ...]:
    """The readings of a run of Latin letters; `letter` names one capital in the dialect.

    An entry of the user's `lexicon` wins.

    Raises:
        MissingBackend: an English word, and espeak-ng is not installed.
    """
    given = given_word(run, lexicon)
    if given is not None:
        return tuple(given)
    if run.isupper():
        return tuple(r for c in run if c != "'" for r in letter(c))
    from diamoe.text.backends.registry import load_backend

    drafts = load_backend("english").read(run, NO_LEXICON)
    return tuple(r for draft in drafts for r in draft.readings)
