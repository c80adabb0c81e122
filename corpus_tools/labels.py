"""From a transcript to phones, and phone strings of joined words."""

import re
from collections.abc import Sequence

from corpus_tools.recipes.utterance import Utterance
from corpus_tools.rejection import Rejected
from diamoe.errors import NotationError, TextError
from diamoe.text.dialect import load_dialect
from diamoe.text.frontend import Frontend
from diamoe.text.phones import PUNCTUATION, SYLLABLE, PhoneSeq

COMMA, FULL_STOP = "，", "。"
_BRACKETS = re.compile(r"[()（）\[\]【】<>《》〈〉/]")
_LATIN = re.compile(r"[A-Za-z]")


class Labeller:
    """Transcripts of one corpus to phones."""

    def __init__(self, dialect: str, gap_mark: str = "", refuse: str = ""):
        self.frontend = Frontend(dialect)
        self.gap_mark = gap_mark
        self.refuse = re.compile(refuse) if refuse else None
        self.is_chinese = bool(load_dialect(dialect).tones)

    def phones(self, utterance: Utterance) -> PhoneSeq:
        """Phones of what is said, ending in a full stop unless the text ends otherwise.

        Raises:
            Rejected: no reading, or a text that leaves open what was said.
        """
        if self.refuse is not None and self.refuse.search(utterance.transcript):
            raise Rejected("refused", utterance.transcript)
        try:
            if utterance.romanised:
                if utterance.romanised.startswith("_"):
                    raise Rejected("interjection", utterance.romanised)
                seq = self.frontend.romanised(utterance.romanised)
            else:
                seq = self.frontend(self.spoken_text(utterance.text))
        except TextError as error:
            raise Rejected("no phones", str(error)) from error
        return finish(seq)

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
        if self.is_chinese and _LATIN.search(text):
            raise Rejected("latin letters", text)
        return text


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
