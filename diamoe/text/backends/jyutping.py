"""Cantonese: characters to Jyutping to phones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from diamoe.errors import EmptyText, NotationError
from diamoe.text.backends.letters import letters_to_spell
from diamoe.text.dialect import Dialect
from diamoe.text.normalize import is_han, normalize, simplify, unreadable
from diamoe.text.phones import PUNCTUATION, make_token
from diamoe.text.schema import Section
from diamoe.text.spoken import SpokenSyllable, Word
from diamoe.text.vocabulary import VOWELS
from diamoe.text.words import segment

_SYLLABLE = re.compile(r"^(ng(?=[aeiou])|gw|kw|[bpmfdtnlgkhzcswj]?)([a-z]+)([1-6])$")
_SYLLABIC = re.compile(r"^(h?)(m|ng)([1-6])$")
_RUNS = re.compile(f"([{''.join(PUNCTUATION)}]|[A-Za-z]+)")
_VOWELS = frozenset(VOWELS)


@dataclass(frozen=True)
class JyutpingBackend:
    """Characters → Jyutping in context → phones."""

    dialect: Dialect
    initials: Mapping[str, tuple[str, ...]] = field(hash=False)
    finals: Mapping[str, tuple[str, ...]] = field(hash=False)
    readings: Mapping[str, str] = field(hash=False)
    letters: Mapping[str, str] = field(hash=False)

    def words(self, text: str) -> list[Word]:
        """Read a text in simplified or traditional characters.

        Raises:
            EmptyText, UnreadableText: see `normalize`; a character without reading is named.
        """
        words: list[Word] = []
        for run in _RUNS.split(normalize(text, self.dialect.code)):
            if run in PUNCTUATION:
                words.append(Word(run))
            elif run and is_han(run[0]):
                words += self._phrase(run, text)
            elif run:
                spelled = letters_to_spell(run, text, self.dialect.code)
                syllables = [self._spoken(c, j) for c in spelled for j in self.letters[c].split()]
                words.append(Word(run, tuple(syllables)))
        return words

    def romanised(self, text: str) -> list[Word]:
        """Read Jyutping, syllables separated by spaces.

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable is not Jyutping.
        """
        for mark in PUNCTUATION:
            text = text.replace(mark, f" {mark} ")
        words = [
            Word(part) if part in PUNCTUATION else Word(part, (self._spoken(part, part),))
            for part in text.split()
        ]
        if not any(word.syllables for word in words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no syllable")
        return words

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

    def _phrase(self, phrase: str, text: str) -> list[Word]:
        syllables = self._characters(phrase, text)
        words, start = [], 0
        for part in segment(simplify(phrase)):
            end = start + len(part)
            words.append(Word(phrase[start:end], tuple(syllables[start:end])))
            start = end
        return words

    def _characters(self, phrase: str, text: str) -> list[SpokenSyllable]:
        from ToJyutping import get_jyutping_list

        syllables = []
        for characters, jyutping in get_jyutping_list(phrase):
            parts = (jyutping or "").split()
            if len(parts) != len(characters):
                raise unreadable(characters, text, self.dialect.code)
            for character, part in zip(characters, parts, strict=True):
                said = self.readings.get(character, part)
                syllables.append(self._spoken(character, said))
        return syllables

    def _spoken(self, characters: str, jyutping: str) -> SpokenSyllable:
        return SpokenSyllable(characters, jyutping, self.phones(jyutping))


def load_jyutping(dialect: Dialect) -> JyutpingBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only("segments", "readings", "letters")
    segments = top.section("segments")
    segments.only("initials", "finals")
    return JyutpingBackend(
        dialect,
        initials={k: tuple(v.split()) for k, v in segments.texts("initials").items()},
        finals={k: tuple(v.split()) for k, v in segments.texts("finals").items()},
        readings=top.texts("readings"),
        letters=top.texts("letters"),
    )
