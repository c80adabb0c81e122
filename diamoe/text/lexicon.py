"""Words with given pronunciations: a dialect's own list, and the lists that users bring."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diamoe.text.spoken import Reading


@dataclass(frozen=True)
class Entry:
    """One word of a lexicon: a syllable in the dialect's romanisation for each character.

    `-` stands for a character that has no syllable of its own (`一个`: `yo2 -`). `mandarin` limits
    the entry to one reading of the word (`de0` of 得); `where` names the file and line.
    """

    word: str
    syllables: tuple[str, ...]
    mandarin: str = ""
    where: str = ""


@dataclass(frozen=True)
class Match:
    """An entry found in a text, from character `start` to `end`."""

    start: int
    end: int
    entry: Entry


@dataclass(frozen=True)
class Lexicon:
    """Entries by word, and the phones of syllables that a syllable table gives outright.

    >>> lexicon = Lexicon.of([Entry("重庆", ("cong2", "qin4"))])
    >>> [(m.start, m.end, m.entry.syllables) for m in lexicon.matches("去重庆")]
    [(1, 3, ('cong2', 'qin4'))]
    """

    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict, hash=False)
    phones: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    longest: int = 0

    @classmethod
    def of(
        cls, entries: Iterable[Entry], phones: Mapping[str, tuple[str, ...]] | None = None
    ) -> "Lexicon":
        """Build a lexicon; of two entries for one word and reading the later wins."""
        found: dict[str, dict[str, Entry]] = {}
        for entry in entries:
            found.setdefault(entry.word, {})[entry.mandarin] = entry
        by_word = {word: tuple(e.values()) for word, e in found.items()}
        return cls(by_word, dict(phones or {}), max(map(len, by_word), default=0))

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))

    def matches(self, text: str, mandarin: Sequence[str] = ()) -> list[Match]:
        """The entries that apply to a text, longest first from left to right.

        `mandarin` holds the Mandarin reading of each character, where there is one (`hang2`).
        """
        found: list[Match] = []
        position = 0
        while position < len(text):
            match = self._match_at(text, position, mandarin) if self.entries else None
            if match is not None:
                found.append(match)
            position = match.end if match is not None else position + 1
        return found

    def _match_at(self, text: str, position: int, mandarin: Sequence[str]) -> Match | None:
        for end in range(min(len(text), position + self.longest), position, -1):
            entries = self.entries.get(text[position:end])
            if not entries:
                continue
            read = " ".join(mandarin[position:end])
            chosen = next((e for e in entries if e.mandarin and e.mandarin == read), None)
            chosen = chosen or next((e for e in entries if not e.mandarin), None)
            if chosen is not None:
                return Match(position, end, chosen)
        return None


NO_LEXICON = Lexicon()


def entry_readings(entry: Entry) -> list[Reading]:
    """The readings of a lexicon's word; the character of a `-` joins the syllable before it.

    >>> [(r.characters, r.romanised) for r in entry_readings(Entry("一个人", ("yo2", "-", "ren2")))]
    [('一个', 'yo2'), ('人', 'ren2')]
    """
    missing = len(entry.word) - len(entry.syllables)
    characters = [*entry.word, *[""] * -missing]
    syllables = [*entry.syllables, *["-"] * missing]
    readings: list[Reading] = []
    for character, syllable in zip(characters, syllables, strict=True):
        if syllable == "-" and readings:
            last = readings[-1]
            readings[-1] = Reading(last.characters + character, last.romanised, entry.where)
        else:
            readings.append(Reading(character, syllable, entry.where))
    return readings
