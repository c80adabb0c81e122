"""Mandarin and the dialects that follow from it by rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby

from diamoe.errors import NotationError
from diamoe.text.backends.letters import read_latin
from diamoe.text.correspondence import Correspondence, read_correspondence
from diamoe.text.dialect import HEADER, Dialect, load_dialect
from diamoe.text.erhua import is_rhotic
from diamoe.text.history import Ancestry, ancestries
from diamoe.text.lexicon import BY_RULE, MERGED, Entry, Lexicon
from diamoe.text.neutral import full_tone
from diamoe.text.normalize import normalize, refuse_cantonese, simplify, unreadable
from diamoe.text.phones import PUNCTUATION
from diamoe.text.sandhi import Beat, Sandhi, read_sandhi
from diamoe.text.schema import Section
from diamoe.text.segments import Segments, read_segments
from diamoe.text.spoken import Draft, Reading, SpokenSyllable, Word, romanised_drafts
from diamoe.text.syllable import Syllable, parse_pinyin, parse_pinyins
from diamoe.text.words import Polyphones, UnreadCharacter, WrittenWord, read_words

SECTIONS = ("segments", "correspondences", "sandhi", "readings", "letters")


@dataclass(frozen=True)
class SyllableReading(Reading):
    """A reading with its syllable taken apart, which sandhi works on."""

    syllable: Syllable | None = None


@dataclass(frozen=True)
class SiniticBackend:
    """Characters → Mandarin readings → the dialect's syllables → sandhi → phones."""

    dialect: Dialect
    segments: Segments
    correspondence: Correspondence
    sandhi: Sandhi
    own: Lexicon
    letters: Mapping[str, str] = field(hash=False)
    polyphones: Polyphones | None = None

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text in the dialect's citation tones.

        Raises:
            EmptyText, UnreadableText: see `normalize`; a character without reading is named.
        """
        said = normalize(text, self.dialect.code)
        refuse_cantonese(said, text, self.dialect.code, self.own.entries, lexicon.entries)
        joined = lexicon.words_in(said)
        for own in joined:
            said = said.replace(own, f" {own} ")
        try:
            written = read_words(said, self.polyphones, joined)
        except UnreadCharacter as error:
            raise unreadable(error.character, text, self.dialect.code) from None
        said = "".join(word.text for word in written)
        given = self._given(written, said, lexicon)
        past = ancestries(said) if self.correspondence.historical else [None] * len(said)
        drafts: list[Draft] = []
        position = 0
        for word in written:
            if word.readings or word.text in PUNCTUATION:
                readings = self._word(word, position, said, given, past, drafts)
            else:
                readings = [_taken_apart(r) for r in read_latin(word.text, self._letter, lexicon)]
            if readings or word.text in PUNCTUATION:
                drafts.append(Draft(word.text, tuple(readings)))
            position += len(word.text)
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """Read pinyin in the dialect's own tones (`ni3 hao3 ，`).

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable does not exist in the dialect.
        """
        return romanised_drafts(text, self._romanised)

    def _romanised(self, part: str) -> Draft:
        syllable = parse_pinyin(part)
        try:
            self.segments.phones(syllable)
        except NotationError as error:
            raise NotationError(f"{part!r}: {error}") from None
        return Draft(part, (_reading(part, syllable, "given"),))

    def by_mandarin(self, characters: str, pinyin: str) -> Draft:
        """The dialect's readings of characters whose Mandarin reading is given.

        Raises:
            NotationError: a syllable is no pinyin, or there is not one for each character.
        """
        syllables = parse_pinyins(pinyin)
        if len(syllables) != len(characters):
            raise NotationError(f"{characters!r} has not {len(syllables)} characters ({pinyin!r})")
        said = simplify(characters)
        past = ancestries(said) if self.correspondence.historical else [None] * len(said)
        read = [
            _by_rule(self.correspondence, s, p, c)
            for s, p, c in zip(syllables, past, said, strict=True)
        ]
        return Draft(characters, tuple(read))

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """Sandhi within each phrase, then phones."""
        flat = [(n, r) for n, draft in enumerate(drafts) for r in draft.readings]
        changed: dict[int, tuple[Syllable, str]] = {}
        beats = [
            (i, Beat(r.characters, r.syllable, n, len(drafts[n].readings), r.fixed))
            for i, (n, r) in enumerate(flat)
            if isinstance(r, SyllableReading) and r.syllable is not None
        ]
        for _, group in groupby(beats, key=_phrases(drafts, flat)):
            phrase = list(group)
            results = self.sandhi([beat for _, beat in phrase])
            changed.update(
                {i: (c.syllable, c.rule) for (i, _), c in zip(phrase, results, strict=True)}
            )
        spoken: dict[int, list[SpokenSyllable]] = {}
        for i, (n, reading) in enumerate(flat):
            spoken.setdefault(n, []).append(self._syllable(reading, changed.get(i), lexicon))
        return [Word(draft.text, tuple(spoken.get(n, ()))) for n, draft in enumerate(drafts)]

    def _given(
        self, written: Sequence[WrittenWord], said: str, lexicon: Lexicon
    ) -> dict[int, Reading | None]:
        """What the user's lexicon gives, then the dialect's own list, by character position."""
        mandarin: list[str] = []
        for word in written:
            mandarin += map(str, word.readings) if word.readings else [""] * len(word.text)
        given = self.own.given(said, mandarin)
        given.update(lexicon.given(said, mandarin))
        return given

    def _word(
        self,
        word: WrittenWord,
        start: int,
        said: str,
        given: Mapping[int, Reading | None],
        past: Sequence[Ancestry | None],
        drafts: list[Draft],
    ) -> list[Reading]:
        if word.text in PUNCTUATION:
            return []
        readings: list[Reading] = []
        for i, (character, mandarin) in enumerate(
            zip(word.text, word.readings, strict=True), start
        ):
            if i in given:
                reading = given[i]
                if reading is not None:
                    readings.append(_taken_apart(reading))
            elif character == "儿" and is_rhotic(
                character, word.text, said[:i], said[i + 1 : i + 3]
            ):
                _make_rhotic(readings, drafts, character)
            else:
                if self.dialect.soft == "suffixes" and i == start + 1:
                    mandarin = full_tone(word.text, mandarin)
                readings.append(_by_rule(self.correspondence, mandarin, past[i], character))
        return readings

    def _letter(self, letter: str) -> tuple[Reading, ...]:
        syllables = parse_pinyins(self.letters[letter.upper()])
        return tuple(_by_rule(self.correspondence, s, None, letter) for s in syllables)

    def _syllable(
        self, reading: Reading, changed: tuple[Syllable, str] | None, lexicon: Lexicon
    ) -> SpokenSyllable:
        if reading.phones is not None:
            return SpokenSyllable(
                reading.characters, reading.romanised, reading.phones, reading.source
            )
        assert changed is not None
        syllable, rule = changed
        name = str(syllable)
        phones = lexicon.phones.get(name) or self.segments.phones(syllable)
        return SpokenSyllable(reading.characters, name, phones, reading.source, rule)


def _taken_apart(reading: Reading) -> Reading:
    """A reading with its syllable, unless its phones are given."""
    if reading.phones is not None or isinstance(reading, SyllableReading):
        return reading
    syllable = parse_pinyin(reading.romanised)
    return SyllableReading(
        reading.characters, str(syllable), reading.source, reading.fixed, syllable=syllable
    )


def _reading(characters: str, syllable: Syllable, source: str) -> SyllableReading:
    return SyllableReading(characters, str(syllable), source, syllable=syllable)


@lru_cache(maxsize=65536)
def _by_rule(
    correspondence: Correspondence, mandarin: Syllable, past: Ancestry | None, character: str
) -> SyllableReading:
    """The reading of one character by the dialect's rules; few characters make most text."""
    syllable, rules = correspondence.explain(mandarin, past, character)
    source = " → ".join((f"Mandarin {mandarin}", *rules))
    return _reading(character, syllable, source)


