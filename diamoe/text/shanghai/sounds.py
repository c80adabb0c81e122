"""From a Shanghainese syllable to its phones."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from diamoe.errors import NotationError
from diamoe.text.dialect import Dialect
from diamoe.text.phones import make_token, parse_phone
from diamoe.text.schema import Section
from diamoe.text.shanghai.syllable import WuSyllable
from diamoe.text.vocabulary import VOWELS

_VOWELS = frozenset(VOWELS)
_GLIDES = {"i": "j", "u": "w", "y": "ɥ", "j": "j", "w": "w", "ɥ": "ɥ"}
_BREATHY = "\u0324"
_SYLLABIC = {"m": "m", "n": "n", "ng": "ŋ"}


@dataclass(frozen=True, eq=False)
class WuSounds:
    """The phones of initials and finals.

    `rounded` finals take a w-glide, except after the initials of `unrounded`; after those of
    `merging` a final of `merged` sounds like another.
    """

    dialect: Dialect
    initials: Mapping[str, str]
    finals: Mapping[str, tuple[str, ...]]
    rounded: frozenset[str]
    unrounded: frozenset[str]
    merging: frozenset[str]
    merged: Mapping[str, str]

    def phones(self, syllable: WuSyllable) -> tuple[str, ...]:
        """The tokens of one syllable; a toneless one (tone 0) has neither stress nor tone.

        Raises:
            NotationError: its tone is not known, or the dialect has none of that number.
        """
        return _phones(self, syllable)

    def pronounce(self, syllable: WuSyllable) -> tuple[str, ...]:
        """What `phones` remembers."""
        if syllable.tone is None:
            raise NotationError(f"{syllable} has no tone number; write one (or 0 for toneless)")
        rhyme = self._rhyme(syllable)
        onset = self._onset(syllable, rhyme)
        if onset and rhyme[0] == onset[-1].replace(_BREATHY, ""):
            rhyme = rhyme[1:]
        return (*onset, *self._toned(rhyme, syllable))

    def _rhyme(self, syllable: WuSyllable) -> tuple[str, ...]:
        final = syllable.final
        if syllable.initial in self.merging:
            final = self.merged.get(final, final)
        rhyme = self.finals[final]
        if final in self.rounded and syllable.initial and syllable.initial not in self.unrounded:
            return ("w", *rhyme)
        return rhyme

    def _onset(self, syllable: WuSyllable, rhyme: tuple[str, ...]) -> tuple[str, ...]:
        if syllable.initial not in ("", "gh"):
            return (self.initials[syllable.initial],)
        breath = _BREATHY if syllable.initial else ""
        if syllable.final in _SYLLABIC:
            return (_SYLLABIC[syllable.final] + breath,)
        return (_GLIDES.get(rhyme[0], "∅") + breath,)

    def _toned(self, rhyme: tuple[str, ...], syllable: WuSyllable) -> tuple[str, ...]:
        if syllable.tone == 0:
            return rhyme
        marks = self._marks(syllable)
        nucleus = next(i for i, p in enumerate(rhyme) if parse_phone(p).segment in _VOWELS)
        phone = parse_phone(rhyme[nucleus])
        token = make_token(phone.segment, "ˈ", marks, phone.short)
        return (*rhyme[:nucleus], token, *rhyme[nucleus + 1 :])

    def _marks(self, syllable: WuSyllable) -> str:
        for tone in self.dialect.tones:
            if tone.number == syllable.tone:
                return tone.marks
        allowed = ", ".join(str(t.number) for t in self.dialect.tones)
        raise NotationError(f"{syllable}: {self.dialect.code} has the tones {allowed}")


@lru_cache(maxsize=16384)
def _phones(sounds: WuSounds, syllable: WuSyllable) -> tuple[str, ...]:
    return sounds.pronounce(syllable)


def read_sounds(dialect: Dialect) -> WuSounds:
    """Read the `segments` of the dialect's file.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    section = Section(dialect.code, "segments", dialect.rules.get("segments", {}))
    section.only("initials", "finals", "rounded", "merged")
    rounded, merged = section.section("rounded"), section.section("merged")
    rounded.only("finals", "except")
    merged.only("after", "finals")
    return WuSounds(
        dialect,
        initials={
            name: unicodedata.normalize("NFD", phone)
            for name, phone in section.texts("initials").items()
        },
        finals={
            name: tuple(unicodedata.normalize("NFD", phones).split())
            for name, phones in section.texts("finals").items()
        },
        rounded=frozenset(rounded.words("finals")),
        unrounded=frozenset(rounded.words("except")),
        merging=frozenset(merged.words("after")),
        merged=merged.texts("finals"),
    )
