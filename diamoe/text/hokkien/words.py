"""Words of Taiwanese text and how each is read, with Mandarin words replaced."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from diamoe.errors import NotationError
from diamoe.text.hokkien.numerals import NUMERALS, read_number
from diamoe.text.hokkien.tailo import parse_word

LONGEST = 6
_NUMBER = re.compile(f"[{NUMERALS}]+")
_IDIOMS = frozenset(("千萬", "萬一"))
"""Numerals that are words of another meaning."""
_END = "end"


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
                (best[start][0] + self._cost(phrase[start:end], mandarin), start)
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

    def _cost(self, word: str, mandarin: bool) -> float:
        if len(word) == 1:
            common = word in self.classes or (mandarin and word in self.ambiguous)
            return 0.95 if common else 1.0 if self.knows(word, mandarin) else 1.5
        known = self.knows(word, mandarin) or word in self.classes
        return 1.0 - 0.02 * len(word) if known else float("inf")

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
        parts = [self.look_up(c) for c in word] if len(word) > 1 else []
        if parts and all(part.syllables for part in parts):
            syllables = tuple(s for part in parts for s in part.syllables)
            return ReadWord(word, word, syllables, "by character")
        return ReadWord(word, word, (), "")


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
