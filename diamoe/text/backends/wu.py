"""Shanghainese: characters to Wugniu syllables, prosodic words, phones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate

from diamoe.errors import NotationError
from diamoe.text.backends.letters import read_latin
from diamoe.text.dialect import HEADER, Dialect
from diamoe.text.history import Ancestry, ancestries
from diamoe.text.lexicon import Entry, Lexicon, entry_readings
from diamoe.text.normalize import normalize, simplify, unreadable
from diamoe.text.phones import PUNCTUATION
from diamoe.text.schema import Section
from diamoe.text.shanghai.phrasing import follows_number, holds_tone, is_negated, prosodic_words
from diamoe.text.shanghai.rules import WuRules, explain, read_rules
from diamoe.text.shanghai.sandhi import spread
from diamoe.text.shanghai.sounds import WuSounds, read_sounds
from diamoe.text.shanghai.syllable import WuSyllable, complete, parse_wu
from diamoe.text.spoken import Draft, Reading, SpokenSyllable, Word, romanised_drafts
from diamoe.text.syllable import Syllable
from diamoe.text.words import UnreadCharacter, WrittenWord, read_words

SECTIONS = ("segments", "finals", "characters", "readings", "measures", "letters")
_STAND_IN = "啊"
_BOUNDARY = " "
_HIDDEN = "\0"


@dataclass(frozen=True)
class WuBackend:
    """Characters → the dialect's own list, else rules → prosodic words → tone patterns."""

    dialect: Dialect
    sounds: WuSounds
    rules: WuRules
    own: Lexicon
    measures: Lexicon
    letters: Mapping[str, str] = field(hash=False)

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The prosodic words of a text in citation tones.

        Raises:
            EmptyText, UnreadableText: see `normalize`; a character without reading is named.
        """
        spaced = simplify(normalize(text, self.dialect.code))
        written = self._written(spaced, text, lexicon)
        said = spaced.replace(_BOUNDARY, "")
        readings = self._readings(written, said, lexicon)
        drafts: list[Draft] = []
        position = 0
        for word in self._words(written, spaced, lexicon):
            if word in PUNCTUATION:
                drafts.append(Draft(word))
            elif position in readings or word[0].isascii():
                end = position + len(word)
                given = [r for i in range(position, end) for r in readings.get(i, ())]
                if given:  # else it has joined the word before, as 十 joins 二十
                    drafts.append(Draft(word, tuple(given)))
            position += len(word)
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """Read Wugniu syllables with tone numbers, separated by spaces.

        A syllable may be without its number where onset and final decide it; `spoken` refuses
        others, but a lexicon may have them: there the Mandarin tone of the character helps.

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable does not exist in the dialect.
        """
        return romanised_drafts(text, self._romanised)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The tone pattern of every prosodic word, then phones."""
        return [Word(draft.text, tuple(self._pattern(draft, lexicon))) for draft in drafts]

    def _romanised(self, part: str) -> Draft:
        return Draft(part, (Reading(part, str(self._certain(part)), "given"),))

    def _certain(self, text: str) -> WuSyllable:
        syllable = parse_wu(text)
        self.sounds.phones(replace(syllable, tone=syllable.tone or 0))
        if syllable.muddy or syllable.checked:
            return syllable.with_tone(rising=True)
        return syllable

    def _pattern(self, draft: Draft, lexicon: Lexicon) -> list[SpokenSyllable]:
        free = [i for i, r in enumerate(draft.readings) if r.phones is None]
        syllables = tuple(parse_wu(draft.readings[i].romanised) for i in free)
        patterned = syllables
        if not any(r.fixed or r.phones is not None for r in draft.readings):
            patterned = spread(syllables, holds_tone(draft.text), is_negated(draft.text))
        changed = dict(zip(free, zip(syllables, patterned, strict=True), strict=True))
        return [
            self._syllable(reading, changed.get(i), lexicon)
            for i, reading in enumerate(draft.readings)
        ]

    def _syllable(
        self, reading: Reading, change: tuple[WuSyllable, WuSyllable] | None, lexicon: Lexicon
    ) -> SpokenSyllable:
        if change is None:
            return SpokenSyllable(
                reading.characters, reading.romanised, reading.phones or (), reading.source
            )
        before, after = change
        name = str(after)
        phones = lexicon.phones.get(name) or self.sounds.phones(after)
        sandhi = "" if before == after else f"{self._level(before)}→{self._level(after)}"
        return SpokenSyllable(reading.characters, name, phones, reading.source, sandhi)

    def _level(self, syllable: WuSyllable) -> str:
        return self.dialect.tone(syllable.tone).contour if syllable.tone else "toneless"

    def _written(self, said: str, text: str, lexicon: Lexicon) -> list[WrittenWord]:
        """The words with their Mandarin readings; listed characters need not have one."""
        known = said
        while True:
            try:
                return read_words(known)
            except UnreadCharacter as error:
                c = error.character
                if c not in self.own.entries and c not in lexicon.entries:
                    raise unreadable(c, text, self.dialect.code) from None
                known = known.replace(c, _STAND_IN)

    def _readings(
        self, written: Sequence[WrittenWord], said: str, lexicon: Lexicon
    ) -> dict[int, tuple[Reading, ...]]:
        mandarin: list[Syllable | None] = []
        readings: dict[int, tuple[Reading, ...]] = {}
        for word in written:
            if not word.readings and word.text not in PUNCTUATION:
                readings[len(mandarin)] = read_latin(word.text, self._letter, lexicon)
            mandarin += word.readings or [None] * len(word.text)
        names = ["" if s is None else str(s) for s in mandarin]
        counted = self._counted(said)
        given = {**self._given(self.own, _masked(said, counted), names), **counted}
        given.update(self._given(lexicon, said, names))
        past = ancestries(said)
        for i, syllable in enumerate(mandarin):
            if i in given:
                readings[i] = tuple(self._with_tone(r, syllable) for r in given[i])
            elif syllable is not None:
                readings[i] = (_by_rule(self.rules, said[i], syllable, past[i]),)
        return readings

    def _given(
        self, lexicon: Lexicon, said: str, names: Sequence[str]
    ) -> dict[int, tuple[Reading, ...]]:
        """The readings of a lexicon; what Mandarin leaves toneless keeps its tone here."""
        given: dict[int, tuple[Reading, ...]] = {}
        for i, reading in lexicon.given(said, names).items():
            if reading is None:
                given[i] = ()
                continue
            full = [e.syllables[0] for e in lexicon.entries.get(said[i], ())]
            if names[i].endswith("0") and reading.romanised.endswith("0"):
                same = (f for f in full if f.rstrip("0123456789") == reading.romanised[:-1])
                reading = replace(reading, romanised=next(same, reading.romanised))
            given[i] = (reading,)
        return given

    def _counted(self, said: str) -> dict[int, tuple[Reading, ...]]:
        """The readings of measure words, where a number stands before them."""
        found = {i: self.measures.entries.get(c, ()) for i, c in enumerate(said)}
        return {
            i: tuple(r for r in entry_readings(entries[0]).values() if r)
            for i, entries in found.items()
            if entries and follows_number(said[:i])
        }

    def _with_tone(self, reading: Reading, mandarin: Syllable | None) -> Reading:
        if reading.phones is not None:
            return reading
        rising = mandarin is None or mandarin.tone != 1
        full = complete(reading.romanised, rising)
        return reading if full == reading.romanised else replace(reading, romanised=full)

    def _words(self, written: Sequence[WrittenWord], spaced: str, lexicon: Lexicon) -> list[str]:
        """The prosodic words of the whole text, marks and Latin runs among them."""
        said = spaced.replace(_BOUNDARY, "")
        runs = spaced.split(_BOUNDARY)
        bounds = set(accumulate(map(len, runs)))
        counted = self._counted(said)
        cuts = {0, *accumulate(len(word.text) for word in written)}
        cuts.update(edge for i in counted for edge in (i, i + 1))
        for start, end in (*_spans(_masked(said, counted), self.own), *_spans(said, lexicon)):
            cuts = {c for c in cuts if not start < c < end} | {start, end}
        cuts |= bounds
        edges = sorted(cuts)
        words: list[str] = []
        phrase: list[str] = []
        for start, end in zip(edges, edges[1:], strict=False):
            part = said[start:end]
            alone = part in PUNCTUATION or part[0].isascii()
            if alone or start in bounds:
                words += prosodic_words(phrase)
                phrase = []
            if alone:
                words.append(part)
            else:
                phrase.append(part)
        return words + prosodic_words(phrase)

    def _letter(self, letter: str) -> tuple[Reading, ...]:
        source = f"{self.dialect.code}.yaml letters.{letter.upper()}"
        return tuple(Reading(letter, name, source) for name in self.letters[letter.upper()].split())


