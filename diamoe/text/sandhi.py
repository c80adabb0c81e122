"""Tone sandhi by rules: in which words and before what a syllable changes its tone."""

from collections.abc import Sequence
from dataclasses import dataclass

from diamoe.text.dialect import Dialect
from diamoe.text.schema import Section
from diamoe.text.syllable import Syllable

_KEYS = (
    *("tone", "before", "becomes", "characters", "domain", "neutral"),
    *("after_not", "before_not", "note"),
)
DOMAINS = ("word", "clitic", "group", "phrase")


@dataclass(frozen=True)
class Beat:
    """One syllable as sandhi sees it: its character, and the place of its word in the phrase.

    `word` numbers the words of the phrase, `size` counts the syllables of this word. A `fixed`
    syllable keeps its tone.
    """

    character: str
    syllable: Syllable
    word: int
    size: int
    fixed: bool = False


@dataclass(frozen=True)
class Changed:
    """A syllable after sandhi and the rule that changed it; an empty `rule` changed nothing."""

    syllable: Syllable
    rule: str = ""


@dataclass(frozen=True)
class SandhiRule:
    """`tone` (of one of `characters`, if given) becomes `becomes` before one of `before`.

    `domain` says where: `word` inside one word; `clitic` also from a one-syllable word to the
    next; `group` also where the second word has one syllable; `phrase` between any two.
    `neutral` extends `before` to neutral syllables. `after_not` and `before_not` hold characters
    that block the rule.
    """

    tone: tuple[int, ...]
    before: tuple[int, ...]
    becomes: int
    characters: frozenset[str]
    domain: str
    neutral: bool
    after_not: frozenset[str]
    before_not: frozenset[str]

    def holds(self, left: Beat | None, here: Beat, right: Beat) -> bool:
        """Whether `here` changes before `right`; `left` is the character before."""
        s = here.syllable
        if here.fixed or s.neutral or (self.tone and s.tone not in self.tone):
            return False
        if self.characters and here.character not in self.characters:
            return False
        if left is not None and left.character in self.after_not:
            return False
        if right.character in self.before_not or not self._joined(here, right):
            return False
        return self.neutral if right.syllable.neutral else right.syllable.tone in self.before

    def _joined(self, here: Beat, right: Beat) -> bool:
        if here.word == right.word or self.domain == "phrase":
            return True
        if self.domain == "clitic":
            return here.size == 1
        return self.domain == "group" and 1 in (here.size, right.size)


@dataclass(frozen=True)
class Sandhi:
    """All rules of one dialect; the first that holds for a syllable decides."""

    rules: tuple[SandhiRule, ...]

    def __call__(self, beats: Sequence[Beat]) -> list[Changed]:
        """The syllables of one phrase, changed; rules look at citation tones."""
        changed = [Changed(beat.syllable) for beat in beats]
        for i, (here, right) in enumerate(zip(beats, beats[1:], strict=False)):
            left = beats[i - 1] if i else None
            for rule in self.rules:
                if rule.holds(left, here, right):
                    tone = here.syllable.tone
                    syllable = here.syllable.change(tone=rule.becomes)
                    changed[i] = Changed(syllable, f"{tone}→{rule.becomes}")
                    break
        return changed


def read_sandhi(dialect: Dialect) -> Sandhi:
    """Read the `sandhi` of a dialect's file.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    return Sandhi(tuple(_rule(s, dialect) for s in top.sections("sandhi")))


def _rule(section: Section, dialect: Dialect) -> SandhiRule:
    section.only(*_KEYS)
    domain = section.text("domain", "word")
    if domain not in DOMAINS:
        raise section.error("domain", f"unknown {domain!r}; allowed: {', '.join(DOMAINS)}")
    becomes = section.numbers("becomes")
    if len(becomes) != 1 or becomes[0] not in {t.number for t in dialect.tones}:
        raise section.error("becomes", f"expected one tone of {dialect.code}, found {becomes}")
    return SandhiRule(
        tone=section.numbers("tone"),
        before=section.numbers("before"),
        becomes=becomes[0],
        characters=frozenset(section.text("characters", "")),
        domain=domain,
        neutral=section.flag("neutral"),
        after_not=frozenset(section.text("after_not", "")),
        before_not=frozenset(section.text("before_not", "")),
    )
