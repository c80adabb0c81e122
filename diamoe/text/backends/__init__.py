"""Back-ends: how the text of one family of languages becomes words with phones."""

from collections.abc import Sequence
from typing import Protocol

from diamoe.text.lexicon import Lexicon
from diamoe.text.spoken import Draft, Word


class Backend(Protocol):
    """Reads text, and text already in the dialect's romanisation; then speaks what was read."""

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a plain text in citation form; entries of the user's `lexicon` win.

        Raises:
            UnreadableText: a character has no reading; `position` counts in `text`.
        """
        ...

    def romanised(self, text: str) -> list[Draft]:
        """The words of a text in the dialect's romanisation, in citation form.

        Raises:
            NotationError: a syllable does not exist in the dialect.
        """
        ...

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones of one utterance, after sandhi over all its words."""
        ...
