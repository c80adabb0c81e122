"""From a dialect's syllable to its phones: the tables of initials, finals and rhotic finals."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from diamoe.errors import NotationError
from diamoe.text.dialect import Dialect
from diamoe.text.phones import make_token
from diamoe.text.schema import Section
from diamoe.text.syllable import INITIALS, Syllable
from diamoe.text.vocabulary import VOWELS

_VOWELS = frozenset(VOWELS)
_RHOTIC = frozenset(["ɚ", "ɚ̯"])
_LISTS = ("initials", "finals", "erhua", "neutral")


@dataclass(frozen=True)
class SpecialFinal:
    """A final that sounds different after some initials."""

    initials: tuple[str, ...]
    finals: tuple[str, ...]
    phones: tuple[str, ...]
    erhua: bool = False

    def holds(self, syllable: Syllable) -> bool:
        """Whether these are the phones of the syllable's final, be it open or checked."""
        return (
            self.erhua == syllable.erhua
            and syllable.initial in self.initials
            and syllable.open_final in self.finals
        )


@dataclass(frozen=True, eq=False)
class Segments:
    """The phones of each initial and final of one dialect; equal only to itself.

    A final that has no entry is its medial's glide and the entry of its rhyme; a checked final
    that has none is the open one with a short nucleus. `neutral` holds finals that sound
    different in a neutral syllable. `zero` gives the glide that opens a syllable without initial,
    by the first phone of its final.
    """

    dialect: Dialect
    initials: Mapping[str, tuple[str, ...]]
    finals: Mapping[str, tuple[str, ...]]
    erhua: Mapping[str, tuple[str, ...]]
    neutral: Mapping[str, tuple[str, ...]]
    glides: Mapping[str, str]
    zero: Mapping[str, str]
    special: tuple[SpecialFinal, ...] = ()

    def phones(self, syllable: Syllable) -> tuple[str, ...]:
        """The tokens of one syllable, the nucleus with stress and tone marks unless neutral.

        Raises:
            NotationError: the dialect has no such initial, final or tone.
        """
        return _phones(self, syllable)

    def _spell_out(self, syllable: Syllable) -> tuple[str, ...]:
        onset = self._onset(syllable)
        rhyme = self._rhyme(syllable)
        if not onset and not rhyme[0].endswith(("\u0329", "\u030d")):
            opening = rhyme[0] in self.glides.values()
            onset = () if opening else (self.zero.get(rhyme[0], "∅"),)
        nucleus = next((i for i, p in enumerate(rhyme) if p in _VOWELS), None)
        if nucleus is None:
            raise NotationError(f"{syllable} has no vowel in {self.dialect.code}: {rhyme}")
        marked = list(rhyme)
        short = syllable.is_checked and _RHOTIC.isdisjoint(rhyme)
        if syllable.neutral:
            marked[nucleus] = make_token(rhyme[nucleus], short=short)
        else:
            marked[nucleus] = make_token(rhyme[nucleus], "ˈ", self._marks(syllable), short)
        return (*onset, *marked)

    def _marks(self, syllable: Syllable) -> str:
        try:
            return self.dialect.tone(syllable.tone).marks
        except KeyError:
            allowed = ", ".join(str(t.number) for t in self.dialect.tones)
            raise NotationError(
                f"{syllable}: {self.dialect.code} has no tone {syllable.tone}; it has {allowed}"
            ) from None

    def _onset(self, syllable: Syllable) -> tuple[str, ...]:
        initial = syllable.initial
        if initial == "":
            return ()
        palatal = initial + "i"
        if (
            syllable.final[0] in "iv"
            and syllable.final not in ("ih", "ihh")
            and palatal in self.initials
        ):
            return self.initials[palatal]
        if initial not in self.initials:
            allowed = ", ".join(self.initials)
            raise NotationError(
                f"{syllable}: {self.dialect.code} has no initial {initial!r}; it has {allowed}"
            )
        return self.initials[initial]

    def _rhyme(self, syllable: Syllable) -> tuple[str, ...]:
        for rule in self.special:
            if rule.holds(syllable):
                return rule.phones
        rhotic = syllable.erhua and syllable.final != "er"
        table = self.erhua if rhotic else self.finals
        if syllable.neutral and not rhotic and syllable.open_final in self.neutral:
            return self.neutral[syllable.open_final]
        glide = self.glides.get(syllable.medial)
        for final in dict.fromkeys((syllable.final, syllable.open_final)):
            rhyme = final[len(syllable.medial) :]
            if final in table:
                return table[final]
            if glide is not None and rhyme in table:
                return (glide, *table[rhyme])
        allowed = ", ".join(table)
        raise NotationError(
            f"{syllable}: {self.dialect.code} has no final {syllable.final!r}; it has {allowed}"
        )


@lru_cache(maxsize=65536)
def _phones(segments: Segments, syllable: Syllable) -> tuple[str, ...]:
    """The tokens of one syllable; few syllables make all text."""
    return segments._spell_out(syllable)


def read_segments(dialect: Dialect, chain: tuple[Dialect, ...]) -> Segments:
    """Read the `segments` sections of a dialect and its parents (`chain`, eldest first).

    A dialect that gives a final anew does not inherit its neutral form.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    tables: dict[str, dict] = {k: {} for k in (*_LISTS, "glides", "zero")}
    special: list[SpecialFinal] = []
    for member in chain:
        section = Section(member.code, "segments", member.rules.get("segments", {}))
        section.only(*tables, "special")
        for final in section.texts("finals"):
            tables["neutral"].pop(final, None)
        for key in _LISTS:
            tables[key].update(section.phones(key))
        for key in ("glides", "zero"):
            tables[key].update(section.texts(key))
        for initial in section.texts("initials"):
            if initial.removesuffix("i") not in (*INITIALS, "hh"):
                allowed = ", ".join(INITIALS)
                raise section.error(f"initials.{initial}", f"unknown initial; allowed: {allowed}")
        if "special" in section:
            special = [_special(s) for s in section.sections("special")]
    return Segments(dialect, **tables, special=tuple(special))


def _special(section: Section) -> SpecialFinal:
    section.only("initial", "final", "phones", "erhua")
    return SpecialFinal(
        section.words("initial"),
        section.words("final"),
        section.phones_of("phones"),
        section.flag("erhua"),
    )