@lru_cache(maxsize=65536)
def _by_rule(rules: WuRules, character: str, mandarin: Syllable, past: Ancestry | None) -> Reading:
    return Reading(character, str(rules.read(mandarin, past)), explain(mandarin, past))


def _masked(text: str, hidden: Collection[int]) -> str:
    """The text with some characters hidden, so that no word of a list holds them."""
    return "".join(_HIDDEN if i in hidden else c for i, c in enumerate(text))


def _spans(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where words of a lexicon stand, longest first from left to right."""
    spans, position = [], 0
    while position < len(text):
        longest = min(len(text), position + lexicon.longest)
        end = next(
            (e for e in range(longest, position, -1) if text[position:e] in lexicon.entries), 0
        )
        if end > position + 1:
            spans.append((position, end))
        position = max(end, position + 1)
    return spans


def load_wu(dialect: Dialect) -> WuBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only(*HEADER, *SECTIONS)
    return WuBackend(
        dialect,
        sounds=read_sounds(dialect),
        rules=read_rules(top.section("finals")),
        own=Lexicon.of((*_characters(top), *_readings(top, "readings"))),
        measures=Lexicon.of(_readings(top, "measures")),
        letters=top.texts("letters"),
    )


def _characters(top: Section) -> list[Entry]:
    """The `characters`: syllable → all characters that are read so."""
    entries = []
    for syllable, characters in top.texts("characters").items():
        where = f"{top.code}.yaml characters.{syllable}"
        name = _checked(top, f"characters.{syllable}", syllable)
        entries += [Entry(c, (name,), where=where) for c in characters]
    return entries


def _readings(top: Section, section: str) -> list[Entry]:
    """A section word → syllables; `长/zhang3` is for one Mandarin reading only."""
    entries = []
    for key, syllables in top.texts(section).items():
        word, _, mandarin = key.partition("/")
        where = f"{section}.{key}"
        names = tuple(_checked(top, where, s) for s in syllables.split())
        if len(names) != len(word):
            raise top.error(where, f"expected {len(word)} syllables, found {syllables!r}")
        entries.append(Entry(word, names, mandarin, f"{top.code}.yaml {where}"))
    return entries


def _checked(top: Section, key: str, syllable: str) -> str:
    try:
        return syllable if syllable in ("-", "*") else str(parse_wu(syllable))
    except NotationError as error:
        raise top.error(key, str(error)) from error
