"""What the teacher's texts cover: phones of a dialect that are never spoken."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from corpus_tools.teacher.mnemonics import collapsed
from corpus_tools.teacher.texts import WordStrings, train_sentences
from diamoe.text.frontend import Frontend
from diamoe.text.phones import SYLLABLE, PhoneSeq
from diamoe.text.vocabulary import PhoneVocabulary


def count_phones(seqs: Iterable[PhoneSeq]) -> Counter[str]:
    """How often each token is spoken, `|` left out."""
    return Counter(t for seq in seqs for t in seq.tokens if t != SYLLABLE)


def train_phones(dialect: str, seed: int, strings: int) -> Counter[str]:
    """Tokens of a dialect's training sentences and of so many word strings."""
    frontend = Frontend(dialect)
    texts = [*train_sentences(dialect), *islice(WordStrings(dialect, seed), strings)]
    return count_phones(frontend(text) for text in texts)


def unspoken_phones(dialects: Iterable[str], seed: int = 1, strings: int = 400) -> list[str]:
    """Tokens of the vocabulary that no training text of these dialects holds."""
    spoken: set[str] = set()
    for dialect in dialects:
        spoken |= set(train_phones(dialect, seed, strings))
    return [t for t in PhoneVocabulary.default().tokens if t not in spoken and t != SYLLABLE]


def collapsed_phones(seqs: Iterable[PhoneSeq]) -> dict[str, str]:
    """The segments in these phone strings that the teacher approximates, and by what."""
    found: dict[str, str] = {}
    for seq in seqs:
        for phones in seq.syllables():
            if not phones[0].is_pause:
                found |= collapsed(tuple(p.segment for p in phones))
    return found
