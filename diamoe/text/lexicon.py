"""Words with given pronunciations: a dialect's own list, and the lists that users bring."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from diamoe.text.spoken import Reading

MERGED = "-"
"""In place of a syllable: this character has none of its own, it joins the one before."""
BY_RULE = "*"
"""In place of a syllable: the entry leaves this character to the rules."""


@dataclass(frozen=True)
class Entry:
    """One word of a lexicon, with something for each of its characters.

    That is a syllable in the dialect's romanisation (`yo2`), phones (`[m ˈaᴴᴴ]`), `-` (`一个` is
    `yo2 -`) or `*`; a word in Latin letters may have any number of them. `mandarin` limits the
    entry to one Mandarin reading of the word (`de0` of 得); `where` names the file and line.
    """

    word: str
    syllables: tuple[str, ...]
    mandarin: str = ""
    where: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Entries by word, and the phones of syllables that a syllable table gives outright.

    >>> lexicon = Lexicon.of([Entry("重庆", ("cong2", "qin4"))])
    >>> {i: r.romanised for i, r in lexicon.given("去重庆").items()}
    {1: 'cong2', 2: 'qin4'}
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

    @classmethod
    def merged(cls, lexicons: Iterable["Lexicon"]) -> "Lexicon":
        """One lexicon of several; the later wins."""
        given = list(lexicons)
        entries = [e for lexicon in given for group in lexicon.entries.values() for e in group]
        phones = {name: p for lexicon in given for name, p in lexicon.phones.items()}
        return cls.of(entries, phones)

    def __len__(self) -> int:
        return sum(map(len, self.entries.values()))

    def given(self, text: str, mandarin: Sequence[str] = ()) -> dict[int, Reading | None]:
        """The readings that the entries give, by character position; longest entry first.

        None stands for a character that joins the reading before it. Characters that are not in
        the result are for the rules. `mandarin` holds the Mandarin reading of each character,
        where there is one (`hang2`). An entry of one character for every reading gives its citation
        form: where the character is neutral in the text, it stays so.
        """
        given: dict[int, Reading | None] = {}
        position = 0
        while self.entries and position < len(text):
            entry = self._entry_at(text, position, mandarin)
            if entry is None:
                position += 1
                continue
            for i, reading in entry_readings(entry).items():
                given[position + i] = reading
            if len(entry.word) == 1 < len(text) and not entry.mandarin:
                _keep_neutral(given, position, mandarin)
            position += len(entry.word)
        return given

    def words_in(self, text: str) -> tuple[str, ...]:
        """The words of two or more characters that a text holds, longest first at each place.

        >>> Lexicon.of([Entry("重庆", ("cong2", "qin4"))]).words_in("去重庆")
        ('重庆',)
        """
        found: list[str] = []
        position = 0
        while self.longest > 1 and position < len(text):
            entry = self._entry_at(text, position, ())
            size = 1 if entry is None else len(entry.word)
            if entry is not None and size > 1 and BY_RULE not in entry.syllables:
                found.append(entry.word)
            position += size
        return tuple(dict.fromkeys(found))

    def _entry_at(self, text: str, position: int, mandarin: Sequence[str]) -> Entry | None:
        for end in range(min(len(text), position + self.longest), position, -1):
            entries = self.entries.get(text[position:end])
            if not entries:
                continue
            read = " ".join(mandarin[position:end])
            for entry in entries:
                if entry.mandarin and entry.mandarin == read:
                    return entry
            for entry in entries:
                if not entry.mandarin and len(entry.syllables) == len(entry.word):
                    return entry
        return None


NO_LEXICON = Lexicon()


def _keep_neutral(given: dict[int, Reading | None], position: int, mandarin: Sequence[str]) -> None:
    reading = given.get(position)
    neutral = "".join(mandarin[position : position + 1]).endswith("0")
    if neutral and reading is not None and reading.phones is None:
        body = reading.romanised.rstrip("0123456789")
        given[position] = replace(reading, romanised=f"{body}0")


def entry_readings(entry: Entry) -> dict[int, Reading | None]:
    """What an entry gives, by character position.

    >>> entry_readings(Entry("一个人", ("yo2", "-", "*")))[0].characters
    '一个'
    """
    given: dict[int, Reading | None] = {}
    last = 0
    for i, (character, syllable) in enumerate(zip(entry.word, entry.syllables, strict=True)):
        before = given.get(last)
        if syllable == BY_RULE:
            continue
        if syllable == MERGED and before is not None:
            given[last] = Reading(
                before.characters + character, before.romanised, before.source, phones=before.phones
            )
            given[i] = None
        else:
            given[i] = given_reading(character, syllable, entry.where)
            last = i
    return given


def given_reading(characters: str, syllable: str, source: str, fixed: bool = False) -> Reading:
    """A reading from one syllable of a romanisation, or from phones in square brackets.

    >>> given_reading("妈", "[m ˈaᴴᴴ]", "here").phones
    ('m', 'ˈaᴴᴴ')
    """
    if not syllable.startswith("["):
        return Reading(characters, syllable, source, fixed)
    tokens = tuple(unicodedata.normalize("NFD", syllable).strip("[]").split())
    return Reading(characters, syllable, source, fixed, tokens)
