"""Readings by rule: from a Mandarin syllable, with the Cantonese one as second witness.

Voicing comes from the Cantonese register, short finals from its stops, and each Mandarin final
is divided by the Cantonese one, which keeps the Middle Chinese rhymes apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from diamoe.text.history import Ancestry
from diamoe.text.schema import Section
from diamoe.text.shanghai.syllable import FINALS, WuSyllable
from diamoe.text.syllable import Syllable

_CLEAR = {"b": "p", "p": "ph", "d": "t", "t": "th", "g": "k", "k": "kh", "f": "f", "h": "h"}
_CLEAR |= {"j": "c", "q": "ch", "x": "sh", "zh": "ts", "ch": "tsh", "sh": "s"}
_CLEAR |= {"z": "ts", "c": "tsh", "s": "s", "m": "mh", "n": "nh", "l": "lh", "r": "lh"}
_MUDDY = {"b": "b", "p": "b", "d": "d", "t": "d", "g": "g", "k": "g", "f": "v", "h": "gh"}
_MUDDY |= {"j": "j", "q": "j", "x": "gh"} | dict.fromkeys(("zh", "ch", "sh", "z", "c", "s"), "z")
_MUDDY |= {"m": "m", "n": "n", "l": "l", "r": "z"}
_SONORANTS = frozenset(("m", "n", "l", "r"))
_BACKED = {"c": "k", "ch": "kh", "sh": "h", "j": "g"}
_OPEN = frozenset(("o", "a", "oe", "oq", "aq", "er"))
SHARP = "sharp"
"""The class of Mandarin j q x that come from z c s, as Cantonese still has them."""


@dataclass(frozen=True, eq=False)
class WuRules:
    """`finals[mandarin final]` maps a Cantonese final to the Shanghainese one.

    A key may be limited to Mandarin initials (`aa/b p m`); `q` stands for any final in a stop
    and `*` for any other.
    """

    finals: Mapping[str, Mapping[str, str]]

    def read(self, mandarin: Syllable, past: Ancestry | None) -> WuSyllable:
        """The citation form of one character."""
        group = _group(mandarin, past)
        final = self._final(mandarin.final, group, past)
        muddy = _is_muddy(mandarin, past, final.endswith("q"))
        initial = _initial(mandarin, past, group, final, muddy)
        if initial == "v" and final[0] == "u" and final != "u":
            final = final[1:]
        return WuSyllable(initial, final).with_tone(rising=mandarin.tone != 1)

    def _final(self, mandarin: str, group: str, past: Ancestry | None) -> str:
        table = self.finals.get(mandarin, {})
        cantonese = past.final if past else "*"
        checked = past is not None and past.checked
        for name in (cantonese, "q" if checked else "*", "*"):
            found = table.get(f"{name}/{group}") or table.get(name)
            if found:
                return found
        return "u"


def explain(mandarin: Syllable, past: Ancestry | None) -> str:
    """What a reading by rule was made from."""
    cantonese = f", Cantonese {past.initial}{past.final}" if past else ""
    return f"by rule: Mandarin {mandarin}{cantonese}"


def _group(mandarin: Syllable, past: Ancestry | None) -> str:
    if mandarin.initial in ("j", "q", "x") and past and past.initial in ("z", "c", "s"):
        return SHARP
    if mandarin.initial == "" and past and past.initial in ("m", "ng"):
        return past.initial
    if mandarin.initial == "" and past and past.initial + past.final == "ng":
        return "ng"
    return mandarin.initial or "0"


def _is_muddy(mandarin: Syllable, past: Ancestry | None, checked: bool) -> bool:
    if mandarin.initial in _SONORANTS:
        return mandarin.tone != 1 or checked
    if not checked and (mandarin.tone in (1, 2) or (mandarin.tone == 3 and mandarin.initial)):
        return mandarin.tone == 2
    return past.muddy if past else False


def _initial(mandarin: Syllable, past: Ancestry | None, group: str, final: str, muddy: bool) -> str:
    name = mandarin.initial
    if name == "":
        return _zero(group, final, muddy)
    if name == "r":
        return _from_r(final)
    if name == "n" and final[0] == "i":
        return "gn" if muddy else "kn"
    if group == SHARP:
        return _CLEAR[name] if not muddy else "j" if mandarin.final == "ing" else "zh"
    initial = (_MUDDY if muddy else _CLEAR).get(name, "")
    if name in ("j", "q") and muddy and past and past.initial == "h":
        initial = "gh"
    return initial if final[0] == "i" else _BACKED.get(initial, initial)


def _from_r(final: str) -> str:
    if final == "ion":
        return "gh"
    return "gn" if final[0] == "i" else "z"


def _zero(group: str, final: str, muddy: bool) -> str:
    if group == "m" and muddy and final != "u":
        return "v"
    if group == "ng" and muddy:
        return "gn" if final[0] == "i" else "ng"
    return "gh" if muddy and (final[0] in "iu" or final in _OPEN) else ""


def read_rules(section: Section) -> WuRules:
    """Read the `finals` of the dialect's file.

    Raises:
        DialectFileError: a value is no Shanghainese final.
    """
    finals: dict[str, dict[str, str]] = {}
    for mandarin in section.data:
        table: dict[str, str] = {}
        for key, final in section.texts(str(mandarin)).items():
            if final not in FINALS:
                raise section.error(f"{mandarin}.{key}", f"no final {final!r} in Shanghainese")
            name, _, groups = key.partition("/")
            keys = [f"{name}/{group}" for group in groups.split()] if groups else [name]
            table.update(dict.fromkeys(keys, final))
        finals[str(mandarin)] = table
    return WuRules(finals)
