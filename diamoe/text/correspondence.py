"""From a Mandarin syllable and its historical class to a dialect's syllable, by rules.

Rules are tried in order and each sees what the ones before it made. A rule is
`{when: {...}, to: {...}}`. All conditions must hold. `mandarin_*` conditions look at the syllable
as it was before any rule; the others at what it has become.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from diamoe.text.dialect import Dialect
from diamoe.text.history import Ancestry
from diamoe.text.schema import Section
from diamoe.text.syllable import Syllable

_TEXT_KEYS = (
    *("initial", "final", "medial", "rhyme", "mandarin_initial", "mandarin_final"),
    *("onset", "coda", "jyutping_initial", "jyutping_final"),
)
_NUMBER_KEYS = ("tone", "mandarin_tone")
_CONDITIONS = (*_TEXT_KEYS, *_NUMBER_KEYS, "checked", "characters", "except")
_HISTORICAL = frozenset(["onset", "coda", "jyutping_initial", "jyutping_final", "checked"])


@dataclass(frozen=True)
class Condition:
    """The left side of a rule; an empty one always holds."""

    texts: tuple[tuple[str, frozenset[str]], ...] = ()
    numbers: tuple[tuple[str, frozenset[int]], ...] = ()
    checked: bool | None = None
    characters: frozenset[str] = frozenset()
    exceptions: frozenset[str] = frozenset()

    def holds(self, now: Syllable, was: Syllable, past: Ancestry | None, character: str) -> bool:
        """Whether the rule applies; a historical condition never holds without a class."""
        if self.characters and character not in self.characters:
            return False
        if character in self.exceptions:
            return False
        if self.checked is not None and (past is None or past.checked != self.checked):
            return False
        return all(_text(k, now, was, past) in v for k, v in self.texts) and all(
            (was if k == "mandarin_tone" else now).tone in v for k, v in self.numbers
        )


def _text(key: str, now: Syllable, was: Syllable, past: Ancestry | None) -> str | None:
    if key in _HISTORICAL:
        return None if past is None else getattr(past, key.removeprefix("jyutping_"))
    if key.startswith("mandarin_"):
        return getattr(was, key.removeprefix("mandarin_"))
    return getattr(now, key)


@dataclass(frozen=True)
class Rule:
    """One correspondence: `initial` and `final` are maps, with `*` for every other value.

    `name` says what it does and where in the dialect's file it stands.
    """

    when: Condition
    initial: Mapping[str, str]
    final: Mapping[str, str]
    tone: Mapping[int, int]
    name: str = ""

    def apply(self, s: Syllable) -> Syllable:
        """The syllable changed; a neutral one gets a tone only where `tone` maps 0 to it."""
        tone = self.tone.get(s.tone, self.tone.get(-1, s.tone) if s.tone else 0)
        return s.change(
            initial=self.initial.get(s.initial, self.initial.get("*", s.initial)),
            final=self.final.get(s.final, self.final.get("*", s.final)),
            tone=tone,
            neutral=s.neutral and (s.tone != 0 or tone == 0),
        )


@dataclass(frozen=True, eq=False)
class Correspondence:
    """All rules of one dialect, in order; two are equal only if they are the same object."""

    rules: tuple[Rule, ...]

    @cached_property
    def historical(self) -> bool:
        """Whether any rule asks for the historical class."""
        return any(
            r.when.checked is not None or any(k in _HISTORICAL for k, _ in r.when.texts)
            for r in self.rules
        )

    def __call__(self, mandarin: Syllable, past: Ancestry | None, character: str) -> Syllable:
        """The dialect's syllable for one character."""
        return self.explain(mandarin, past, character)[0]

    def explain(
        self, mandarin: Syllable, past: Ancestry | None, character: str
    ) -> tuple[Syllable, tuple[str, ...]]:
        """The dialect's syllable for one character, and the names of the rules that made it."""
        now, names = mandarin, []
        for rule in self.rules:
            if rule.when.holds(now, mandarin, past, character):
                changed = rule.apply(now)
                if changed != now:
                    names.append(rule.name)
                now = changed
        return now, tuple(names)


def read_correspondence(dialect: Dialect) -> Correspondence:
    """Read the `correspondences` of a dialect's file.

    Raises:
        DialectFileError: a key is unknown or has a value of the wrong kind.
    """
    top = Section(dialect.code, "", dialect.rules)
    return Correspondence(tuple(_rule(s) for s in top.sections("correspondences")))


def _rule(section: Section) -> Rule:
    section.only("when", "to", "note")
    to = section.section("to")
    to.only("initial", "final", "tone")
    tone = to.data.get("tone", {})
    tones = {-1: tone} if isinstance(tone, int) else tone
    if not isinstance(tones, Mapping) or not all(
        isinstance(k, int) and isinstance(v, int) for k, v in tones.items()
    ):
        raise to.error("tone", f"expected a number or a map of numbers, found {tone!r}")
    return Rule(
        _condition(section.section("when")),
        _mapping(to, "initial"),
        _mapping(to, "final"),
        tones,
        _describe(section),
    )


def _describe(section: Section) -> str:
    """Place and content of a rule on one short line."""
    if "note" in section:
        return f"{section.path}: {section.text('note')}"
    when = ", ".join(f"{k} {_short(v)}" for k, v in section.section("when").data.items())
    to = ", ".join(f"{k} {_short(v)}" for k, v in section.section("to").data.items())
    return f"{section.path}: {when or 'always'} ⇒ {to}"


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        text = " ".join(f"{k}→{v}" for k, v in value.items())
    else:
        text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 24 else text[:23] + "…"


def _mapping(section: Section, key: str) -> dict[str, str]:
    if isinstance(section.data.get(key), str):
        return {"*": section.text(key)}
    return section.texts(key)


def _condition(section: Section) -> Condition:
    section.only(*_CONDITIONS)
    return Condition(
        texts=tuple((k, frozenset(section.words(k))) for k in _TEXT_KEYS if k in section),
        numbers=tuple((k, frozenset(section.numbers(k))) for k in _NUMBER_KEYS if k in section),
        checked=section.flag("checked") if "checked" in section else None,
        characters=frozenset(section.text("characters", "")),
        exceptions=frozenset(section.text("except", "")),
    )
