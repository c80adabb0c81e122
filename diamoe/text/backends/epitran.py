"""Languages that epitran's mappings read, with spelling, stress and phone rules of a dialect."""

import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from diamoe.errors import EmptyText, UnknownPhone, UnreadableText
from diamoe.extras import extra
from diamoe.text.backends.clauses import Clause, given_word, split_clauses, written_words
from diamoe.text.backends.onsets import split_syllables
from diamoe.text.backends.rewriting import Rewrite, read_rewrites, rewrite, rewrite_text
from diamoe.text.dialect import HEADER, Dialect
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.nearest import NoPhone, nearest_phones
from diamoe.text.phones import make_token, parse_phone
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, Word, speak_given
from diamoe.text.vocabulary import VOWELS, PhoneVocabulary
from diamoe.text.written.european import expand_european, half_width

SECTIONS = ("mapping", "epitran_rules", "loans", "words", "spelling", "rules", "stress",
            "numbers", "abbreviations")  # fmt: skip
_VOWELS = frozenset(VOWELS)
_WEAK = frozenset(("ə", "ɐ", "n̩", "l̩", "m̩", "r̩", "ŋ̍"))
_SEPARATORS = re.compile(r"[-_/\".:,]")
_QUIET = "'’‘ʼ"
"""Apostrophes: no sound of their own where the mapping says nothing about them."""


