"""Taiwanese Hokkien: characters or romanisation to Tâi-lô, tone groups, phones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from diamoe.errors import NotationError
from diamoe.text.backends.letters import read_latin
from diamoe.text.dialect import HEADER, Dialect
from diamoe.text.hokkien.groups import CLASSES, Beat, ToneGroups, read_tone_groups, word_class
from diamoe.text.hokkien.tailo import CLOSED, INITIALS, OPEN, Tailo, parse_tailo, parse_word
from diamoe.text.hokkien.words import ReadWord, Vocabulary
from diamoe.text.hokkien.writing import Run, is_simplified, read_runs, to_traditional
from diamoe.text.lexicon import Lexicon
from diamoe.text.normalize import unreadable
from diamoe.text.phones import make_token
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, SpokenSyllable, Word, romanised_drafts
from diamoe.text.vocabulary import VOWELS

_VOWELS = frozenset(VOWELS)


@dataclass(frozen=True)
class HokkienDraft(Draft):
    """A word with its place in the tone groups: `said` is the Taiwanese word."""

    said: str = ""
    kind: str = ""
    ends: bool = False


@dataclass(frozen=True)
class _State:
    """What holds for the whole of a text while its runs are read."""

    lexicon: Lexicon
    mandarin: bool
    simplified: bool
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class HokkienBackend:
    """Characters and romanisation → Tâi-lô in citation tones → tone groups → phones."""

    dialect: Dialect
    initials: Mapping[str, str] = field(hash=False)
    rhymes: Mapping[str, tuple[str, ...]] = field(hash=False)
    vocabulary: Vocabulary
    groups: ToneGroups
    letters: Mapping[str, str] = field(hash=False)
    measures: str
    objects: frozenset[str] = frozenset()

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text in Han characters, romanisation or both, in citation tones.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: a character has no reading; the message names all of them.
        """
        runs = read_runs(text, self.dialect.code, self.measures)
        state = self._state(runs, lexicon)
        drafts: list[Draft] = []
        for run in runs:
            if run.kind == "end":
                if drafts and isinstance(drafts[-1], HokkienDraft):
                    drafts[-1] = replace(drafts[-1], ends=True)
            else:
                drafts += self._run(run, state)
        if state.missing:
            raise self._unreadable(state.missing, text)
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """Read Tâi-lô or Pe̍h-ōe-jī, words separated by spaces (`gua2 beh4 khi3`).

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable is not spelled like one.
        """
        return romanised_drafts(text, lambda part: self._romanised_word(part, "given"))

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """Sandhi within tone groups, then phones."""
        words: list[Word] = []
        phrases = [list(g) for _, g in groupby(drafts, key=lambda d: bool(d.readings))]
        for i, phrase in enumerate(phrases):
            if not phrase[0].readings:
                words += [Word(draft.text) for draft in phrase]
                continue
            question = i + 1 < len(phrases) and phrases[i + 1][0].text == "？"
            sounds = self.groups([self._beat(draft) for draft in phrase], question)
            for draft, syllables in zip(phrase, sounds, strict=True):
                pairs = zip(draft.readings, syllables, strict=True)
                words.append(
                    Word(draft.text, tuple(self._syllable(r, s, lexicon) for r, s in pairs))
                )
        return words

    def phones(self, syllable: Tailo) -> tuple[str, ...]:
        """The tokens of one syllable; a checked one in tone 4 or 8 has one tone mark."""
        onset = self.initials[syllable.initial]
        rhyme = list(self.rhymes[syllable.rhyme])
        nucleus = next(i for i, p in enumerate(rhyme) if p in _VOWELS)
        if syllable.tone:
            rhyme[nucleus] = make_token(rhyme[nucleus], "ˈ", self.dialect.tone(syllable.tone).marks)
        nasal = ("˜",) if syllable.nasalised else ()
        glottal = ("∅",) if syllable.glottal else ()
        return (onset, *nasal, *rhyme, *glottal)

    def _state(self, runs: Sequence[Run], lexicon: Lexicon) -> _State:
        han = "".join(run.text for run in runs if run.kind == "han")
        simplified = is_simplified(han)
        mandarin = self.vocabulary.is_mandarin(to_traditional(han, simplified))
        return _State(lexicon, mandarin, simplified)

    def _run(self, run: Run, state: _State) -> Iterator[Draft]:
        if run.kind == "mark":
            yield Draft(run.text)
        elif run.kind == "roman":
            yield self._romanised_word(run.text, "romanised in the text")
        elif run.kind == "latin":
            readings = read_latin(run.text, self._letter, state.lexicon)
            if readings:
                yield HokkienDraft(run.text, readings, run.text, "noun")
        else:
            yield from self._han(run.text, state)

    def _han(self, text: str, state: _State) -> Iterator[Draft]:
        """The words of a run of characters; the user's words stand as they are listed."""
        traditional = to_traditional(text, state.simplified)
        given = state.lexicon.given(text)
        for own, places in groupby(range(len(text)), key=given.__contains__):
            stretch = list(places)
            start, end = stretch[0], stretch[-1] + 1
            if not own:
                yield from self._words(text[start:end], traditional[start:end], state)
                continue
            readings = tuple(_canonical(r) for i in stretch if (r := given[i]) is not None)
            word = traditional[start:end]
            yield HokkienDraft(text[start:end], readings, word, self._kind(word))

    def _words(self, text: str, traditional: str, state: _State) -> Iterator[Draft]:
        words = self.vocabulary.segment(traditional, state.mandarin)
        position = 0
        unread = []
        for word in words:
            if not self.vocabulary.can_read(word, state.mandarin):
                unread.append(text[position : position + len(word)])
            position += len(word)
        state.missing.extend(unread)
        if not unread:
            for found in self.vocabulary.read(words, state.mandarin):
                yield self._draft(found)

    def _draft(self, word: ReadWord) -> HokkienDraft:
        characters = [*word.said[: len(word.syllables) - 1], word.said[len(word.syllables) - 1 :]]
        readings = tuple(
            Reading(c, s, word.source) for c, s in zip(characters, word.syllables, strict=True)
        )
        kind = self._kind(word.said, word.source)
        if self.vocabulary.classes.get(word.text) == "particle":
            kind = "particle"
        return HokkienDraft(word.text, readings, word.said, kind)

    def _kind(self, word: str, source: str = "") -> str:
        if source == "numerals":
            return "numeral"
        return word_class(word, self.vocabulary.classes)

    def _romanised_word(self, text: str, source: str) -> HokkienDraft:
        readings = tuple(Reading(str(s), str(s), source) for s in parse_word(text))
        name = " ".join(r.romanised for r in readings)
        kind = self.vocabulary.class_of_sound(name) or ("noun" if len(readings) > 1 else "other")
        return HokkienDraft(text, readings, name, kind)

    def _letter(self, letter: str) -> tuple[Reading, ...]:
        source = f"{self.dialect.code}.yaml letters.{letter}"
        syllables = parse_word(self.letters[letter.upper()])
        return tuple(Reading(letter, str(s), source) for s in syllables)

    def _unreadable(self, missing: list[str], text: str) -> Exception:
        error = unreadable(missing[0], text, self.dialect.code)
        others = [
            f"{word!r} at character {unreadable(word, text, self.dialect.code).position + 1}"
            for word in dict.fromkeys(missing[1:])
            if word != missing[0]
        ]
        hint = "no Taiwanese reading is known"
        if others:
            hint += f", nor for {', '.join(others)}"
        return unreadable(error.character, text, self.dialect.code, hint)

    def _beat(self, draft: Draft) -> Beat:
        syllables = tuple(
            None if r.phones is not None or r.fixed else parse_tailo(r.romanised)
            for r in draft.readings
        )
        if isinstance(draft, HokkienDraft):
            return Beat(draft.said, draft.kind, syllables, draft.ends, self._has_object(draft))
        return Beat(draft.text, "noun", syllables)

    def _has_object(self, draft: HokkienDraft) -> bool:
        """Whether a word is a verb and its object: 煮飯."""
        first = self.vocabulary.classes.get(draft.said[:1])
        verbal = draft.kind == "verb" and len(draft.said) == 2 and first in (None, "verb")
        return verbal and draft.said[-1] in self.objects

    def _syllable(self, reading: Reading, spoken: Tailo | None, lexicon: Lexicon) -> SpokenSyllable:
        if reading.phones is not None:
            return SpokenSyllable(
                reading.characters, reading.romanised, reading.phones, reading.source
            )
        given = parse_tailo(reading.romanised)
        said = spoken or given
        phones = lexicon.phones.get(str(said)) or self.phones(said)
        change = "" if said == given else f"{given.tone}→{said.tone}"
        sandhi = f"hokkien.yaml sandhi: {change}" if change else ""
        return SpokenSyllable(reading.characters, str(said), phones, reading.source, sandhi)


