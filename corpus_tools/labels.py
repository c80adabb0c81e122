"""From a transcript to phones, and phone strings of joined words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected
from diamoe.errors import NotationError, TextError, UnknownDialect, UnreadableText
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend, reads_han
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq, parse_phone
from diamoe.text.spoken import join_words
from diamoe.text.vocabulary import PhoneVocabulary

COMMA, FULL_STOP = "，", "。"
_BRACKETS = re.compile(r"[()（）\[\]【】<>《》〈〉{}/]")
_LATIN = re.compile(r"[A-Za-z]")
HAN = "CJK"
"""What the Unicode names of Chinese characters begin with."""


@dataclass(frozen=True)
class Label:
    """How a transcript is spoken: its phones, and its words with their numbers of syllables."""

    phones: PhoneSeq
    words: tuple[tuple[str, int], ...]


class Labeller:
    """Transcripts of one dialect to phones.

    Raises:
        Rejected: there is no such dialect.
    """

    def __init__(self, dialect: str, gap_mark: str = "", refuse: str = ""):
        try:
            self.is_chinese = bool(load_dialect(dialect).tones)
            self.frontend = Frontend(dialect)
        except UnknownDialect as error:
            raise Rejected("dialect", str(error)) from error
        self.dialect = dialect
        self.gap_mark = gap_mark
        self.refuse = re.compile(refuse) if refuse else None

    def transcript(self, utterance: Utterance) -> str:
        """What is read of an utterance: normal form, single spaces, no marks that are not spoken.

        Raises:
            Rejected: empty, refused by the corpus' entry, or it leaves open what was said.
        """
        text = " ".join(unicodedata.normalize("NFC", utterance.transcript).split())
        if not text and not utterance.phones:
            raise Rejected("empty text")
        if self.refuse is not None and self.refuse.search(text):
            raise Rejected("refused", text)
        if utterance.phones:
            return text
        if utterance.romanised:
            if text.startswith("_"):
                raise Rejected("interjection", text)
            return text
        text = self.spoken_text(text)
        self.check_script(text)
        return text

    def label(self, utterance: Utterance, text: str) -> Label:
        """Phones of what is said, ending in a full stop unless the text ends otherwise.

        Args:
            text: what `transcript` gave.

        Raises:
            Rejected: no reading, or given phones that the vocabulary does not hold.
        """
        try:
            if utterance.phones:
                return self._given(utterance.phones, text)
            if utterance.romanised:
                seq = finish(self.frontend.romanised(text))
                return Label(seq, ((text, syllable_count(seq)),))
            words = self.frontend.words(text)
        except UnreadableText as error:
            raise Rejected("no phones", str(error), error.character) from error
        except TextError as error:
            raise Rejected("no phones", str(error)) from error
        seq = finish(join_words(words, self.dialect))
        counts = ((w.text, sum(bool(s.phones) for s in w.syllables)) for w in words)
        return Label(seq, tuple((text, count) for text, count in counts if count))

    def phones(self, utterance: Utterance) -> PhoneSeq:
        """Both in one: the phones of an utterance.

        Raises:
            Rejected: as `transcript` and `label`.
        """
        return self.label(utterance, self.transcript(utterance)).phones

    def spoken_text(self, text: str) -> str:
        """The text without marks that are not spoken: `一边_一边_` becomes `一边，一边`.

        Raises:
            Rejected: brackets, slashes, or Latin letters amid Chinese: nobody noted how they
                were read.
        """
        if self.gap_mark:
            text = text.strip(self.gap_mark).replace(self.gap_mark, COMMA)
        if _BRACKETS.search(text):
            raise Rejected("brackets", text)
        if self.is_chinese and _LATIN.search(text) and HAN in scripts(text):
            raise Rejected("latin letters", text)
        return text

    def check_script(self, text: str) -> None:
        """Refuse texts that are mostly written in another script than the dialect's.

        Raises:
            Rejected: naming the scripts that were found.
        """
        found = scripts(text)
        if not found:
            return
        wanted = HAN if reads_han(self.dialect) else "LATIN"
        if 2 * found[wanted] < found.total():
            names = ", ".join(f"{name.title()} {n}" for name, n in found.most_common())
            raise Rejected("script", f"{text}: letters by script: {names}; wanted: {wanted}")

    def _given(self, phones: str, text: str) -> Label:
        seq = finish(PhoneSeq.parse(phones, self.dialect))
        PhoneVocabulary.default().encode(seq)
        return Label(seq, ((text, syllable_count(seq)),))


@lru_cache(maxsize=64)
def load_labeller(dialect: str, gap_mark: str, refuse: str) -> Labeller:
    """The labeller of a dialect, made once in every process."""
    return Labeller(dialect, gap_mark, refuse)


def scripts(text: str) -> Counter[str]:
    """Letters by script, as their Unicode names tell it.

    >>> scripts("你好 abc")
    Counter({'LATIN': 3, 'CJK': 2})
    """
    letters = (c for c in text if c.isalpha())
    return Counter(unicodedata.name(c, "UNNAMED").split()[0].split("-")[0] for c in letters)


def syllable_count(phones: PhoneSeq) -> int:
    """Syllables that take time.

    >>> syllable_count(PhoneSeq.parse("t ˈaᴴᴴ | ， | m a | 。", "putonghua"))
    2
    """
    count, open_syllable = 0, False
    for token in phones.tokens:
        sounds = token != SYLLABLE and not parse_phone(token).is_pause
        count += sounds and not open_syllable
        open_syllable = sounds
    return count


def bare(tokens: Sequence[str]) -> tuple[str, ...]:
    """Tokens without punctuation and boundaries at either end.

    >>> bare("t ˈaᴴᴴ | 。".split())
    ('t', 'ˈaᴴᴴ')
    """
    edge = (SYLLABLE, *PUNCTUATION)
    first, last = 0, len(tokens)
    while first < last and tokens[first] in edge:
        first += 1
    while last > first and tokens[last - 1] in edge:
        last -= 1
    return tuple(tokens[first:last])


def finish(seq: PhoneSeq) -> PhoneSeq:
    """Sentence punctuation at the end, nothing but speech at the start.

    >>> str(finish(PhoneSeq.parse("t ˈaᴴᴴ", "putonghua"))).endswith("| 。")
    True

    Raises:
        NotationError: no phones at all.
    """
    core = bare(seq.tokens)
    if not core:
        raise NotationError(f"no phones in {str(seq)!r}")
    marks = [t for t in seq.tokens[-2:] if t in PUNCTUATION]
    return PhoneSeq((*core, SYLLABLE, marks[-1] if marks else FULL_STOP), seq.dialect)


def join_phones(members: Sequence[PhoneSeq], commas: Sequence[bool]) -> PhoneSeq:
    """One utterance of several: a comma or a bare syllable boundary between, a full stop behind.

    Args:
        commas: for every gap but the last member's, whether it is heard as a pause.

    >>> a = PhoneSeq.parse("t ˈaᴴᴴ | 。", "putonghua")
    >>> str(join_phones([a, a, a], [True, False])) == (
    ...     str(PhoneSeq.parse("t ˈaᴴᴴ | ， | t ˈaᴴᴴ | t ˈaᴴᴴ | 。", "putonghua")))
    True
    """
    tokens: list[str] = list(bare(members[0].tokens))
    for member, comma in zip(members[1:], commas, strict=True):
        tokens += [SYLLABLE, COMMA, SYLLABLE] if comma else [SYLLABLE]
        tokens += bare(member.tokens)
    return PhoneSeq((*tokens, SYLLABLE, FULL_STOP), members[0].dialect)
