"""Tone groups: which syllables keep their citation tone, and what becomes of the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diamoe.text.dialect import Dialect
from diamoe.text.hokkien.tailo import Tailo, parse_tailo
from diamoe.text.hokkien.words import mandarin_tag
from diamoe.text.schema import Section

CLASSES = (
    "pronoun demonstrative time noun place numeral classifier adjective adverb auxiliary verb "
    "preposition conjunction possessive localiser direction particle question other"
).split()


@dataclass(frozen=True)
class Beat:
    """One word as tone groups see it; `syllables` holds None for a sound that is given outright.

    `ends` is the writer's own mark that a group ends here. `has_object` is a verb with its object,
    which ends a group before what a noun does.
    """

    said: str
    kind: str
    syllables: tuple[Tailo | None, ...]
    ends: bool = False
    has_object: bool = False


@dataclass(frozen=True)
class ToneGroups:
    """The tone changes of one accent, and where groups end.

    `changes` is what a tone becomes before another syllable of its group (`4h`: with a glottal
    stop), `before_a` before the suffix 仔, `triple` on the first of three like syllables.
    `ends_before` lists, for each class of words, the classes that its words end a group before;
    `*` is every word.
    """

    changes: Mapping[str, int] = field(hash=False)
    before_a: Mapping[str, int] = field(hash=False)
    triple: Mapping[str, int] = field(hash=False)
    ends_before: Mapping[str, frozenset[str]] = field(hash=False)

    def __call__(self, beats: Sequence[Beat], question: bool = False) -> list[list[Tailo | None]]:
        """The syllables of one phrase after sandhi; `question` says that `？` follows it."""
        weak = self._neutral(beats, question)
        flat = [
            (w, s.to(0) if s is not None and weak[w] else s)
            for w, beat in enumerate(beats)
            for s in beat.syllables
        ]
        spoken: list[list[Tailo | None]] = [[] for _ in beats]
        for i, (w, syllable) in enumerate(flat):
            after = flat[i + 1][1] if i + 1 < len(flat) else None
            last = i + 1 == len(flat) or flat[i + 1][0] != w
            keeps = i + 1 == len(flat) or (last and self._ends(beats, w))
            if syllable is None or syllable.tone == 0 or keeps or (after and after.tone == 0):
                spoken[w].append(syllable)
            else:
                place = len(spoken[w])
                spoken[w].append(self._changed(beats[w], place, [s for _, s in flat[i : i + 3]]))
        return spoken

    def _changed(self, beat: Beat, place: int, ahead: Sequence[Tailo | None]) -> Tailo:
        syllable = ahead[0]
        assert syllable is not None
        if len(ahead) == 3 and ahead[0] == ahead[1] == ahead[2]:
            return _apply(self.triple, syllable, self.changes)
        suffix = place + 1 < len(beat.syllables) and beat.said[place + 1 : place + 2] == "仔"
        if suffix and ahead[1] == _SUFFIX:
            return _apply(self.before_a, syllable, self.changes)
        return _apply(self.changes, syllable, self.changes)

    def _ends(self, beats: Sequence[Beat], w: int) -> bool:
        beat = beats[w]
        if beat.ends or w + 1 == len(beats):
            return True
        before = self.ends_before.get("noun" if beat.has_object else beat.kind, frozenset())
        return "*" in before or beats[w + 1].kind in before

    @staticmethod
    def _neutral(beats: Sequence[Beat], question: bool) -> list[bool]:
        """Which words are neutral for their place: 的 and directions at the end, questions."""
        weak = [beat.kind == "particle" and w > 0 for w, beat in enumerate(beats)]
        last = len(beats) - 1
        while last > 0 and weak[last]:
            last -= 1
        if last > 0:
            kind, before = beats[last].kind, beats[last - 1].kind
            weak[last] = (
                (kind == "possessive" and before != "pronoun")
                or (kind == "direction" and before == "verb")
                or (kind == "question" and question and before != "conjunction")
            )
        return weak


_SUFFIX = parse_tailo("a2")


def _apply(changes: Mapping[str, int], syllable: Tailo, otherwise: Mapping[str, int]) -> Tailo:
    key = f"{syllable.tone}h" if syllable.glottal else str(syllable.tone)
    for table in (changes, otherwise):
        for name in (key, str(syllable.tone)):
            if name in table:
                return syllable.to(table[name])
    return syllable


def read_tone_groups(dialect: Dialect) -> ToneGroups:
    """Read the `sandhi` of the dialect's file.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    section = Section(dialect.code, "", dialect.rules).section("sandhi")
    section.only("accent", "accents", "before_a", "triple", "ends_before")
    accents = section.section("accents")
    accent = section.text("accent")
    if accent not in accents:
        allowed = ", ".join(map(str, accents.data))
        raise section.error("accent", f"unknown {accent!r}; allowed: {allowed}")
    ends = section.section("ends_before")
    ends.only(*CLASSES)
    for key in ends.data:
        unknown = set(ends.words(key)) - {*CLASSES, "*"}
        if unknown:
            raise ends.error(key, f"unknown {', '.join(sorted(unknown))}; allowed: {CLASSES} *")
    return ToneGroups(
        changes=_changes(accents, accent),
        before_a=_changes(section, "before_a"),
        triple=_changes(section, "triple"),
        ends_before={key: frozenset(ends.words(key)) for key in ends.data},
    )


def _changes(section: Section, key: str) -> dict[str, int]:
    """Changes written `1→7 4h→2`."""
    changes = {}
    for word in section.words(key):
        left, arrow, right = word.partition("→")
        if (
            not arrow
            or left.rstrip("h") not in tuple("123456789")
            or right not in tuple("123456789")
        ):
            raise section.error(key, f"expected changes like 1→7 or 4h→2, found {word!r}")
        changes[left] = int(right)
    return changes


_OF_TAGS = {
    "n": "noun", "t": "time", "s": "noun", "f": "localiser", "v": "verb", "a": "adjective",
    "z": "adjective", "d": "adverb", "p": "preposition", "c": "conjunction", "q": "classifier",
    "m": "numeral", "r": "pronoun", "i": "noun", "l": "noun", "b": "adjective",
}  # fmt: skip


_FIRST = ("adverb", "question", "auxiliary", "verb", "preposition")


def word_class(word: str, classes: Mapping[str, str]) -> str:
    """The class of a word: as listed, else as the Mandarin word that is written the same.

    A word that Mandarin does not have is what its first character is where that is a verb or
    stands before one (食飯, 攏是), else a noun, unless it has one character.

    >>> [word_class(w, {"食": "verb"}) for w in ("老師", "學習", "食飯", "厝邊", "佗")]
    ['noun', 'verb', 'verb', 'noun', 'other']
    """
    if word in classes:
        return classes[word]
    tag = mandarin_tag(word)
    if tag:
        return _OF_TAGS.get(tag, "other")
    if len(word) == 1:
        return "other"
    first = classes.get(word[0], "")
    return first if first in _FIRST and word[-1] != "仔" else "noun"