def _canonical(reading: Reading) -> Reading:
    if reading.phones is not None:
        return reading
    return replace(reading, romanised=str(parse_tailo(reading.romanised)))


def load_hokkien(dialect: Dialect) -> HokkienBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file lacks a sound, or has an unknown key or a value of the wrong
            kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only(*HEADER, "segments", "sandhi", "words", "letters")
    segments = top.section("segments")
    segments.only("initials", "rhymes")
    initials, rhymes = segments.texts("initials"), segments.texts("rhymes")
    for name, table, needed in (
        ("initials", initials, INITIALS),
        ("rhymes", rhymes, (*OPEN, *CLOSED)),
    ):
        if set(table) != set(needed):
            wrong = " ".join(sorted(set(table) ^ set(needed)))
            raise segments.error(name, f"missing or unknown: {wrong}; it has to list {needed}")
    words = top.section("words")
    vocabulary = read_vocabulary(words)
    return HokkienBackend(
        dialect,
        initials,
        {k: tuple(v.split()) for k, v in rhymes.items()},
        vocabulary,
        read_tone_groups(dialect),
        top.texts("letters"),
        words.text("measures"),
        frozenset(words.text("objects", "")),
    )


def read_vocabulary(words: Section) -> Vocabulary:
    """Read the `words` of the dialect's file.

    Raises:
        DialectFileError: a key is unknown, or a reading is no Tâi-lô.
    """
    words.only(
        *("readings", "classes", "mandarin", "ambiguous", "evidence", "taiwanese", "measures"),
        "objects",
    )
    readings = words.texts("readings")
    for word, romanised in readings.items():
        try:
            parse_word(romanised)
        except NotationError as error:
            raise words.error(f"readings.{word}", str(error)) from error
    lists = words.section("classes")
    lists.only(*CLASSES)
    classes = {word: kind for kind in lists.data for word in lists.words(kind)}
    return Vocabulary(
        readings,
        classes,
        words.texts("mandarin"),
        words.texts("ambiguous"),
        frozenset(words.text("evidence")),
        frozenset(words.text("taiwanese")),
    )
