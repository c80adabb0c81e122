"""Words of Taiwanese text and how each is read, with Mandarin words replaced."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

from diamoe.errors import NotationError
from diamoe.text.hokkien.numerals import NUMERALS, read_number
from diamoe.text.hokkien.tailo import parse_word

LONGEST = 6
_COUNTED = frozenset(NUMERALS + "幾每逐這那彼")
"""After these, 個 is a measure word and begins no word of its own."""
_NUMBER = re.compile(f"[{NUMERALS}]+")
_IDIOMS = frozenset(("千萬", "萬一"))
"""Numerals that are words of another meaning."""
_END = "end"
_GRAMMATICAL = frozenset(
    "pronoun demonstrative numeral adverb auxiliary question preposition conjunction possessive "
    "particle".split()
)


@dataclass(frozen=True)
class ReadWord:
    """One word with its syllables in Tâi-lô; `said` is the Taiwanese word behind a Mandarin one.

    `syllables` is empty where it cannot be read.
    """

    text: str
    said: str
    syllables: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Vocabulary:
    """What is known of words: `readings` in Tâi-lô, `classes`, Mandarin words and their Taiwanese.

    `mandarin` holds words that Taiwanese does not write; `ambiguous` holds words that mean
    something else in Taiwanese, replaced in Mandarin text only. A key of these or of `readings`
    may name the class of the next word, or the phrase's end (`不/adjective`). `evidence` are
    characters of Mandarin, `taiwanese` of Taiwanese.
    """

    readings: Mapping[str, str] = field(hash=False)
    classes: Mapping[str, str] = field(hash=False)
    mandarin: Mapping[str, str] = field(hash=False)
    ambiguous: Mapping[str, str] = field(hash=False)
    evidence: frozenset[str] = frozenset()
    taiwanese: frozenset[str] = frozenset()

    def is_mandarin(self, text: str) -> bool:
        """Whether a text is rather written in Mandarin, by the characters that only one writes."""
        for_it = sum(c in self.evidence for c in text)
        against = sum(c in self.taiwanese for c in text)
        return for_it > against

    def knows(self, word: str, mandarin: bool) -> bool:
        """Whether a word is in a list or in the dictionary."""
        return (
            word in self.readings
            or word in self.mandarin
            or (mandarin and word in self.ambiguous)
            or word in _dictionary()
        )

    def class_of_sound(self, romanised: str) -> str:
        """The class of the listed word that sounds like this, empty where there is none."""
        return self._sounds.get(romanised, "")

    @cached_property
    def _sounds(self) -> Mapping[str, str]:
        sounds: dict[str, str] = {}
        for word, kind in self.classes.items():
            sounds.setdefault(" ".join(self.look_up(word).syllables), kind)
        return sounds

    def segment(self, phrase: str, mandarin: bool = False) -> list[str]:
        """The words of a phrase of characters: as few as possible, numbers in one piece."""
        inside = {
            i for m in _NUMBER.finditer(phrase) for i in range(m.start() + 1, m.end())
        }  # places within a number, where no word may begin or end
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(phrase) + 1):
            options = [
                (best[start][0] + self._cost(phrase[start:end], mandarin, phrase[:start]), start)
                for start in range(max(0, end - LONGEST), end)
                if start not in inside
            ]
            number = _NUMBER.search(phrase, self._number_start(phrase, end))
            if number is not None and number.end() == end:
                options.append((best[number.start()][0] + 0.9, number.start()))
            best.append((float("inf"), 0) if end in inside else min(options))
        words, end = [], len(phrase)
        while end:
            start = best[end][1]
            words.append(phrase[start:end])
            end = start
        return words[::-1]

    @staticmethod
    def _number_start(phrase: str, end: int) -> int:
        start = end
        while start and phrase[start - 1] in NUMERALS:
            start -= 1
        return start

    def _cost(self, word: str, mandarin: bool, before: str) -> float:
        if len(word) > 1 and word[0] in "個个" and before[-1:] in _COUNTED:
            return float("inf")
        return _cost(self, word, mandarin)

    def is_compound(self, word: str) -> bool:
        """Whether it is a word of Mandarin without grammatical words in it (視頻, but not 有人)."""
        return not any(
            c in NUMERALS
            or c in self.ambiguous
            or c in self.mandarin
            or self.classes.get(c) in _GRAMMATICAL
            for c in word
        ) and bool(mandarin_tag(word))

    def read(self, words: Sequence[str], mandarin: bool) -> list[ReadWord]:
        """Read the words of one phrase.

        A Mandarin word may give several; one that Taiwanese leaves out (們) joins the word before.
        """
        read: list[ReadWord] = []
        for i, word in enumerate(words):
            before, after = "".join(words[:i]), "".join(words[i + 1 :])
            if _NUMBER.fullmatch(word) and word not in _IDIOMS:
                syllables = tuple(read_number(word, before, after))
                read.append(ReadWord(word, word, syllables, "numerals"))
                continue
            following = self._class_of(words[i + 1]) if i + 1 < len(words) else _END
            target = self._taiwanese(word, following, mandarin)
            if target is None:
                read.append(self.look_up(word, following))
                continue
            if not target and read:
                read[-1] = replace(read[-1], text=read[-1].text + word)
            parts = [p for part in target.split() for p in self.segment(part)]
            for part in parts:
                found = self.look_up(part)
                text = word if len(parts) == 1 else part
                source = f"Mandarin {word} → {target}; {found.source}"
                read.append(ReadWord(text, part, found.syllables, source))
        return read

    def can_read(self, word: str, mandarin: bool) -> bool:
        """Whether a word has a reading."""
        return all(found.syllables for found in self.read([word], mandarin))

    def _class_of(self, word: str) -> str:
        return "numeral" if _NUMBER.fullmatch(word) else self.classes.get(word, "")

    def _taiwanese(self, word: str, following: str, mandarin: bool) -> str | None:
        if mandarin:
            specific = self.ambiguous.get(f"{word}/{following}")
            if specific is not None or word in self.ambiguous:
                return specific or self.ambiguous[word]
        return self.mandarin.get(word)

    def look_up(self, word: str, following: str = "") -> ReadWord:
        """Read one word by the lists and the dictionary, without syllables if it has none.

        `following` is the class of the next word, or `end`.
        """
        for key in (f"{word}/{following}", word):
            if key in self.readings:
                source = f"hokkien.yaml words.readings.{key}"
                return ReadWord(word, word, _parsed(self.readings[key]), source)
        entry = _parsed(_dictionary().get(word, ""))
        if entry:
            return ReadWord(word, word, entry, "taibun")
        literary = _characters().get(word)
        if literary:
            return ReadWord(word, word, _parsed(literary[0].split("/")[0]), "taibun, by character")
        if self.is_compound(word) and all(c in _in_compounds() for c in word):
            syllables = tuple(s for c in word for s in _parsed(_in_compounds()[c]))
            return ReadWord(word, word, syllables, "taibun, by character as in other words")
        parts = [self.look_up(c) for c in word] if len(word) > 1 else []
        if parts and all(part.syllables for part in parts):
            syllables = tuple(s for part in parts for s in part.syllables)
            return ReadWord(word, word, syllables, "by character")
        return ReadWord(word, word, (), "")


@lru_cache(maxsize=200_000)
def _cost(vocabulary: Vocabulary, word: str, mandarin: bool) -> float:
    """What a word adds to the cost of a segmentation: a listed word a little less than another."""
    listed = word in vocabulary.classes or (mandarin and word in vocabulary.ambiguous)
    known = vocabulary.knows(word, mandarin)
    if len(word) == 1:
        return 0.95 if listed else 1.0 if known else 1.5
    if word in vocabulary.mandarin or word in vocabulary.readings:
        return 1.0 - 0.03 * len(word)
    if known or listed:
        return 1.0 - 0.02 * len(word)
    return 0.65 * len(word) if vocabulary.is_compound(word) else float("inf")


@lru_cache(maxsize=65536)
def _parsed(romanised: str) -> tuple[str, ...]:
    try:
        return tuple(map(str, parse_word(romanised)))
    except NotationError:  # no entry, or one with a misprint
        return ()


def _dictionary() -> Mapping[str, str]:
    from taibun import taibun

    words: Mapping[str, str] = taibun.word_dict
    return words


def _characters() -> Mapping[str, list[str]]:
    from taibun import taibun

    characters: Mapping[str, list[str]] = taibun.prons_dict
    return characters


@lru_cache(maxsize=1)
def _in_compounds() -> Mapping[str, str]:
    """How each character is mostly read inside the dictionary's words: mostly its literary reading.

    A character alone has its colloquial reading more often.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for word, romanised in _dictionary().items():
        parts = romanised.lower().split("-")
        if len(word) == len(parts) > 1:
            for character, part in zip(word, parts, strict=True):
                counts[character][part] += 1
    return {character: found.most_common(1)[0][0] for character, found in counts.items()}


@lru_cache(maxsize=65536)
def mandarin_tag(word: str) -> str:
    """The tag of the Mandarin word that is written the same, empty where there is none."""
    from taibun import taibun

    return _tags().get("".join(taibun.simp_dict.get(c, c) for c in word), "")


@lru_cache(maxsize=1)
def _tags() -> Mapping[str, str]:
    """The first letter of each word's tag in jieba's dictionary."""
    spec = find_spec("jieba")
    assert spec is not None and spec.submodule_search_locations is not None
    text = Path(spec.submodule_search_locations[0], "dict.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^(\S+) \d+ ([a-z])", text, re.MULTILINE))
