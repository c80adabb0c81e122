"""What the teacher says: everyday sentences, and strings of words that cover rare syllables.

The sentences lie beside this file; the first `TEST_SENTENCES` of a file are the test split of
its dialects and are never spoken in training. Word strings are drawn from jieba's dictionary, those
of a language that is not written in Chinese characters from its own training sentences.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

import numpy as np

from diamoe.errors import TextError
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PhoneSeq

FINAL_MARKS = ("。", "？", "！")
TEST_SENTENCES = 60
"""Sentences at the head of each file kept for the test split."""
LATIN = ("english", "french", "german", "dutch", "bildts")
"""Languages that are written in words with spaces between."""
FILES = {dialect: f"{dialect}.txt" for dialect in ("cantonese", *LATIN)}
"""Sentences of languages with a written form of their own, by dialect code; the other dialects
with tones read `mandarin.txt`."""
_POOL = 9000
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CHOICES = 6
_MARKS = str.maketrans("。？！", ".?!")


@dataclass(frozen=True)
class Rejected:
    """A text that the dialect's front-end could not read."""

    text: str
    reason: str


@lru_cache(maxsize=8)
def load_sentences(dialect: str) -> tuple[str, ...]:
    """All sentences for a dialect, as `FILES` says."""
    name = FILES.get(dialect, "mandarin.txt")
    text = (resources.files("corpus_tools.teacher") / name).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines()]
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def is_sayable(dialect: str) -> bool:
    """True for a dialect that the teacher has texts in: those with tones, and `FILES`."""
    return dialect in FILES or bool(load_dialect(dialect).tones)


def test_sentences(dialect: str) -> tuple[str, ...]:
    """The sentences of the test split."""
    return load_sentences(dialect)[:TEST_SENTENCES]


def train_sentences(dialect: str) -> tuple[str, ...]:
    """The sentences that may be spoken in training."""
    return load_sentences(dialect)[TEST_SENTENCES:]


def load_words(dialect: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Words that a dialect's word strings are made of, and their frequencies."""
    if dialect not in LATIN:
        return chinese_words()
    found = Counter(w for text in train_sentences(dialect) for w in _WORD.findall(text))
    return tuple(found), np.array([float(count) for count in found.values()])


@lru_cache(maxsize=1)
def chinese_words() -> tuple[tuple[str, ...], np.ndarray]:
    """Words of one to four Chinese characters in jieba's dictionary and their frequencies."""
    import jieba

    words: list[str] = []
    counts: list[float] = []
    with jieba.get_dict_file() as lines:
        for line in lines:
            word, count, kind = line.decode("utf-8").split()
            chinese = all("\u4e00" <= c <= "\u9fff" for c in word)
            if chinese and len(word) <= 4 and float(count) >= 20 and not kind.startswith("nr"):
                words.append(word)
                counts.append(float(count))
    return tuple(words), np.array(counts)


def syllable_keys(seq: PhoneSeq) -> list[str]:
    """The syllables of a phone string, tone included, as strings."""
    return [" ".join(p.token for p in g) for g in seq.syllables() if not g[0].is_pause]


@dataclass
class WordStrings:
    """Texts made of words: common words often, words with rare syllables more often than fair.

    `rejected` fills with the words that the dialect cannot read.
    """

    dialect: str
    seed: int
    rejected: list[Rejected] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        """An endless stream of texts, the same for the same seed, none of them a test text."""
        random = np.random.default_rng([self.seed, len(self.dialect), ord(self.dialect[0])])
        pool, weights = self._pool(random)
        heard: Counter[str] = Counter()
        kept = {_bare(t) for t in test_sentences(self.dialect)}
        words = list(pool)
        latin = self.dialect in LATIN
        order: list[int] = []
        while True:
            wanted = int(random.integers(3, 21))
            parts: list[str] = []
            run, total, limit = 0, 0, int(random.integers(4, 9))
            while total < wanted:
                if len(order) < _CHOICES:
                    order = random.choice(len(words), 4096, p=weights).tolist()
                drawn = [words[order.pop()] for _ in range(_CHOICES)]
                word = max(drawn, key=lambda w: _rarity(pool[w], heard))
                heard.update(pool[word])
                if run >= limit:
                    parts.append("，" if random.random() < 0.9 else "、")
                    run, limit = 0, int(random.integers(4, 9))
                parts.append(word)
                run += len(pool[word])
                total += len(pool[word])
            text = (" " if latin else "").join(parts)
            text += str(random.choice(FINAL_MARKS, p=(0.8, 0.12, 0.08)))
            text = _latin(text) if latin else text
            if _bare(text) not in kept:
                yield text

    def _pool(self, random: np.random.Generator) -> tuple[dict[str, list[str]], np.ndarray]:
        """Words with their syllables and how often each is offered."""
        words, counts = load_words(self.dialect)
        common = counts**0.6
        size = min(_POOL, len(words))
        drawn = random.choice(len(words), size, replace=False, p=common / common.sum())
        frontend = Frontend(self.dialect)
        pool: dict[str, list[str]] = {}
        weights: list[float] = []
        for index in drawn.tolist():
            try:
                pool[words[index]] = syllable_keys(frontend(words[index]))
            except TextError as error:
                self.rejected.append(Rejected(words[index], str(error)))
                continue
            weights.append(float(counts[index]) ** 0.4)
        return pool, np.array(weights) / sum(weights)


def _rarity(syllables: list[str], heard: Counter[str]) -> float:
    return sum(1 / (1 + heard[s]) for s in syllables) / len(syllables)


def _latin(text: str) -> str:
    return text.replace(" ，", ",").replace(" 、", ",").translate(_MARKS)


def _bare(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())
