"""Mandarin and the dialects that follow from it by rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from diamoe.errors import EmptyText
from diamoe.text.backends.letters import letters_to_spell
from diamoe.text.closed_class import ClosedClass, read_closed_class
from diamoe.text.correspondence import Correspondence, read_correspondence
from diamoe.text.dialect import Dialect, load_dialect
from diamoe.text.erhua import is_rhotic
from diamoe.text.history import Ancestry, ancestries
from diamoe.text.normalize import normalize, simplify, unreadable
from diamoe.text.phones import PUNCTUATION
from diamoe.text.sandhi import Beat, Sandhi, read_sandhi
from diamoe.text.schema import Section
from diamoe.text.segments import Segments, read_segments
from diamoe.text.spoken import SpokenSyllable, Word
from diamoe.text.syllable import Syllable, parse_pinyin, parse_pinyins
from diamoe.text.words import UnreadCharacter, WrittenWord, read_words

SECTIONS = ("segments", "correspondences", "sandhi", "readings", "letters")


@dataclass(frozen=True)
class _Draft:
    """One syllable on its way: characters, the dialect's syllable, the number of its word."""

    characters: str
    syllable: Syllable
    word: int


@dataclass(frozen=True)
class SiniticBackend:
    """Characters → Mandarin readings → the dialect's syllables → sandhi → phones."""

    dialect: Dialect
    segments: Segments
    correspondence: Correspondence
    sandhi: Sandhi
    closed_class: ClosedClass
    letters: dict[str, str] = field(hash=False)

    def words(self, text: str) -> list[Word]:
        """Read a text.

        Raises:
            EmptyText, UnreadableText: see `normalize`; a character without reading is named.
        """
        said = simplify(normalize(text, self.dialect.code))
        try:
            written = read_words(said)
        except UnreadCharacter as error:
            raise unreadable(error.character, text, self.dialect.code) from None
        drafts = self._drafts(written, said, text)
        return self._spoken(written, drafts)

    def romanised(self, text: str) -> list[Word]:
        """Read pinyin in the dialect's own tones (`ni3 hao3 ，`); no sandhi is applied.

        Raises:
            EmptyText: there is no syllable.
            NotationError: a syllable does not exist in the dialect.
        """
        for mark in PUNCTUATION:
            text = text.replace(mark, f" {mark} ")
        words = []
        for part in text.split():
            if part in PUNCTUATION:
                words.append(Word(part))
                continue
            syllable = parse_pinyin(part)
            phones = self.segments.phones(syllable)
            words.append(Word(part, (SpokenSyllable(part, str(syllable), phones),)))
        if not any(word.syllables for word in words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no syllable")
        return words

    def _drafts(self, written: Sequence[WrittenWord], said: str, text: str) -> list[_Draft]:
        past = self._ancestries(said)
        replaced = self.closed_class.match([(w.text, w.readings) for w in written])
        drafts: list[_Draft] = []
        position = 0
        for number, word in enumerate(written):
            if not word.readings:
                drafts += self._letters(word.text, text, number)
                position += len(word.text)
                continue
            for character, reading in zip(word.text, word.readings, strict=True):
                after = said[position + 1 : position + 3]
                if drafts and is_rhotic(character, word.text, said[:position], after):
                    drafts[-1] = _rhotic(drafts[-1], character)
                else:
                    own = replaced.get(position)
                    syllable = own or self.correspondence(reading, past[position], character)
                    drafts.append(_Draft(character, syllable, number))
                position += 1
        return drafts

    def _ancestries(self, said: str) -> Sequence[Ancestry | None]:
        return ancestries(said) if self.correspondence.historical else [None] * len(said)

    def _letters(self, run: str, text: str, number: int) -> list[_Draft]:
        if run in PUNCTUATION:
            return []
        drafts = []
        for letter in letters_to_spell(run, text, self.dialect.code):
            for syllable in parse_pinyins(self.letters[letter]):
                drafts.append(_Draft(letter, self.correspondence(syllable, None, letter), number))
        return drafts

    def _spoken(self, written: Sequence[WrittenWord], drafts: list[_Draft]) -> list[Word]:
        by_word: dict[int, list[_Draft]] = {}
        for draft in self._sung(written, drafts):
            by_word.setdefault(draft.word, []).append(draft)
        words = []
        for number, word in enumerate(written):
            if word.text in PUNCTUATION:
                words.append(Word(word.text))
                continue
            syllables = tuple(
                SpokenSyllable(d.characters, str(d.syllable), self.segments.phones(d.syllable))
                for d in by_word.get(number, ())
            )
            if syllables:
                words.append(Word(word.text, syllables))
        return words

    def _sung(self, written: Sequence[WrittenWord], drafts: list[_Draft]) -> list[_Draft]:
        """The drafts after sandhi, phrase by phrase."""
        sizes: dict[int, int] = {}
        for draft in drafts:
            sizes[draft.word] = sizes.get(draft.word, 0) + 1
        done: list[_Draft] = []
        phrase: list[_Draft] = []
        position = 0
        for number, word in enumerate(written):
            while position < len(drafts) and drafts[position].word == number:
                phrase.append(drafts[position])
                position += 1
            if word.text in PUNCTUATION or number == len(written) - 1:
                beats = [Beat(d.characters, d.syllable, d.word, sizes[d.word]) for d in phrase]
                changed = self.sandhi(beats)
                done += [
                    _Draft(d.characters, s, d.word) for d, s in zip(phrase, changed, strict=True)
                ]
                phrase = []
        return done


def _rhotic(draft: _Draft, character: str) -> _Draft:
    return _Draft(draft.characters + character, draft.syllable.change(erhua=True), draft.word)


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
        top.only(*SECTIONS)
        letters.update(top.texts("letters"))
    return SiniticBackend(
        dialect=dialect,
        segments=read_segments(dialect, tuple(chain)),
        correspondence=read_correspondence(dialect),
        sandhi=read_sandhi(dialect),
        closed_class=read_closed_class(dialect),
        letters=letters,
    )
