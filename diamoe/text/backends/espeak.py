"""Languages that espeak-ng reads: its IPA, mapped into the phone inventory."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from diamoe.errors import EmptyText, UnknownPhone, UnreadableText
from diamoe.text.backends.alignment import align
from diamoe.text.backends.clauses import (
    LONGEST_WORD,
    Clause,
    check_alphabet,
    given_word,
    split_clauses,
    written_words,
)
from diamoe.text.backends.espeak_voice import Said, portions, say
from diamoe.text.backends.onsets import onset_length, split_syllables
from diamoe.text.backends.rewriting import Rewrite, read_rewrites, rewrite
from diamoe.text.dialect import HEADER, Dialect
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.nearest import NoPhone, contour_marks, nearest_phones
from diamoe.text.normalize import unreadable
from diamoe.text.phones import make_token, parse_phone
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, Word, speak_given
from diamoe.text.vocabulary import VOWELS, PhoneVocabulary
from diamoe.text.written.european import expand_european, half_width

_VOWELS = frozenset(VOWELS)
_BREAK = "∅"
"""Stands before a word that no consonant links to (French h aspiré); taken away in the end."""
UNSPACED = frozenset(("HIRAGANA", "KATAKANA", "CJK", "THAI", "MYANMAR"))
_GLIDES = ("j", "w", "ɥ")
SECTIONS = ("voice", "symbols", "rules", "abbreviations", "scripts", "voice_tones", "glottal",
            "linking")  # fmt: skip
# What espeak-ng's own phoneme names leave in its IPA.
_RESIDUE = str.maketrans(
    {"S": "ʃ", "Z": "ʒ", "N": "ŋ", "A": "ɑ", "X": "χ", "Φ": "ɸ", "ε": "ɛ", "?": "ʔ", ":": "ː",
     '"': "", "[": "̪", "^": "ʲ", ";": "ʲ", "`": "ʼ", "#": "̥", ".": "", "+": "", "-": "", "@": "ə",
     "~": "̃", "'": ""}
)  # fmt: skip


@dataclass(frozen=True)
class EspeakBackend:
    """Text → espeak-ng's IPA, clause by clause → phones.

    `symbols` are espeak-ng's symbols that sound otherwise than their letters say, `rules` rewrite
    the phones of a word. `glottal` makes its breaks before a vowel glottal stops; with `linking` a
    consonant at the end of a word opens a word that begins with a vowel. `tones` gives the
    five-level contours of its tone digits; an empty one is neutral, `0` stands for none written.
    """

    dialect: Dialect
    voice: str
    symbols: Mapping[str, tuple[str, ...]] = field(hash=False)
    rules: tuple[Rewrite, ...]
    abbreviations: frozenset[str]
    scripts: tuple[str, ...]
    tones: Mapping[str, str] = field(hash=False)
    glottal: bool = False
    linking: bool = False

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text, their phones given.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: a character is of a script that the voice does not read.
            UnknownPhone: espeak-ng used a symbol that stands for no phone; the word is named.
            MissingBackend: phonemizer or espeak-ng is not installed.
        """
        usual = half_width(text)
        check_alphabet(usual, self.dialect.code, self.scripts)
        said = expand_european(usual, self.dialect.code)
        try:
            drafts = self._clauses(said, lexicon)
        except UnreadableText as error:
            raise unreadable(error.character, text, self.dialect.code, error.hint) from None
        while drafts and not drafts[0].readings:
            del drafts[0]
        if not drafts:
            raise EmptyText(f"nothing to speak in {text!r}: it holds no letter and no digit")
        return drafts

    def _clauses(self, text: str, lexicon: Lexicon) -> list[Draft]:
        drafts: list[Draft] = []
        for clause in split_clauses(text, self.abbreviations):
            own = [Draft(clause.text)] if clause.is_mark else self._clause(clause, text, lexicon)
            drafts += own
        return drafts

    def romanised(self, text: str) -> list[Draft]:
        """The language's own spelling is its romanisation."""
        return self.read(text, NO_LEXICON)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones that espeak-ng gave."""
        return speak_given(drafts)

    def _clause(self, clause: Clause, text: str, lexicon: Lexicon) -> list[Draft]:
        unspaced = not UNSPACED.isdisjoint(self.scripts)
        words = written_words(unicodedata.normalize("NFC", clause.text), unspaced)
        drafts: list[Draft] = []
        run: list[str] = []
        for word in words:
            if len(word) > LONGEST_WORD:
                hint = f"a word of {len(word)} letters; at most {LONGEST_WORD}"
                raise UnreadableText(word, text, _place(word, clause), self.dialect.code, hint)
            given = given_word(word, lexicon) if len(lexicon) else None
            if given is None:
                run.append(word)
                continue
            drafts += self._run(run, clause, text)
            run = []
            drafts.append(Draft(word, tuple(self._given(word, given))))
        drafts += self._run(run, clause, text)
        return _linked(drafts) if self.linking else drafts

    def _given(self, word: str, given: Sequence[Reading]) -> list[Reading]:
        """Phones as they are, and other spellings read as words."""
        readings: list[Reading] = []
        for reading in given:
            if reading.phones is not None:
                readings.append(reading)
                continue
            for draft in self.romanised(reading.romanised):
                readings += [Reading(word, r.romanised, reading.source, True, r.phones)
                             for r in draft.readings]  # fmt: skip
        return readings

    def _run(self, words: Sequence[str], clause: Clause, text: str) -> list[Draft]:
        drafts: list[Draft] = []
        for part in portions(words):
            said = say(self.voice, part, bool(self.tones))
            groups = align(part, [_sounds(s) for s in said], self._alone)
            if groups is None or any(s.language for s in said) and not _is_latin("".join(part)):
                drafts += [self._one(word, clause, text) for word in part]
            else:
                drafts += [self._word(" ".join(part[w]), said[s]) for w, s in groups]
        return drafts

    def _one(self, word: str, clause: Clause, text: str) -> Draft:
        """A word by itself; espeak-ng names letters that it cannot read in English."""
        said = say(self.voice, [word], bool(self.tones))
        if not said or any(s.language for s in said) and not _is_latin(word):
            failed = next((c for c in word if self._names(c)), word)
            raise UnreadableText(failed, text, _place(failed, clause), self.dialect.code)
        return self._word(word, said)

    def _names(self, character: str) -> bool:
        said = say(self.voice, [character])
        return not said or any(s.language for s in said)

    def _alone(self, word: str) -> str:
        return _alone(self.voice, word)

    def _word(self, text: str, said: Sequence[Said]) -> Draft:
        readings: list[Reading] = []
        for part in said:
            romanised = "".join(part.symbols)
            source = f"espeak-ng ({part.language})" if part.language else "espeak-ng"
            tokens = rewrite(self._tokens(part, text), self.rules)
            for phones in split_syllables(tokens):
                readings.append(Reading(text, romanised, source, phones=phones))
        return Draft(text, tuple(readings))

    def _tokens(self, said: Said, text: str) -> list[str]:
        tokens: list[str] = []
        for i, symbol in enumerate(said.symbols):
            symbol = unicodedata.normalize("NFD", symbol)
            stress = symbol[0] if symbol[:1] in ("ˈ", "ˌ") else ""
            body = symbol[len(stress) :]
            if not body.strip("-"):
                tokens += [_BREAK] if self.linking and not i else []
                before_vowel = _begins_with_vowel(said.symbols[i + 1 : i + 2])
                tokens += ["ʔ"] if self.glottal and not said.language and before_vowel else []
                continue
            own = () if said.language else self.symbols.get(body, ())
            phones = list(own or self._nearest(body, text))
            nucleus = next(
                (n for n, t in enumerate(phones) if parse_phone(t).segment in _VOWELS), None
            )
            if nucleus is not None:
                phones[nucleus] = self._accented(phones[nucleus], stress, said.tones.get(i, "0"))
            tokens += phones
        return tokens

    def _accented(self, nucleus: str, stress: str, tone: str) -> str:
        phone = parse_phone(nucleus)
        contour = self.tones.get(tone, "")
        if not contour:
            neutral = self.tones and tone != "0"
            return nucleus if neutral else make_token(phone.segment, stress, "", phone.short)
        marks = contour_marks(contour)
        return make_token(phone.segment, "ˈ", marks, phone.short)

    def _nearest(self, body: str, text: str) -> tuple[str, ...]:
        try:
            phones = nearest_phones(body.translate(_RESIDUE).strip("0123456789ˈˌ"), diphthongs=True)
        except NoPhone as error:
            raise UnknownPhone(error.symbol, self._where(text)) from None
        vocabulary = PhoneVocabulary.default()
        for phone in phones:
            vocabulary.id(phone, self._where(text))
        return phones

    def _where(self, text: str) -> str:
        return f"what espeak-ng's voice {self.voice} says for {text!r} ({self.dialect.code})"


def _sounds(said: Said) -> str:
    return "".join(said.symbols)


@lru_cache(maxsize=16384)
def _alone(voice: str, word: str) -> str:
    return "".join(_sounds(s) for s in say(voice, [word]))


def _begins_with_vowel(symbols: Sequence[str]) -> bool:
    first = unicodedata.normalize("NFD", "".join(symbols)).lstrip("ˈˌ")[:1]
    return first in _VOWELS


def _is_latin(text: str) -> bool:
    return any(c.isalpha() and unicodedata.name(c, "").startswith("LATIN") for c in text)


def _place(part: str, clause: Clause) -> int:
    return clause.start + max(clause.text.find(part), 0)


def _linked(drafts: Sequence[Draft]) -> list[Draft]:
    """Consonants at the end of a word moved to a following word that begins with a vowel."""
    linked = list(drafts)
    for i, right in enumerate(linked[1:], 1):
        last, first = linked[i - 1].readings[-1].phones or (), right.readings[0].phones or ()
        opens = first[0] in _GLIDES or parse_phone(first[0]).segment in _VOWELS
        moved = onset_length(last) if opens else 0
        if 0 < moved < len(last) and last[-1] not in _GLIDES:
            linked[i - 1] = _replaced(linked[i - 1], -1, last[:-moved])
            linked[i] = _replaced(right, 0, (*last[-moved:], *first))
    for i, draft in enumerate(linked):
        first = draft.readings[0].phones or ()
        linked[i] = _replaced(draft, 0, first[1:]) if first[:1] == (_BREAK,) else draft
    return linked


def _replaced(draft: Draft, index: int, phones: tuple[str, ...]) -> Draft:
    readings = list(draft.readings)
    readings[index] = replace(readings[index], phones=phones)
    return Draft(draft.text, tuple(readings))


def load_espeak(dialect: Dialect) -> EspeakBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only(*HEADER, *SECTIONS)
    symbols = {
        unicodedata.normalize("NFD", k): tuple(unicodedata.normalize("NFD", v).split())
        for k, v in top.texts("symbols").items()
    }
    return EspeakBackend(
        dialect,
        top.text("voice"),
        symbols,
        read_rewrites(top, "rules"),
        frozenset(top.words("abbreviations")),
        top.words("scripts") or ("LATIN",),
        top.texts("voice_tones"),
        glottal=top.flag("glottal"),
        linking=top.flag("linking"),
    )
