"""Back-ends: how the text of one family of languages becomes words with phones."""

from typing import Protocol

from diamoe.text.spoken import Word


class Backend(Protocol):
    """Reads text, and text already in the dialect's romanisation."""

    def words(self, text: str) -> list[Word]:
        """Words with phones."""
        ...

    def romanised(self, text: str) -> list[Word]:
        """Words of a text in the dialect's romanisation."""
        ...
