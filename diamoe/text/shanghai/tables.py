"""The spelling of the linguists' Shanghai tables, in ours.

Their letters double for muddy sounds (`ssang3` is our `zaon3`), and their tone numbers go on
with the levels of sandhi (6 is 31, 7 is 33, 8 is 22, 9 is 44, 10 toneless, 11 to 13 as ours).
"""

import re
from dataclasses import replace

from diamoe.errors import NotationError
from diamoe.text.shanghai.syllable import WuSyllable

_INITIALS = {
    "b": "p", "p": "ph", "bb": "b", "m": "mh", "mm": "m", "f": "f", "ff": "v", "d": "t", "t": "th",
    "dd": "d", "n": "nh", "nn": "n", "l": "lh", "ll": "l", "z": "ts", "c": "tsh", "zz": "dz",
    "s": "s", "ss": "z", "j": "c", "q": "ch", "jj": "j", "x": "sh", "xx": "zh", "g": "k", "k": "kh",
    "gg": "g", "ng": "nk", "nng": "ng", "h": "h", "hh": "gh", "y": "", "yy": "gh", "w": "",
    "ww": "gh", "": "",
}  # fmt: skip
_FINALS = {
    "i": "i", "u": "u", "v": "iu", "a": "a", "ia": "ia", "ua": "ua", "o": "o", "uo": "o",
    "oa": "au", "ioa": "iau", "e": "eu", "i_e": "ieu", "ee": "e", "ie": "ie", "uee": "ue",
    "oe": "oe", "uoe": "ioe", "voe": "ioe", "ui": "uei", "an": "an", "i_an": "ian", "uan": "uan",
    "ang": "aon", "iang": "iaon", "uang": "uaon", "eng": "en", "ueng": "uen", "in": "in",
    "un": "iun", "vn": "iun", "ong": "on", "iong": "ion", "ah": "aq", "iah": "iaq", "uah": "uaq",
    "oh": "oq", "uoh": "oq", "ioh": "ioq", "eh": "eq", "ueh": "ueq", "ieh": "iq", "veh": "iuq",
    "er": "er",
}  # fmt: skip
_AFTER_Y = {
    "i": "i", "in": "in", "u": "iu", "un": "iun", "a": "ia", "oa": "iau", "_e": "ieu", "_an": "ian",
    "ang": "iaon", "ong": "ion", "ah": "iaq", "oh": "ioq", "eh": "iq", "ueh": "iuq", "uoe": "ioe",
    "o": "io", "e": "ie",
}  # fmt: skip
_AFTER_W = {
    "u": "u", "a": "ua", "ee": "ue", "oe": "uoe", "an": "uan", "ang": "uaon", "eng": "uen",
    "ah": "uaq", "eh": "ueq",
}  # fmt: skip
_AFTER_PALATAL = {"u": "iu", "ueh": "iuq"}
_SYLLABIC = {"m": ("", "m"), "n": ("", "n"), "ng": ("", "ng"), "hm": ("h", "m"), "hn": ("h", "n")}
_SYLLABIC |= {"mm": ("gh", "m"), "nn": ("gh", "n"), "nng": ("gh", "ng"), "hng": ("h", "ng")}
_TONES = {**{n: n for n in (0, 1, 2, 3, 4, 5, 11, 12, 13)}, 6: 16, 7: 14, 8: 15, 9: 17, 10: 0}
_LABIALS = frozenset(("p", "ph", "b", "mh", "m", "f", "v", "gh", ""))
_MERGING = frozenset(("b", "d", "g", "dz", "z", "j", "zh", "v", "gh"))
_CODE = re.compile(
    r"^(nng|bb|dd|gg|zz|ss|jj|xx|hh|ff|mm|ng|nn|ll|yy|ww|[bpdtgkzcsjqxhfmnlyw]|)(.*)$"
)


def parse_table(code: str) -> str:
    """One syllable of the tables in our spelling.

    >>> parse_table("ssang3"), parse_table("he10"), parse_table("nng_3"), parse_table("jueh4")
    ('zaon3', 'heu0', 'ng3', 'ciuq4')

    Raises:
        NotationError: it is none, or a sound that our spelling does not have.
    """
    match = re.match(r"^([a-z_]+?)_?(\d*)$", code)
    if match is None:
        raise NotationError(f"{code!r} is not a syllable of the Shanghai tables")
    syllable = _parse(match[1], code)
    if not match[2]:
        return str(syllable)
    tone = _TONES.get(int(match[2]))
    if tone is None or (tone in (1, 2, 3, 4, 5) and (tone > 3) != syllable.checked):
        raise NotationError(f"{code!r}: a syllable like it has no tone {match[2]}")
    return str(replace(syllable, tone=tone))


def _parse(body: str, code: str) -> WuSyllable:
    if body in _SYLLABIC:
        return WuSyllable(*_SYLLABIC[body])
    match = _CODE.match(body)
    assert match is not None
    letters, rest = match.groups()
    initial, final = _INITIALS[letters], _final(letters, rest)
    short_round = rest in ("o", "oh") and initial not in _LABIALS
    merged = final in ("an", "ian", "uan") and initial in _MERGING
    if not final or short_round or merged:
        raise NotationError(f"{code!r}: our spelling has no syllable for it")
    if final[0] == "i":
        initial = {"n": "gn", "nh": "kn"}.get(initial, initial)
    return WuSyllable(initial, final)


def _final(letters: str, rest: str) -> str:
    if letters in ("y", "yy"):
        return _AFTER_Y.get(rest, "")
    if letters in ("w", "ww"):
        return _AFTER_W.get(rest, "")
    if letters in ("j", "q", "jj", "x", "xx") and rest in _AFTER_PALATAL:
        return _AFTER_PALATAL[rest]
    if letters in ("z", "c", "s", "zz", "ss") and rest == "i":
        return "y"
    return _FINALS.get(rest, "")
