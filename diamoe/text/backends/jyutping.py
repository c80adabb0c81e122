"""Cantonese: characters to Jyutping to phones."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diamoe.errors import NotationError
from diamoe.text.backends.letters import read_latin
from diamoe.text.dialect import HEADER, Dialect
from diamoe.text.dictionary import open_dictionary
from diamoe.text.lexicon import Lexicon
from diamoe.text.normalize import is_han, normalize, simplify, unreadable
from diamoe.text.phones import PUNCTUATION, make_token
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, SpokenSyllable, Word, romanised_drafts
from diamoe.text.traditional import traditional
from diamoe.text.vocabulary import VOWELS
from diamoe.text.words import segment

_SYLLABLE = re.compile(r"^(ng(?=[aeiou])|gw|kw|[bpmfdtnlgkhzcswj]?)([a-z]+)([1-6])$")
_SYLLABIC = re.compile(r"^(h?)(m|ng)([1-6])$")
_RUNS = re.compile(f"([{''.join(PUNCTUATION)}]|[A-Za-z][A-Za-z']*| )")
_VOWELS = frozenset(VOWELS)
_MERGED = frozenset("几只干松斗尽舍郁")
"""Simplified characters that stand for several with readings of their own."""


@dataclass(frozen=True)
class JyutpingBackend:
    """Characters → Jyutping in context → phones."""

    dialect: Dialect
    initials: Mapping[str, tuple[str, ...]] = field(hash=False)
    finals: Mapping[str, tuple[str, ...]] = field(hash=False)
    readings: Mapping[str, str] = field(hash=False)
    letters: Mapping[str, str] = field(hash=False)

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text in simplified or traditional characters.

        Raises:
            EmptyText, UnreadableText: see `normalize`; a character without reading is named.
        """
        drafts: list[Draft] = []
        for run in _RUNS.split(normalize(text, self.dialect.code)):
            if run in PUNCTUATION:
                drafts.append(Draft(run))
            elif run and is_han(run[0]):
                drafts += self._phrase(run, text, lexicon)
            elif run.strip():
                if not run.isascii():
                    raise unreadable(run.strip()[0], text, self.dialect.code)
                drafts.append(Draft(run, read_latin(run, self._letter, lexicon)))
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """Read Jyutping, syllables separated by spaces.

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable is not Jyutping.
        """
        return romanised_drafts(text, self._romanised)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones of every syllable; Cantonese has no productive tone sandhi."""
        return [
            Word(draft.text, tuple(self._syllable(r, lexicon) for r in draft.readings))
            for draft in drafts
        ]

    def _romanised(self, part: str) -> Draft:
        self.phones(part)
        return Draft(part, (Reading(part, part, "given"),))

    def phones(self, jyutping: str) -> tuple[str, ...]:
        """The tokens of one Jyutping syllable.

        Raises:
            NotationError: it is not spelled like one.
        """
        match = _SYLLABIC.match(jyutping) or _SYLLABLE.match(jyutping)
        if match is None or match[2] not in self.finals or (match[1] not in ("", *self.initials)):
            allowed = " ".join(self.finals)
            raise NotationError(f"{jyutping!r} is not a Jyutping syllable; finals: {allowed}")
        initial, final, number = match.groups()
        rhyme = self.finals[final]
        short = final[-1] in "ptk"
        marks = self.dialect.tone(int(number)).marks
        nucleus = make_token(rhyme[0], "ˈ", marks[0] if short else marks, short)
        onset = self.initials[initial] if initial else ("∅",)
        if not initial and final in ("m", "ng"):
            onset = ()
        return (*onset, nucleus, *rhyme[1:])

    def _phrase(self, phrase: str, text: str, lexicon: Lexicon) -> list[Draft]:
        characters = self._characters(phrase, text)
        given = lexicon.given(phrase)
        drafts, start = [], 0
        for part in segment(simplify(phrase)):
            end = start + len(part)
            found = [given.get(i, characters[i]) for i in range(start, end)]
            readings = tuple(r for r in found if r is not None)
            if readings:
                drafts.append(Draft(phrase[start:end], readings))
            start = end
        return drafts

    def _characters(self, phrase: str, text: str) -> list[Reading]:
        readings = []
        said = phrase if _MERGED.isdisjoint(phrase) else traditional(phrase)
        for character, jyutping in zip(phrase, open_dictionary().jyutping(said), strict=True):
            if jyutping is None or "+" in jyutping:
                raise unreadable(character, text, self.dialect.code)
            own = self.readings.get(character)
            source = f"{self.dialect.code}.yaml readings.{character}" if own else "ToJyutping"
            readings.append(Reading(character, own or jyutping, source))
        return readings

    def _letter(self, letter: str) -> tuple[Reading, ...]:
        name = f"{self.dialect.code}.yaml letters.{letter}"
        return tuple(Reading(letter, j, name) for j in self.letters[letter.upper()].split())

    def _syllable(self, reading: Reading, lexicon: Lexicon) -> SpokenSyllable:
        phones = reading.phones or lexicon.phones.get(reading.romanised)
        phones = phones or self.phones(reading.romanised)
        return SpokenSyllable(reading.characters, reading.romanised, phones, reading.source)


def load_jyutping(dialect: Dialect) -> JyutpingBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only(*HEADER, "segments", "readings", "letters")
    segments = top.section("segments")
    segments.only("initials", "finals")
    return JyutpingBackend(
        dialect,
        initials={k: tuple(v.split()) for k, v in segments.texts("initials").items()},
        finals={k: tuple(v.split()) for k, v in segments.texts("finals").items()},
        readings=top.texts("readings"),
        letters=top.texts("letters"),
    )