def _make_rhotic(readings: list[Reading], drafts: list[Draft], character: str) -> None:
    """Merge 儿 into the reading before it, which may belong to the word before."""
    if readings:
        readings[-1] = _rhotic(readings[-1], character)
    elif drafts and drafts[-1].readings:
        last = drafts[-1]
        drafts[-1] = replace(
            last, readings=(*last.readings[:-1], _rhotic(last.readings[-1], character))
        )


def _rhotic(reading: Reading, character: str) -> Reading:
    if not isinstance(reading, SyllableReading) or reading.syllable is None:
        return reading
    syllable = reading.syllable.change(erhua=True)
    return _reading(reading.characters + character, syllable, f"{reading.source} + {character}")


def _phrases(drafts: Sequence[Draft], flat: Sequence[tuple[int, Reading]]):  # type: ignore[no-untyped-def]
    """A key that tells the phrases of an utterance apart: marks and given phones end one."""
    number, phrase = 0, []
    ends = {n for n, draft in enumerate(drafts) if not draft.readings}
    last = -1
    for n, reading in flat:
        number += any(m in ends for m in range(last + 1, n)) or reading.phones is not None
        phrase.append(number)
        last = n
    return lambda item: phrase[item[0]]


def load_sinitic(dialect: Dialect) -> SiniticBackend:
    """Build the back-end from the dialect's file and its parents'.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    chain = [dialect]
    while chain[0].parent is not None:
        chain.insert(0, load_dialect(chain[0].parent))
    letters: dict[str, str] = {}
    for member in chain:
        top = Section(member.code, "", member.rules)
        top.only(*HEADER, *SECTIONS)
        letters.update(top.texts("letters"))
    return SiniticBackend(
        dialect=dialect,
        segments=read_segments(dialect, tuple(chain)),
        correspondence=read_correspondence(dialect),
        sandhi=read_sandhi(dialect),
        own=read_own_words(dialect),
        letters=letters,
    )


def read_own_words(dialect: Dialect) -> Lexicon:
    """The `readings` of a dialect's file: word → the dialect's pinyin.

    A key may name the Mandarin reading that it is for: `得/de0`.

    Raises:
        DialectFileError: a value is no pinyin, or has not one syllable for each character.
    """
    top = Section(dialect.code, "", dialect.rules)
    entries = []
    for key, pinyin in top.texts("readings").items():
        word, _, mandarin = key.partition("/")
        try:
            syllables = tuple(
                s if s in (MERGED, BY_RULE) else str(parse_pinyin(s)) for s in pinyin.split()
            )
        except NotationError as error:
            raise top.error(f"readings.{key}", str(error)) from error
        if len(syllables) != len(word) or syllables[0] == MERGED:
            raise top.error(
                f"readings.{key}",
                f"expected {len(word)} syllables ({MERGED} for none), found {pinyin!r}",
            )
        entries.append(Entry(word, syllables, mandarin, f"{dialect.code}.yaml readings.{key}"))
    return Lexicon.of(entries)
