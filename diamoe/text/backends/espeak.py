"""Languages that espeak-ng reads: its IPA, mapped into the phone inventory.

phonemizer and espeak-ng are GPL-3 and are imported only when such a language is used.
"""

import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from diamoe.errors import EmptyText, MissingBackend, UnknownPhone, UnreadableText
from diamoe.text.backends.onsets import split_syllables
from diamoe.text.dialect import Dialect
from diamoe.text.lexicon import NO_LEXICON, Lexicon
from diamoe.text.normalize import punctuate
from diamoe.text.phones import PUNCTUATION, make_token
from diamoe.text.schema import Section
from diamoe.text.spoken import Draft, Reading, Word, speak_given
from diamoe.text.vocabulary import VOWELS, PhoneVocabulary

_VOWELS = frozenset(VOWELS)
_SIGNS = frozenset("%$€£&+@#=°§½¼¾²³'’-‐‑_ªº")
_STOPS = re.compile(
    r"[,.;:!?…，。？！；：、\"“”„‚«»‹›()\[\]{}–—]+(?=\s|$)|[，。？！；：、\"“”„‚«»‹›()\[\]{}–—…¿¡]+"
)
_APOSTROPHES = str.maketrans("’‘‐‑", "''--")


@dataclass(frozen=True)
class EspeakBackend:
    """Text → espeak-ng's IPA, clause by clause → phones."""

    dialect: Dialect
    voice: str
    symbols: Mapping[str, tuple[str, ...]] = field(hash=False)
    abbreviations: frozenset[str]

    def read(self, text: str, lexicon: Lexicon) -> list[Draft]:
        """The words of a text, their phones given.

        Raises:
            EmptyText: nothing in it can be spoken.
            UnreadableText: a character is not of the Latin script.
            UnknownPhone: espeak-ng used a symbol without entry; the clause is named.
            MissingBackend: phonemizer or espeak-ng is not installed.
        """
        _check(text, self.dialect.code)
        words: list[Draft] = []
        for piece, is_mark in self._pieces(unicodedata.normalize("NFC", text)):
            if not is_mark:
                words += self._clause(piece)
            elif words and words[-1].readings:
                words.append(Draft(piece))
            elif words:
                words[-1] = Draft(punctuate("x" + words[-1].text + piece)[1:])
        if not any(word.readings for word in words):
            raise EmptyText(f"nothing to speak in {text!r}: it holds no letter and no digit")
        return words

    def romanised(self, text: str) -> list[Draft]:
        """The language's own spelling is its romanisation."""
        return self.read(text, NO_LEXICON)

    def spoken(self, drafts: Sequence[Draft], lexicon: Lexicon) -> list[Word]:
        """The phones that espeak-ng gave."""
        return speak_given(drafts)

    def _pieces(self, text: str) -> list[tuple[str, bool]]:
        """Clauses and the mark after each, in order."""
        pieces: list[tuple[str, bool]] = []
        start = 0
        for match in _STOPS.finditer(text):
            before = text[start : match.start()]
            if (
                match.group().startswith(".")
                and before.split()[-1:]
                and (before.split()[-1] in self.abbreviations)
            ):
                continue
            mark = "".join(c for c in punctuate("x" + match.group()) if c in PUNCTUATION)
            pieces.append((before, False))
            if mark:
                pieces.append((mark, True))
            start = match.end()
        pieces.append((text[start:], False))
        return [(p, m) for p, m in pieces if m or any(c.isalnum() for c in p)]

    def _clause(self, clause: str) -> list[Draft]:
        said = [w for w in _phonemize(self.voice, clause.translate(_APOSTROPHES)) if w]
        written = [w for w in clause.split() if any(c.isalnum() for c in w)]
        if len(written) == len(said):
            return [self._word(w, [phones]) for w, phones in zip(written, said, strict=True)]
        return [self._word(" ".join(written), said)] if said else []

    def _word(self, text: str, said: Sequence[str]) -> Draft:
        readings = []
        for part in said:
            tokens = [t for symbol in part.split() for t in self._tokens(symbol, text)]
            for phones in split_syllables(tokens):
                readings.append(Reading(text, part.replace(" ", ""), "espeak-ng", phones=phones))
        return Draft(text, tuple(readings))

    def _tokens(self, symbol: str, text: str) -> list[str]:
        symbol = unicodedata.normalize("NFD", symbol).strip("-")
        stress = symbol[0] if symbol[:1] in ("ˈ", "ˌ") else ""
        body = symbol[len(stress) :]
        if not body:
            return []
        tokens = list(self.symbols.get(body) or _decompose(body, text, self.dialect.code))
        nucleus = next((i for i, t in enumerate(tokens) if t in _VOWELS), None)
        if stress and nucleus is not None:
            tokens[nucleus] = make_token(tokens[nucleus], stress)
        return tokens


def _decompose(body: str, text: str, code: str) -> tuple[str, ...]:
    """A phone of our inventory, perhaps long or nasal."""
    ending: tuple[str, ...] = ()
    for mark, token in (("ː", "ː"), ("\u0303", "˜")):
        if mark in body:
            body = body.replace(mark, "")
            ending = (*ending, token)
    if body not in _inventory():
        raise UnknownPhone(body, f"what espeak-ng says for {text!r} ({code})")
    return (body, *ending)


@lru_cache(maxsize=1)
def _inventory() -> frozenset[str]:
    return frozenset(PhoneVocabulary.default().tokens)


def _check(text: str, code: str) -> None:
    for position, character in enumerate(text):
        if not _readable(character):
            raise UnreadableText(character, text, position, code)


def _readable(character: str) -> bool:
    if character.isspace() or character in _SIGNS or unicodedata.combining(character):
        return True
    if character.isalpha():
        return unicodedata.name(character, "").startswith("LATIN")
    category = unicodedata.category(character)
    if character.isascii():
        return character.isprintable()
    return category in ("Ps", "Pe", "Pi", "Pf", "Pd", "Po")


def _phonemize(voice: str, clause: str) -> list[str]:
    from phonemizer.separator import Separator

    separator = Separator(phone=" ", word="|")
    (said,) = _espeak(voice).phonemize([clause], separator=separator, strip=True)
    return [word.strip() for word in said.split("|")]


@lru_cache(maxsize=16)
def _espeak(voice: str):  # type: ignore[no-untyped-def]
    try:
        import espeakng_loader
        from phonemizer.backend import EspeakBackend as Espeak
        from phonemizer.backend.espeak.wrapper import EspeakWrapper
    except ImportError as error:
        raise MissingBackend(
            f"{error.name} is not installed: pip install phonemizer espeakng-loader (both GPL-3)"
        ) from error
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    logger = logging.getLogger("diamoe.espeak")
    logger.setLevel(logging.ERROR)  # it warns whenever espeak-ng joins two words
    return Espeak(voice, with_stress=True, language_switch="remove-flags", logger=logger)


def load_espeak(dialect: Dialect) -> EspeakBackend:
    """Build the back-end from the dialect's file.

    Raises:
        DialectFileError: the file has an unknown key or a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    top.only("voice", "symbols", "abbreviations")
    symbols = {
        unicodedata.normalize("NFD", k): tuple(unicodedata.normalize("NFD", v).split())
        for k, v in top.texts("symbols").items()
    }
    return EspeakBackend(dialect, top.text("voice"), symbols, frozenset(top.words("abbreviations")))
