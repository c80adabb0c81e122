"""Tone sandhi by rules: in which words and before what a syllable changes its tone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from diamoe.text.dialect import Dialect
from diamoe.text.feet import closeness
from diamoe.text.ordinals import ordinal_places
from diamoe.text.schema import Section
from diamoe.text.syllable import Syllable

_KEYS = (
    *("tone", "before", "becomes", "characters", "domain", "order", "neutral", "final"),
    *("reduplicated", "note"),
)
DOMAINS = ("word", "clitic", "group", "phrase")
ORDERS = ("rightward", "leftward", "feet")
REDUPLICATED = {"no": None, "plain": "", "rhotic": "儿"}
"""What follows the repeated character: 盘盘 is plain, 慢慢儿 rhotic."""


@dataclass(frozen=True)
class Beat:
    """One syllable as sandhi sees it: its character, and the place of its word in the phrase.

    `word` numbers the words of the phrase, `size` counts the syllables of this word. A `fixed`
    syllable keeps its tone; an `ordinal` one is 一 as a digit or ordinal, which no rule about
    characters changes.
    """

    character: str
    syllable: Syllable
    word: int
    size: int
    fixed: bool = False
    ordinal: bool = False

    @property
    def tone(self) -> str:
        """The tone as an explanation names it."""
        return "neutral" if self.syllable.neutral else str(self.syllable.tone)


@dataclass(frozen=True)
class Changed:
    """A syllable after sandhi and the rule that changed it; an empty `rule` changed nothing."""

    syllable: Syllable
    rule: str = ""


@dataclass(frozen=True)
class SandhiRule:
    """`tone` (of one of `characters`, if given) becomes `becomes` before one of `before`.

    With two tones in `becomes` the next syllable changes too. `domain` says where: `word` inside
    one word; `clitic` also from a one-syllable word to the next; `group` also where the second
    word has one syllable; `phrase` between any two. `neutral` extends `before` to neutral
    syllables, `final` to the end of the phrase. `reduplicated` limits the rule to a character that
    is repeated, `plain` or `rhotic`.
    """

    tone: tuple[int, ...]
    before: tuple[int, ...]
    becomes: tuple[int, ...]
    characters: frozenset[str]
    domain: str
    order: str
    neutral: bool
    final: bool
    reduplicated: str = "no"

    def holds(self, here: Beat, right: Beat | None) -> bool:
        """Whether `here` changes before `right`."""
        s = here.syllable
        if here.fixed or s.neutral or (self.tone and s.tone not in self.tone):
            return False
        if self.characters and (here.ordinal or here.character not in self.characters):
            return False
        if right is None:
            return self.final
        if not self._joined(here, right):
            return False
        ending = REDUPLICATED[self.reduplicated]
        if ending is not None and right.character != here.character + ending:
            return False
        if right.syllable.neutral:
            return self.neutral
        return right.syllable.tone in self.before and not (len(self.becomes) > 1 and right.fixed)

    def _joined(self, here: Beat, right: Beat) -> bool:
        if here.word == right.word or self.domain == "phrase":
            return True
        if self.domain == "clitic":
            return here.size == 1
        return self.domain == "group" and 1 in (here.size, right.size)


@dataclass(frozen=True)
class Sandhi:
    """All rules of one dialect. Neighbouring rules of one `order` make one pass over a phrase.

    Each pass looks at every pair of syllables once, and the first of its rules that holds for
    the tones of that moment decides. `rightward` and `leftward` go from pair to pair; `feet`
    takes the pairs inside feet first, then those inside words, then the others, so that
    展览馆 becomes 2-2-3 and 小老虎 3-2-3.
    """

    rules: tuple[SandhiRule, ...]

    def __call__(self, beats: Sequence[Beat]) -> list[Changed]:
        """The syllables of one phrase, changed."""
        now = _with_ordinals(beats)
        notes: list[list[str]] = [[] for _ in beats]
        for order, rules in groupby(self.rules, lambda rule: rule.order):
            _pass(tuple(rules), order, now, notes)
        return [
            Changed(beat.syllable, ", ".join(note)) for beat, note in zip(now, notes, strict=True)
        ]


def _pass(
    rules: tuple[SandhiRule, ...], order: str, now: list[Beat], notes: list[list[str]]
) -> None:
    """Change the beats `now` by one pass of rules; `notes` say what changed."""
    todo = [i for i, beat in enumerate(now) if _may_change(rules, now, i, beat)]
    for i in _visits(order, todo, now):
        here = now[i]
        right = now[i + 1] if i + 1 < len(now) else None
        rule = next((rule for rule in rules if rule.holds(here, right)), None)
        if rule is None:
            continue
        place = f"before {right.tone}" if right else "at the end"
        _change(now, notes, i, rule.becomes[0], place)
        if right is not None and len(rule.becomes) > 1:
            _change(now, notes, i + 1, rule.becomes[1], f"after {here.tone}")


def _may_change(rules: tuple[SandhiRule, ...], now: list[Beat], i: int, beat: Beat) -> bool:
    """Whether a rule asks for this tone and character at all."""
    return any(
        (not rule.tone or beat.syllable.tone in rule.tone or len(rule.becomes) > 1)
        and (not rule.characters or beat.character in rule.characters)
        for rule in rules
    )


def _visits(order: str, todo: list[int], now: list[Beat]) -> list[int]:
    """The places of a pass in their order."""
    if order == "leftward":
        return todo[::-1]
    if order == "rightward" or len(todo) < 2:
        return todo
    bound = [*closeness(_words(now)), 4]
    return sorted(todo, key=lambda i: bound[i])


def _words(beats: Sequence[Beat]) -> list[str]:
    """The words of a phrase, one character a syllable."""
    grouped = groupby(beats, lambda beat: beat.word)
    return ["".join(beat.character[0] for beat in group) for _, group in grouped]


def _with_ordinals(beats: Sequence[Beat]) -> list[Beat]:
    """The beats, those of an ordinal 一 marked."""
    now = list(beats)
    if any(beat.character == "一" for beat in beats):
        for i in ordinal_places(_words(beats)):
            now[i] = replace(now[i], ordinal=True)
    return now


def _change(now: list[Beat], notes: list[list[str]], i: int, tone: int, place: str) -> None:
    syllable = now[i].syllable
    if syllable.tone != tone:
        notes[i].append(f"{syllable.tone}→{tone} {place}")
        now[i] = replace(now[i], syllable=syllable.change(tone=tone))


def read_sandhi(dialect: Dialect) -> Sandhi:
    """Read the `sandhi` of a dialect's file.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    return Sandhi(tuple(_rule(s, dialect) for s in top.sections("sandhi")))


def _rule(section: Section, dialect: Dialect) -> SandhiRule:
    section.only(*_KEYS)
    becomes = section.numbers("becomes")
    tones = {t.number for t in dialect.tones}
    if len(becomes) not in (1, 2) or not tones.issuperset(becomes):
        raise section.error(
            "becomes", f"expected one or two tones of {dialect.code}, found {becomes}"
        )
    return SandhiRule(
        tone=section.numbers("tone"),
        before=section.numbers("before"),
        becomes=becomes,
        characters=frozenset(section.text("characters", "")),
        domain=_choice(section, "domain", DOMAINS),
        order=_choice(section, "order", ORDERS),
        neutral=section.flag("neutral"),
        final=section.flag("final"),
        reduplicated=_choice(section, "reduplicated", tuple(REDUPLICATED)),
    )


def _choice(section: Section, key: str, allowed: tuple[str, ...]) -> str:
    """One of some words; the first where absent."""
    value = section.text(key, allowed[0])
    if value not in allowed:
        raise section.error(key, f"unknown {value!r}; allowed: {', '.join(allowed)}")
    return value