@dataclass(frozen=True)
class Stress:
    """Where the stress of a word lies: `first`, `last`, `penultimate` or `none`, but for affixes.

    `prefixes` are never stressed (in a longer word), an ending of `final` always is; `weak` words
    have no stress.
    """

    place: str = "none"
    prefixes: tuple[str, ...] = ()
    final: tuple[str, ...] = ()
    weak: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EpitranBackend:
    """Word → the dialect's spelling rules → epitran's mapping → nearest phones → phone rules.

    Words that match `loans` go by other spelling rules and another mapping. `words` gives the
    phones of whole words.
    """

    dialect: Dialect
    mapping: str
    epitran_rules: bool
    spelling: tuple[Rewrite, ...]
    rules: tuple[Rewrite, ...]
    words: Mapping[str, str] = field(hash=False)
    loans: re.Pattern[str] | None
    loan_mapping: str
    loan_spelling: tuple[Rewrite, ...]
    stress: Stress
    numbers: Mapping[str, str] = field(hash=False)
    abbreviations: frozenset[str]

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text, their phones given.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: the mapping has nothing for a character.
            UnknownPhone: the mapping's symbol stands for no phone; the word is named.
            MissingBackend: epitran is not installed.
        """
        drafts: list[Draft] = []
        text = expand_european(half_width(text), self.dialect.code)
        for clause in split_clauses(text, self.abbreviations):
            if clause.is_mark:
                drafts.append(Draft(clause.text))
                continue
            for word in written_words(clause.text):
                given = given_word(word, lexicon) if len(lexicon) else None
                drafts.append(self._given(word, given) if given else self._word(word, clause, text))
        while drafts and not drafts[0].readings:
            del drafts[0]
        if not drafts:
            raise EmptyText(f"nothing to speak in {text!r}: it holds no letter and no digit")
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """The language's own spelling is its romanisation."""
        return self.read(text, NO_LEXICON)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones that the rules gave."""
        return speak_given(drafts)

    def _given(self, word: str, given: Sequence[Reading]) -> Draft:
        readings: list[Reading] = []
        for reading in given:
            if reading.phones is not None:
                readings.append(reading)
                continue
            for draft in self.romanised(reading.romanised):
                readings += [
                    Reading(word, r.romanised, reading.source, True, r.phones)
                    for r in draft.readings
                ]
        return Draft(word, tuple(readings))

    def _word(self, word: str, clause: Clause, text: str) -> Draft:
        """A written word; the parts between hyphens are read by themselves."""
        parts = [p for p in _SEPARATORS.split(word) if any(c.isalnum() for c in p)]
        readings = [r for part in parts for r in self._part(part, word, clause, text)]
        if not readings:
            raise self._unreadable(word, clause, text, "it has no sound of its own")
        return Draft(word, tuple(readings))

    def _unreadable(self, part: str, clause: Clause, text: str, hint: str = "") -> UnreadableText:
        lowered = unicodedata.normalize("NFC", clause.text).lower()
        place = clause.start + max(lowered.find(part.lower()), 0)
        return UnreadableText(part, text, place, self.dialect.code, hint)

    def _part(self, part: str, word: str, clause: Clause, text: str) -> list[Reading]:
        if part.isdecimal() and part.isascii() and self.numbers:
            from diamoe.text.counting import count

            names = count(int(part), self.numbers).split()
            return [r for name in names for r in self._part(name, word, clause, text)]
        spelled = unicodedata.normalize("NFC", part.lower())
        if spelled in self.words:
            phones, source = (
                self.words[spelled].split(),
                f"{self.dialect.code}.yaml words.{spelled}",
            )
            syllables = split_syllables(phones)
        else:
            phones, source = self._by_rule(spelled, clause, text)
            syllables = self._stressed(spelled, split_syllables(phones))
        return [Reading(word, spelled, source, phones=s) for s in syllables]

    def _by_rule(self, spelled: str, clause: Clause, text: str) -> tuple[list[str], str]:
        loan = self.loans is not None and self.loans.search(spelled) is not None
        mapping = self.loan_mapping if loan else self.mapping
        own_rules = loan or self.epitran_rules
        letters = rewrite_text(spelled, self.loan_spelling if loan else self.spelling)
        ipa, unread = transcribe(mapping, letters, own_rules)
        unread = unread if unread in spelled else ""
        if unread:
            raise self._unreadable(unread, clause, text)
        where = f"what epitran's {mapping} says for {spelled!r} ({self.dialect.code})"
        try:
            tokens = rewrite(nearest_phones(ipa), self.rules)
        except NoPhone as error:
            raise UnknownPhone(error.symbol, where) from None
        for token in tokens:
            PhoneVocabulary.default().id(token, where)
        return tokens, f"epitran {mapping}"

    def _stressed(
        self, spelled: str, syllables: Sequence[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        """The nucleus of one syllable with the mark of stress."""
        marked = [list(s) for s in syllables]
        nuclei = [_nucleus(s) for s in syllables]
        full = [
            i
            for i, (syllable, n) in enumerate(zip(syllables, nuclei, strict=True))
            if n is not None and syllable[n] not in _WEAK
        ]
        given = any(parse_phone(t).stress for s in syllables for t in s)
        weak = spelled in self.stress.weak or self.stress.place == "none"
        if not full or given or weak:
            return [tuple(s) for s in marked]
        if self.stress.final and spelled.endswith(self.stress.final):
            chosen = full[-1]
        elif len(full) > 1 and self.stress.prefixes and spelled.startswith(self.stress.prefixes):
            chosen = full[1] if full[0] == 0 else full[0]
        else:
            chosen = {"first": full[0], "last": full[-1], "penultimate": full[-2:][0]}[
                self.stress.place
            ]
        nucleus = nuclei[chosen]
        assert nucleus is not None
        phone = parse_phone(marked[chosen][nucleus])
        marked[chosen][nucleus] = make_token(phone.segment, "ˈ", phone.tone, phone.short)
        return [tuple(s) for s in marked]


def _nucleus(syllable: Sequence[str]) -> int | None:
    return next((i for i, t in enumerate(syllable) if parse_phone(t).segment in _VOWELS), None)


@lru_cache(maxsize=65536)
def transcribe(mapping: str, word: str, own_rules: bool = True) -> tuple[str, str]:
    """epitran's IPA for a word, and the first letter that its mapping does not know, if any.

    Raises:
        MissingBackend: epitran is not installed.
    """
    reader = _reader(mapping, own_rules)
    reader.nils.clear()
    ipa = reader.transliterate(word)
    letters = unicodedata.normalize("NFC", word)
    unread = [c for c in letters if any(x in reader.nils for x in unicodedata.normalize("NFD", c))]
    return unicodedata.normalize("NFD", ipa), next((c for c in unread if c not in _QUIET), "")


@lru_cache(maxsize=32)
def _reader(mapping: str, own_rules: bool) -> Any:
    with _logging_untouched():
        with extra("epitran", f"reading {mapping}"):
            from epitran.ppprocessor import PrePostProcessor
            from epitran.simple import SimpleEpitran
            from epitran.stripdiacritics import StripDiacritics

        class Reader(SimpleEpitran):
            """epitran's transcription without the table of features, which takes seconds."""

            def __init__(self) -> None:
                self.tones, self.preproc, self.postproc = True, own_rules, own_rules
                self.ligatures, self.rev = False, False
                self.g2p = self._load_grapheme_to_phoneme_map(mapping, False)
                self.regexp = self._build_greedy_match_regex(self.g2p.keys())
                self.preprocessor = PrePostProcessor(mapping, "pre", False)
                self.postprocessor = PrePostProcessor(mapping, "post", False)
                self.strip_diacritics = StripDiacritics(mapping)
                self.nils: dict[str, int] = _Counter()

        return Reader()


class _Counter(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return 0


@contextmanager
def _logging_untouched() -> Iterator[None]:
    """epitran configures the root logger when it is imported."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def load_epitran(dialect: Dialect) -> EpitranBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only(*HEADER, *SECTIONS)
    loans, stress = top.section("loans"), top.section("stress")
    loans.only("match", "mapping", "spelling")
    stress.only("place", "prefixes", "final", "weak")
    place = stress.text("place", "none")
    if place not in ("first", "last", "penultimate", "none"):
        raise stress.error("place", f"{place!r}; allowed: first, last, penultimate, none")
    return EpitranBackend(
        dialect,
        top.text("mapping"),
        top.flag("epitran_rules") if "epitran_rules" in top else True,
        read_rewrites(top, "spelling"),
        read_rewrites(top, "rules"),
        {k: unicodedata.normalize("NFD", v) for k, v in top.texts("words").items()},
        re.compile(loans.text("match")) if "match" in loans else None,
        loans.text("mapping", top.text("mapping")),
        read_rewrites(loans, "spelling"),
        Stress(
            place,
            stress.words("prefixes"),
            stress.words("final"),
            frozenset(stress.words("weak")),
        ),
        top.texts("numbers"),
        frozenset(top.words("abbreviations")),
    )
