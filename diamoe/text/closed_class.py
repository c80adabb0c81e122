"""Words a dialect pronounces in its own way: particles, pronouns, everyday exceptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diamoe.errors import NotationError
from diamoe.text.dialect import Dialect
from diamoe.text.schema import Section
from diamoe.text.syllable import Syllable, parse_pinyins


@dataclass(frozen=True)
class ClosedClass:
    """Readings in the dialect's pinyin by word; a key may name a Mandarin reading: `得/de0`."""

    entries: Mapping[str, tuple[Syllable, ...]]
    longest: int

    def match(self, words: Sequence[tuple[str, Sequence[Syllable]]]) -> dict[int, Syllable]:
        """The dialect's syllable by character position, for every listed word; longest first."""
        text = "".join(word for word, _ in words)
        readings: list[Syllable | None] = []
        for word, syllables in words:
            readings += syllables or [None] * len(word)
        found: dict[int, Syllable] = {}
        position = 0
        while position < len(text):
            position += self._match_at(text, readings, position, found)
        return found

    def _match_at(
        self,
        text: str,
        readings: Sequence[Syllable | None],
        position: int,
        found: dict[int, Syllable],
    ) -> int:
        for size in range(min(self.longest, len(text) - position), 0, -1):
            written = text[position : position + size]
            here = readings[position : position + size]
            spelled = " ".join(str(r) for r in here if r is not None)
            entry = self.entries.get(f"{written}/{spelled}") or self.entries.get(written)
            if entry is not None:
                found.update({position + i: s for i, s in enumerate(entry)})
                return size
        return 1


def read_closed_class(dialect: Dialect) -> ClosedClass:
    """Read the `readings` of a dialect's file: word → the dialect's pinyin.

    Raises:
        DialectFileError: a value is no pinyin, or has not one syllable for each character.
    """
    top = Section(dialect.code, "", dialect.rules)
    entries: dict[str, tuple[Syllable, ...]] = {}
    for word, pinyin in top.texts("readings").items():
        try:
            syllables = tuple(parse_pinyins(pinyin))
        except NotationError as error:
            raise top.error(f"readings.{word}", str(error)) from error
        written = word.split("/")[0]
        if len(syllables) != len(written):
            raise top.error(
                f"readings.{word}", f"expected {len(written)} syllables, found {pinyin!r}"
            )
        entries[word] = syllables
    return ClosedClass(entries, max((len(w.split("/")[0]) for w in entries), default=0))
